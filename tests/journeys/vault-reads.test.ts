import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ByteRange, Secret, type TreePath, type WritableTree } from '@rootcellar/core';
import { type BackupTarget, backUpDevice, type Kept, vaultTarget } from '@rootcellar/operations';
import { liveDays } from '@rootcellar/simulator';
import { faultyStorage, type Storage } from '@rootcellar/vault';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, pairStage, type Stage, setBackupPassword } from '../stage.ts';

const PASSWORD = 'Most und Wein';
const password = async () => new Secret(PASSWORD);

describe.each<[what: string, encrypted: boolean, keep: Kept]>([
  ['a plain phone', false, 'sealed'],
  ['an encrypted phone, kept small', true, 'small'],
])('the second backup of %s', (_, encrypted, keep) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ profile: 'family:16' });
    await pairStage(stage);
    if (encrypted) await setBackupPassword(stage, { new: PASSWORD });
    await backUpDevice({ ...stage, target: vaultTarget(stage.dataFolder, { keep }), password });
    await liveDays(stage.phone, 1);
  });
  afterAll(() => stage.close());

  test('reads from the vault what the phone asks for and the files that describe the backup, no more', async () => {
    const read = new Map<string, number>();
    const asked = new Map<string, number>();
    const watch = (storage: Storage) => countingStorage(storage, read);
    const target = vaultTarget(stage.dataFolder, { keep, watch });
    await backUpDevice({ ...stage, target: countingTarget(target, asked), password });
    const names = [...asked.keys()].map((path) => path.slice(path.indexOf('/') + 1));
    expect(names.sort()).toEqual(['Manifest.db', 'Manifest.plist', 'Status.plist']);
    const { data = 0, ...others } = Object.fromEntries(read);
    const askedBytes = [...asked.values()].reduce((sum, bytes) => sum + bytes, 0);
    expect(data).toBeGreaterThan(0);
    expect(data).toBeLessThan(askedBytes);
    // That is what they are without compression; as they lie there it is much less, and one photo would be more.
    expect(data).toBeLessThan((await vaultBytes()) * 0.02);
    expect(others['index']).toBeLessThan(data);
  });

  async function vaultBytes(): Promise<number> {
    const folder = join(stage.dataFolder, 'vaults', stage.udid);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const sizes = entries.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size);
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }
});

function add(sums: Map<string, number>, name: string, bytes: number): void {
  sums.set(name, (sums.get(name) ?? 0) + bytes);
}

/** Adds up what is read, by folder. */
function countingStorage(storage: Storage, read: Map<string, number>): Storage {
  return faultyStorage(storage, {
    lie: ({ name }, bytes) => {
      add(read, name.split('/')[0] ?? '', bytes.length);
      return bytes;
    },
  });
}

/** Adds up what the phone reads, by path. */
function countingTarget(target: BackupTarget, asked: Map<string, number>): BackupTarget {
  return {
    ...target,
    open: async (options) => {
      const unfinished = await target.open(options);
      const served: WritableTree = Object.assign(Object.create(unfinished.served), {
        async *read(path: TreePath, range?: ByteRange) {
          for await (const piece of unfinished.served.read(path, range)) {
            add(asked, path, piece.length);
            yield piece;
          }
        },
      });
      return Object.assign(Object.create(unfinished), { served });
    },
  };
}
