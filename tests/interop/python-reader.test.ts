import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import { backUpDevice, listKeychain, readBackup } from '@rootcellar/operations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { liveADay, openStage, pairStage, type Stage, setBackupPassword } from '../stage.ts';
import { isMissing } from './required-program.ts';
import { isPythonModuleMissing } from './required-python.ts';
import { runProgram } from './run-program.ts';

/** Debian's, which has Debian's cryptography; other Pythons may come first in PATH. */
const PYTHON = '/usr/bin/python3';
const READER = join(import.meta.dirname, 'read_backup.py');
const FIXTURE = join(import.meta.dirname, '..', 'fixtures', 'backup-encrypted', '00008120-0001A2B3C4D5E6F7');
const PASSWORD = 'Æpfel im Keller 🍎';
const READER_MS_MAX = 120_000;

interface Answer {
  readonly files: readonly { readonly fileID: string; readonly sha256: string; readonly sizeBytes: number }[];
  readonly keychain: readonly { readonly state: string }[];
}

const read = (folder: string, password: string) =>
  runProgram(PYTHON, [READER, folder], { env: { BACKUP_PASSWORD: password }, timeoutMs: READER_MS_MAX });

/** Whoever wrote the reader knew the description of the format, and nothing of this program. */
describe
  .skipIf(isMissing('python3') || isPythonModuleMissing(PYTHON, 'cryptography'))
  .each(['12.5.7', '15.8.3', '17.6.1', '18.7.2', '26.1', '27.0'])(
  'a reader written from the description alone and a backup of iOS %s',
  (ios) => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await openStage({ ios });
      await pairStage(stage);
      await setBackupPassword(stage, { new: PASSWORD });
      await backUpDevice(stage);
      liveADay(stage);
      await backUpDevice(stage);
    });
    afterAll(() => stage.close());

    test('agrees with us on every file and every item of the keychain', async () => {
      const folder = join(stage.backups, stage.udid);
      const { exitCode, stdout, output } = await read(folder, PASSWORD);
      if (exitCode !== 0) throw new Error(output);
      const answer: Answer = JSON.parse(stdout);
      const theirs = new Map(answer.files.map(({ fileID, sha256 }) => [fileID, sha256]));
      expect(theirs).toEqual(await ourHashes(folder));
      expect(theirs.size).toBeGreaterThan(100);
      const keychain = await listKeychain({ what: folder, password: async () => new Secret(PASSWORD) });
      const states = keychain.items.map(({ state }) => state).sort();
      expect(answer.keychain.map(({ state }) => state).sort()).toEqual(states);
      expect(states).toContain('this-device-only');
    });

    test('is refused with another password', async () => {
      expect((await read(join(stage.backups, stage.udid), 'wrong')).exitCode).toBe(2);
    });
  },
);

test.skipIf(isPythonModuleMissing(PYTHON, 'cryptography'))(
  'that reader opens the fixture as well',
  async () => {
    const { stdout } = await read(FIXTURE, 'Boskoop & Söhne 7');
    const answer: Answer = JSON.parse(stdout);
    expect(answer.files).toHaveLength(7);
    expect(answer.keychain.map(({ state }) => state)).toEqual(['readable', 'this-device-only']);
  },
);

async function ourHashes(what: string): Promise<ReadonlyMap<string, string>> {
  return readBackup({ what, password: async () => new Secret(PASSWORD) }, async ({ backup }) => {
    const hashes = new Map<string, string>();
    for (const entry of backup.manifest.entries()) {
      if (entry.kind !== 'file') continue;
      const hash = createHash('sha256');
      for await (const piece of backup.read(entry)) hash.update(piece);
      hashes.set(entry.fileID, hash.digest('hex'));
    }
    return hashes;
  });
}
