export default function ActivityPage(_props: Readonly<Record<string, unknown>>) {
  return <main id="main" />;
}
