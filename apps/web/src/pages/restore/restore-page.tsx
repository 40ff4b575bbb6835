export default function RestorePage(_props: Readonly<Record<string, unknown>>) {
  return <main id="main" />;
}
