import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderTree, Secret } from '@rootcellar/core';
import { afterAll, describe, expect, it } from 'vitest';
import { exampleBackup } from './example-backup.ts';
import { openBackup, unlockBackup } from './open-backup.ts';

const FIXTURE = fileURLToPath(new URL('../../../tests/fixtures/backup-encrypted', import.meta.url));
const UDID = '00008120-0001A2B3C4D5E6F7';
const PASSWORD = new Secret('Boskoop & Söhne 7');
interface Expected {
  readonly fileID: string;
  readonly size: number;
  readonly sha256: string;
}
const expected: { readonly files: Record<string, Expected> } = JSON.parse(
  readFileSync(join(FIXTURE, 'expected-encrypted.json'), 'utf8'),
);

const folder = mkdtempSync(join(tmpdir(), 'rootcellar-open-'));
cpSync(join(FIXTURE, UDID), join(folder, UDID), { recursive: true });
const tree = folderTree(join(folder, UDID));
afterAll(() => rmSync(folder, { recursive: true }));

describe('an encrypted backup', () => {
  it('opens with its password, and each file is what it was', async () => {
    const keys = await unlockBackup(tree, PASSWORD);
    const backup = await openBackup(tree, { keys });
    try {
      const entries = [...backup.manifest.entries()].filter(({ kind }) => kind === 'file');
      expect(entries).toHaveLength(Object.keys(expected.files).length);
      for (const entry of entries) {
        const { fileID, sha256, size } = expected.files[`${entry.domain}-${entry.relativePath}`] as Expected;
        const endings: string[] = [];
        const content = await Array.fromAsync(
          backup.read(entry, { onEnd: (ending) => endings.push(ending) }),
        );
        expect(entry.fileID).toBe(fileID);
        expect(createHash('sha256').update(Buffer.concat(content)).digest('hex')).toBe(sha256);
        expect(endings).toEqual(['valid']);
        const part = await Array.fromAsync(backup.read(entry, { range: { start: 3, end: 40 } }));
        expect(Buffer.concat(part)).toHaveLength(Math.max(0, Math.min(size, 40) - 3));
      }
    } finally {
      await backup.close();
    }
  });

  it('leaves nothing in the folder or beside it', async () => {
    const before = readdirSync(join(folder, UDID), { recursive: true }).sort();
    const backup = await openBackup(tree, {
      keys: await unlockBackup(tree, PASSWORD),
      temporaryFolder: folder,
    });
    await backup.close();
    expect(readdirSync(join(folder, UDID), { recursive: true }).sort()).toEqual(before);
    expect(readdirSync(folder)).toEqual([UDID]);
  });

  it('refuses another password, and opens nothing without one', async () => {
    await expect(unlockBackup(tree, new Secret('Boskoop'))).rejects.toMatchObject({
      code: 'backup.password-wrong',
    });
    await expect(openBackup(tree)).rejects.toMatchObject({ code: 'backup.manifest-encrypted' });
  });

  it('can be told from a plain one', async () => {
    await expect(unlockBackup(await exampleBackup(), PASSWORD)).rejects.toMatchObject({
      code: 'backup.not-encrypted',
    });
  });
});
