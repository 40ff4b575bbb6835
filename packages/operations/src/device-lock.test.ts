import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDevice, readBootID } from './device-lock.ts';

let dataFolder: string;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'rootcellar-lock-'));
});
afterEach(() => rm(dataFolder, { recursive: true }));

const lock = (udid = 'A', operation = 'backup') => lockDevice({ dataFolder, udid, operation });
const leave = async (content: string) => {
  await (await lock())();
  await writeFile(join(dataFolder, 'locks', 'A.1.lock'), content);
};
/** No process has this number: Linux ends at 2^22. */
const NOBODY = 2 ** 30;

test('a second operation on the same phone is told who holds it', async () => {
  const release = await lock('A', 'restore');
  await expect(lock()).rejects.toMatchObject({
    code: 'operation.device-busy',
    happened: expect.stringMatching(
      `with this iPhone \\(restore\\): process ${process.pid} on ${hostname()}, since 20[0-9: -]{14} UTC`,
    ),
  });
  await release();
  await (await lock())();
});

test('another phone is another lock', async () => {
  const releases = [await lock('A'), await lock('B')];
  for (const release of releases) await release();
  for (const release of [await lock('A'), await lock('B')]) await release();
  expect(await readdir(join(dataFolder, 'locks'))).toEqual(['A.2.lock', 'B.2.lock']);
});

test.each([
  [
    'of a process that is gone',
    async () => ({ pid: NOBODY, bootID: await readBootID(), operation: 'backup' }),
  ],
  ['of before a restart', async () => ({ pid: process.pid, bootID: 'another', operation: 'backup' })],
])('a lock %s is taken over', async (_, holder) => {
  await leave(JSON.stringify(await holder()));
  await (await lock())();
});

test.each(['', '{', '[]', '"text"', '{"pid":"1"}'])('a lock that says %j is taken over', async (content) => {
  await leave(content);
  const release = await lock();
  expect(JSON.parse(await readFile(join(dataFolder, 'locks', 'A.2.lock'), 'utf8'))).toMatchObject({
    pid: process.pid,
  });
  await release();
});

test('of many who find a claim of a dead process, one takes over', async () => {
  await leave(JSON.stringify({ pid: NOBODY, bootID: 'another', operation: 'backup' }));
  const attempts = await Promise.allSettled(Array.from({ length: 50 }, () => lock()));
  expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await readdir(join(dataFolder, 'locks'))).toEqual(['A.2.lock']);
});

test('of many who come and go, never two hold it', async () => {
  let holders = 0;
  let served = 0;
  const come = async () => {
    for (;;) {
      const release = await lock().catch(() => undefined);
      if (release === undefined) continue;
      holders += 1;
      expect(holders).toBe(1);
      served += 1;
      await new Promise((resolve) => setImmediate(resolve));
      holders -= 1;
      return release();
    }
  };
  await Promise.all(Array.from({ length: 20 }, come));
  expect(served).toBe(20);
});
