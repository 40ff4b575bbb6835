export default function SettingsPage(_props: Readonly<Record<string, unknown>>) {
  return <main id="main" />;
}
