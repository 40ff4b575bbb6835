import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import { backUpDevice, exportFolder, type Kept, vaultTarget } from '@rootcellar/operations';
import { describe, expect, test } from 'vitest';
import { hashesBelow } from '../hashes-below.ts';
import { liveADay, openStage, pairStage, setBackupPassword } from '../stage.ts';
import { isMissing } from './required-program.ts';
import { isPythonModuleMissing } from './required-python.ts';
import { runProgram } from './run-program.ts';

const PYTHON = '/usr/bin/python3';
const READER = join(import.meta.dirname, 'read_vault.py');
const PASSWORD = 'geheim';
const READER_MS_MAX = 120_000;
const IS_MISSING =
  isMissing('python3') ||
  isPythonModuleMissing(PYTHON, 'cryptography') ||
  isPythonModuleMissing(PYTHON, 'zstandard');

interface Answer {
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
}

/** Whoever wrote the reader knew the description of the vault, and nothing of this program or of restic. */
describe.skipIf(IS_MISSING).each<Kept>(['sealed', 'small'])(
  'a reader of vaults and a backup that is kept %s',
  (keep) => {
    test('it gives every file as the phone sent it, and takes no other password', async () => {
      const stage = await openStage();
      try {
        await pairStage(stage);
        await setBackupPassword(stage, { new: PASSWORD });
        const target = vaultTarget(stage.dataFolder, { keep });
        const backUp = () => backUpDevice({ ...stage, target, password: async () => new Secret(PASSWORD) });
        await backUp();
        liveADay(stage);
        await backUp();
        const key = (await readFile(join(stage.dataFolder, 'keys', stage.udid), 'utf8')).trim();
        const vault = join(stage.dataFolder, 'vaults', stage.udid);
        const read = (password: string) =>
          runProgram(PYTHON, [READER, vault], {
            env: { VAULT_PASSWORD: password },
            timeoutMs: READER_MS_MAX,
          });
        const { exitCode, stdout, output } = await read(key);
        if (exitCode !== 0) throw new Error(output);
        const answer: Answer = JSON.parse(stdout);
        const { folder } = await exportFolder({
          ...stage,
          what: 'latest',
          to: join(stage.folder, 'exported'),
        });
        const theirs = answer.files.map(
          ({ path, sha256 }) => [path.replace(`${stage.udid}/`, ''), sha256] as const,
        );
        expect(Object.fromEntries(theirs)).toEqual(await hashesBelow(folder));
        expect((await read('wrong')).exitCode).toBe(2);
      } finally {
        await stage.close();
      }
    });
  },
);
