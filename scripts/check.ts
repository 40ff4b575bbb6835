import { runTool } from './run-tool.ts';

/** One thing that must hold before a change is ready. */
interface Step {
  readonly name: string;
  readonly tool: string;
  readonly args: readonly string[];
  /** It tells something also when it succeeds. */
  readonly isReport?: boolean;
}

const FROM_SOURCE = '--conditions=source';

/** Quick ones first; types before whatever loads our own code. */
const STEPS: readonly Step[] = [
  { name: 'format and lint', tool: 'biome', args: ['check', '.'] },
  { name: 'types', tool: 'tsc', args: ['-b'] },
  { name: 'imports', tool: 'node', args: ['scripts/check-imports.ts'], isReport: true },
  { name: 'lock', tool: 'node', args: ['scripts/check-lock.ts'], isReport: true },
  { name: 'documents', tool: 'node', args: [FROM_SOURCE, 'scripts/check-docs.ts'], isReport: true },
  {
    name: 'errors page',
    tool: 'node',
    args: [FROM_SOURCE, 'scripts/build-docs.ts', '--check'],
    isReport: true,
  },
  { name: 'web app', tool: 'vite', args: ['build', 'apps/web', '--logLevel', 'warn'] },
  { name: 'first load', tool: 'node', args: ['scripts/first-load.ts'], isReport: true },
  { name: 'tidiness', tool: 'node', args: ['scripts/check-tidy.ts'], isReport: true },
];

/** Every check runs, also after one has failed: whoever mends wants to see all that is broken. */
const failed: string[] = [];
for (const { name, tool, args, isReport } of STEPS) {
  const startedAt = performance.now();
  const { exitCode, output } = await runTool(tool, args);
  if (exitCode !== 0) failed.push(name);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${exitCode === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(16)} ${seconds.padStart(5)} s`);
  if (exitCode !== 0 || isReport) console.log(output.trimEnd().replace(/^/gm, '          '));
}

console.log(failed.length === 0 ? '\nAll checks hold.' : `\nThese do not hold: ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
