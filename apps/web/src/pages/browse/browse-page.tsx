export default function BrowsePage(_props: Readonly<Record<string, unknown>>) {
  return <main id="main" />;
}
