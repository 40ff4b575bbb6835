import { arch, cpus, platform } from 'node:os';
import { basename } from 'node:path';
import { filesMatching } from './repository.ts';
import { runNamed } from './run-named.ts';
import { runTool } from './run-tool.ts';

/**
 * Measurements, each run by its name: `npm run bench -- NAME`. A name is a file in `bench/`, or a package that
 * has `*.bench.ts` beside its code.
 */
const journeys = filesMatching('bench/*.ts').map((path) => [basename(path, '.ts'), path] as const);
const packages = filesMatching('packages/*/src/**/*.bench.ts').map((path) => {
  const folder = path.split('/').slice(0, 2).join('/');
  return [basename(folder), folder] as const;
});
const files = new Map([...packages, ...journeys]);
const name = process.argv[2];
const path = name === undefined ? undefined : files.get(name);

if (path !== undefined) {
  // A number without its machine and date says nothing.
  const date = new Date().toISOString().slice(0, 10);
  console.log(
    `${date}, Node ${process.version}, ${platform()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model}`,
  );
}
if (path?.startsWith('packages/')) {
  const { exitCode } = await runTool('vitest', ['bench', '--run', '--project', 'unit (bench)', path], {
    show: true,
  });
  process.exitCode = exitCode;
} else await runNamed({ kind: 'bench', files, name });
