export default function FirstVisitPage(_props: Readonly<Record<string, unknown>>) {
  return <main id="main" />;
}
