export default function BackupsPage(_props: Readonly<Record<string, unknown>>) {
  return <main id="main" />;
}
