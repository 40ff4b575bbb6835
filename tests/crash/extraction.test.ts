import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { extractFiles } from '@rootcellar/backup';
import { seededRandom } from '@rootcellar/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { extractionEntries } from './extraction-entries.ts';

const CHILD = join(import.meta.dirname, 'extraction-child.ts');
const SEED = process.env['ROOTCELLAR_SEED'] ?? new Date().toISOString().slice(0, 10);
const FILES = 300;
const SIZE_BYTES = 200_000;
const KILLS = 6;

let to: string;
beforeEach(async () => {
  to = await mkdtemp(join(tmpdir(), 'rootcellar-extraction-'));
});
afterEach(() => rm(to, { recursive: true }));

test(`an extraction that is killed has only whole files, and goes on from there (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  let killed = 0;
  for (let run = 0; run < KILLS; run += 1) {
    const child = spawn(process.execPath, ['--conditions=source', CHILD, to, `${FILES}`, `${SIZE_BYTES}`], {
      stdio: 'ignore',
    });
    const filesToWaitFor = sizes().length + 1 + random.below(FILES / KILLS);
    const watch = setInterval(() => {
      if (sizes().length >= filesToWaitFor) child.kill('SIGKILL');
    }, 1);
    const [, signal] = await once(child, 'exit');
    clearInterval(watch);
    if (signal === 'SIGKILL') killed += 1;
    expect(sizes().every((bytes) => bytes === SIZE_BYTES)).toBe(true);
  }
  expect(killed).toBeGreaterThan(1);
  const kept = sizes().length;
  const entries = extractionEntries(FILES, SIZE_BYTES);
  const done = await extractFiles({ entries, read: () => content(), to });
  expect(done).toMatchObject({ kept, files: FILES - kept });
  expect(sizes()).toHaveLength(FILES);
  expect(readdirSync(to)).toEqual(['HomeDomain']);
});

test.skipIf(process.platform === 'win32')(
  'a full disk gives an error, and no file that is half',
  async () => {
    const limitBlocks = Math.floor(SIZE_BYTES / 2 / 1024);
    const command = `ulimit -f ${limitBlocks}; exec "$0" --conditions=source "$@"`;
    const args = ['-c', command, process.execPath, CHILD, to, '3', `${SIZE_BYTES}`];
    const child = spawn('bash', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    expect((await text(child.stdout)).trim()).toBe('tree.disk-full');
    expect(sizes()).toEqual([]);
    expect(readdirSync(to)).toEqual(['HomeDomain']);
  },
);

/** Of the files under their final names. */
function sizes(): readonly number[] {
  const folder = join(to, 'HomeDomain');
  if (!existsSync(folder)) return [];
  const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return all.map((one) => statSync(join(one.parentPath, one.name)).size);
}

async function* content(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(SIZE_BYTES);
}
