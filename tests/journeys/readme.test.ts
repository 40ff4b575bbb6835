import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from '../interop/run-program.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test('after the first steps of the README the terminal knows every command that it shows', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const block = /npm ci && npm run build\n([\s\S]+?)```/.exec(readme)?.[1] ?? '';
  const [setUp, ...commands] = block
    .trim()
    .replace(/ *# .*$/gm, '')
    .split('\n');
  expect(commands.length).toBeGreaterThan(8);
  // What follows the words of the command is not looked at.
  const asked = commands.map((line) => `${/^rootcellar [a-z-]+/.exec(line)?.[0] ?? line} --help`);
  const script = [`cd '${ROOT}'`, setUp, 'cd /', ...asked].join(' && ');
  const { exitCode, output } = await runProgram('sh', ['-c', script], { env: { PATH: process.env['PATH'] } });
  expect(exitCode, output).toBe(0);
});
