import { runTool } from './run-tool.ts';

/** In their order: each needs what those before it have made. */
const STEPS = [
  ['tsc', '-b'],
  ['rolldown', '--config', 'apps/cli/rolldown.config.ts'],
  ['vite', 'build', 'apps/web', '--logLevel', 'warn'],
] as const;

/** Builds library, program and web app. @returns whether all of it could be built; what could not be has said why */
export async function buildAll(): Promise<boolean> {
  for (const [tool, ...args] of STEPS) {
    const { exitCode, output } = await runTool(tool, args);
    if (exitCode === 0) continue;
    console.error(output);
    return false;
  }
  return true;
}

if (import.meta.main) process.exitCode = (await buildAll()) ? 0 : 1;
