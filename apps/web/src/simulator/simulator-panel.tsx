export default function SimulatorPanel(_props: Readonly<Record<string, unknown>>) {
  return <main id="main" />;
}
