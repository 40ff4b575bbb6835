import { runTool } from '../scripts/run-tool.ts';

/** Whoever changes something runs `tsc -b` and then a test: what the test starts must not be what was built before. */
export async function setup(): Promise<void> {
  const { exitCode, output } = await runTool('rolldown', ['--config', 'apps/cli/rolldown.config.ts']);
  if (exitCode !== 0) throw new Error(`The program cannot be built into few files:\n${output}`);
}
