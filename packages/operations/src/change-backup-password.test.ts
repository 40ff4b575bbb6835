import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Secret } from '@rootcellar/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changeBackupPassword } from './change-backup-password.ts';
import { verifyDeviceBackup } from './verify-device-backup.ts';

const FIXTURE = fileURLToPath(new URL('../../../tests/fixtures/backup-encrypted', import.meta.url));
const UDID = '00008120-0001A2B3C4D5E6F7';
const OLD = new Secret('Boskoop & Söhne 7');
const NEW = new Secret('Gravensteiner 8');

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'rootcellar-password-'));
  cpSync(join(FIXTURE, UDID), join(home, UDID), { recursive: true });
});
afterEach(() => rmSync(home, { recursive: true }));

/** Name and hash of every file. */
function files(): Record<string, string> {
  const names = readdirSync(home, { recursive: true, encoding: 'utf8' });
  const paths = names.filter((name) => statSync(join(home, name)).isFile());
  return Object.fromEntries(paths.sort().map((name) => [name, sha256(readFileSync(join(home, name)))]));
}
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const change = (oldPassword: Secret, newPassword: Secret) =>
  changeBackupPassword({ what: home, dataFolder: join(home, 'data'), oldPassword, newPassword });
const verify = (password: Secret) => verifyDeviceBackup(home, { password: async () => password });

describe('a new password for a backup folder', () => {
  test('opens everything, the old one nothing, and no other file changed', async () => {
    const before = files();
    await change(OLD, NEW);
    expect(await verify(NEW)).toMatchObject({ verdict: 'whole-but-old', files: 7, age: { isLongAgo: true } });
    await expect(verify(OLD)).rejects.toMatchObject({ report: { code: 'backup.password-wrong' } });
    rmSync(join(home, 'data'), { recursive: true });
    const after = files();
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(changed).toEqual([`${UDID}/Manifest.plist`]);
    expect(Object.keys(after)).toEqual(Object.keys(before));
  });

  test('is noted in the hashes of what arrived, so that nobody calls it damage', async () => {
    const lines = Object.entries(files()).map(([name, hash]) => `${hash}  ${name}\n`);
    writeFileSync(join(home, `${UDID}.sha256`), lines.join(''));
    expect((await verify(OLD)).checkedBy).toEqual({ digest: 7, structure: 0, length: 0 });
    await change(OLD, NEW);
    expect(await verify(NEW)).toMatchObject({
      verdict: 'whole-but-old',
      checkedBy: { digest: 7 },
      findings: [],
    });
    const plist = readFileSync(join(home, UDID, 'Manifest.plist'));
    const hashes = readFileSync(join(home, `${UDID}.sha256`), 'utf8');
    expect(hashes).toContain(`${sha256(plist)}  ${UDID}/Manifest.plist\n`);
  });

  test.each([
    ['the old one is wrong', new Secret('wrong'), NEW, 'backup.password-wrong'],
    ['the new one is empty', OLD, new Secret(''), 'operation.password-empty'],
  ])('changes nothing when %s', async (_, oldPassword, newPassword, code) => {
    const before = files();
    await expect(change(oldPassword, newPassword)).rejects.toMatchObject({
      report: { code, dataState: 'unchanged' },
    });
    rmSync(join(home, 'data'), { recursive: true, force: true });
    expect(files()).toEqual(before);
  });
});
