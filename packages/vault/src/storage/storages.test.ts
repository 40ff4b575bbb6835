import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { faultyStorage } from './faulty-storage.ts';
import { folderStorage } from './folder-storage.ts';
import { memoryStorage } from './memory-storage.ts';
import { patientStorage } from './patient-storage.ts';
import { describeStorage } from './storage-contract.ts';

const temporary: string[] = [];
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-storage-'));
  temporary.push(folder);
  return folder;
}
afterAll(async () => {
  for (const folder of temporary) await rm(folder, { recursive: true, force: true });
});

describeStorage('memory', async () => memoryStorage());
describeStorage('a folder', async () => folderStorage(join(await temporaryFolder(), 'not/made/yet')));
describeStorage('a faulty one that behaves', async () => faultyStorage(memoryStorage(), {}));
describeStorage('a patient one', async () => patientStorage(memoryStorage()));

const ID = 'ab'.repeat(32);

describe('a storage in memory', () => {
  test('can be full', async () => {
    const storage = memoryStorage({ capacityBytes: 5 });
    await storage.put('config', Buffer.from('12345'));
    await expect(storage.put(`keys/${ID}`, Buffer.from('6'))).rejects.toMatchObject({
      code: 'storage.full',
      retry: 'after-action',
    });
  });
});

describe('a storage in a folder', () => {
  test('leaves nothing beside what was put, and passes over what it did not put', async () => {
    const folder = await temporaryFolder();
    const storage = folderStorage(folder);
    await storage.put(`data/${ID}`, Buffer.from('pack'));
    await storage.put('config', Buffer.from('config'));
    await writeFile(join(folder, 'data', 'ab', '.unfinished-0123'), 'half');
    await writeFile(join(folder, 'data', 'readme'), 'half');
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(
      ['config', 'data', 'data/ab', 'data/ab/.unfinished-0123', `data/ab/${ID}`, 'data/readme'].sort(),
    );
    expect(await Array.fromAsync(storage.list('data'))).toEqual([{ id: ID, sizeBytes: 4 }]);
  });

  test('makes a folder again that another program removed, but not the whole vault', async () => {
    const folder = await temporaryFolder();
    const storage = folderStorage(join(folder, 'vault'));
    await storage.put(`index/${ID}`, Buffer.from('index'));
    await rm(join(folder, 'vault', 'index'), { recursive: true });
    await storage.put(`index/${ID}`, Buffer.from('again'));
    expect(await storage.stat(`index/${ID}`)).toEqual({ sizeBytes: 5 });
    await rm(join(folder, 'vault'), { recursive: true });
    await expect(storage.put(`index/${ID}`, Buffer.from('lost'))).rejects.toMatchObject({
      code: 'storage.not-found',
    });
  });

  test('says so when a file stands where its folder should be', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    await expect(folderStorage(file).put('config', Buffer.from('x'))).rejects.toMatchObject({
      code: 'storage.not-a-vault',
    });
  });
});
