import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asDict, parsePropertyList } from '@rootcellar/codecs';
import { Secret } from '@rootcellar/core';
import { backUpDevice, readEncryptionStatus, restoreDevice } from '@rootcellar/operations';
import { compareInventories, type Inventory, takeInventory } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eraseAndPair, liveADay, openStage, pairStage, type Stage, setBackupPassword } from '../stage.ts';
import { isMissing } from './required-program.ts';
import { type ProgramRun, runProgram } from './run-program.ts';

/** Differs between two backups of the same phone, because time passes and a key is drawn for each list of files. */
const DRAWN_ANEW: Readonly<Record<string, readonly string[]>> = {
  'Status.plist': ['UUID', 'Date'],
  'Manifest.plist': ['Date', 'ManifestKey'],
  'Info.plist': ['GUID', 'Last Backup Date'],
};
const SAME = { missing: [], added: [], changed: [] };

/** Debian's client sleeps 100 ms in every TLS handshake, and makes some thirty. */
const CLIENT_MS_MAX = 120_000;

/** It answers with the negative of the phone's error code, of which a shell sees one byte. */
const exitCodeOf = (errorCode: number): number => 256 - errorCode;

const [FIRST, SECOND, THIRD] = ['geheim', 'Æpfel im Keller 🍎', 'drittes'];

describe.skipIf(isMissing('idevicebackup2')).each(['12.5.7', '17.6.1', '26.1'])(
  'two programs that share no code and an iPhone with iOS %s whose backups are encrypted',
  (ios) => {
    let stage: Stage;
    let theirs: string;
    let original: Inventory;

    const idevicebackup2 = (...args: readonly string[]): Promise<ProgramRun> =>
      runProgram('idevicebackup2', [...args, theirs], { env: stage.env, timeoutMs: CLIENT_MS_MAX });
    const succeeds = async (...args: readonly string[]): Promise<string> => {
      const { exitCode, output } = await idevicebackup2(...args);
      if (exitCode !== 0) throw new Error(`idevicebackup2 ${args[0]} ended with ${exitCode}:\n${output}`);
      return output;
    };
    const inventory = () => takeInventory(stage.phone, { encrypted: true });
    const isEncrypted = async () => (await readEncryptionStatus(stage)).encrypted;

    beforeAll(async () => {
      stage = await openStage({ ios });
      theirs = join(stage.folder, 'theirs');
      await mkdir(theirs);
      await pairStage(stage);
    });
    afterAll(() => stage.close());

    test('they switch it on', async () => {
      expect(await succeeds('encryption', 'on', FIRST)).toContain(
        'Backup encryption has been enabled successfully.',
      );
      expect(await isEncrypted()).toBe(true);
      expect((await idevicebackup2('encryption', 'on', FIRST)).output).toContain('is already enabled');
    });

    test('both back up to equal files', async () => {
      await backUpDevice(stage);
      expect(await succeeds('backup', '--full')).toContain('Backup Successful.');
      const [our, their] = [
        await digestOf(join(stage.backups, stage.udid)),
        await digestOf(join(theirs, stage.udid)),
      ];
      expect(their).toEqual(our);
      expect(Object.keys(our).length).toBeGreaterThan(420);
    });

    test('and to equal files after a day on the phone', async () => {
      liveADay(stage);
      const { changedFiles } = await backUpDevice(stage);
      expect(await succeeds('backup')).toContain('Backup Successful.');
      expect(changedFiles).toBeLessThan(20);
      expect(await digestOf(join(theirs, stage.udid))).toEqual(
        await digestOf(join(stage.backups, stage.udid)),
      );
    });

    test.skipIf(isMissing('python3'))('which Python opens as the format says', async (context) => {
      const script = join(stage.folder, 'open.py');
      await writeFile(script, OPEN_BACKUP);
      const { exitCode, stdout, output } = await runProgram('python3', [
        script,
        join(theirs, stage.udid),
        FIRST,
      ]);
      if (exitCode === 77) context.skip('python3-cryptography is not there');
      if (exitCode !== 0) throw new Error(output);
      const { files, faults, passwords } = JSON.parse(stdout);
      expect(faults).toEqual([]);
      expect(files).toBeGreaterThan(165);
      expect(passwords).toContain('Café Zürich');
      const wrong = await runProgram('python3', [script, join(theirs, stage.udid), 'wrong']);
      expect(wrong.output).toContain('InvalidUnwrap');
    });

    test('they change the password, but only if they know it', async () => {
      expect(await idevicebackup2('changepw', 'wrong', SECOND)).toMatchObject({
        exitCode: exitCodeOf(207),
        output: expect.stringContaining('Invalid password (MBErrorDomain/207)'),
      });
      expect(await succeeds('changepw', FIRST, SECOND)).toContain('has been changed successfully');
      await backUpDevice(stage);
      await succeeds('backup');
      original = await inventory();
    });

    test('neither restores with a wrong password, and nothing is changed by it', async () => {
      const run = await idevicebackup2('restore', '--system', '--settings', '--remove', '--password', FIRST);
      expect(run).toMatchObject({ exitCode: exitCodeOf(207) });
      expect(run.output).toContain('MKBKeyBagUnlock error (-3)');
      const ours = restoreDevice({
        ...stage,
        what: theirs,
        password: new Secret(FIRST),
        consent: async () => true,
      });
      await expect(ours).rejects.toMatchObject({ report: { code: 'mobilebackup2.wrong-password' } });
      expect(compareInventories(original, await inventory())).toEqual(SAME);
    });

    test('each restores what the other wrote, passwords and all', async () => {
      await eraseAndPair(stage);
      expect(compareInventories(original, await inventory())).not.toEqual(SAME);
      await restoreDevice({
        ...stage,
        what: theirs,
        password: new Secret(SECOND),
        consent: async () => true,
      });
      expect(compareInventories(original, await inventory())).toEqual(SAME);

      await eraseAndPair(stage);
      const { exitCode, output } = await runProgram(
        'idevicebackup2',
        ['restore', '--system', '--settings', '--remove', '--password', SECOND, stage.backups],
        { env: stage.env, timeoutMs: CLIENT_MS_MAX },
      );
      expect(output).toContain('Restore Successful.');
      expect(exitCode).toBe(0);
      await restarted(stage);
      expect(compareInventories(original, await inventory())).toEqual(SAME);
      expect(await isEncrypted()).toBe(true);
    });

    test('we change the password, and they switch encryption off with it', async () => {
      await setBackupPassword(stage, { old: SECOND, new: THIRD });
      expect(await idevicebackup2('encryption', 'off', SECOND)).toMatchObject({ exitCode: exitCodeOf(207) });
      stage.phone.condition.requiresEncryption = true;
      const refused = await idevicebackup2('encryption', 'off', THIRD);
      expect(refused.output).toContain('Encrypted Backup MDM setting present on device');
      stage.phone.condition.requiresEncryption = false;
      expect(await succeeds('encryption', 'off', THIRD)).toContain('has been disabled successfully');
      expect(await isEncrypted()).toBe(false);
    });
  },
);

/** Every file of a backup: its hash, or for the control files what must be equal of it. */
async function digestOf(folder: string): Promise<Record<string, unknown>> {
  const digest: Record<string, unknown> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const name = join(entry.parentPath, entry.name).slice(folder.length + 1);
    if (entry.isDirectory()) digest[`${name}/`] = 'folder';
    else digest[name] = describeFile(name, await readFile(join(folder, name)));
  }
  return digest;
}

function describeFile(name: string, bytes: Uint8Array): unknown {
  // Equal in what it lists, but each under its own key: only its length can be compared.
  if (name === 'Manifest.db') return bytes.length;
  const drawnAnew = DRAWN_ANEW[name];
  if (drawnAnew === undefined) return createHash('sha256').update(bytes).digest('hex');
  const dict = { ...asDict(parsePropertyList(bytes)) };
  for (const key of drawnAnew) {
    expect(dict[key]).toBeDefined();
    delete dict[key];
  }
  return dict;
}

/** The phone is gone for two seconds after a restore, and then as the backup says. */
async function restarted({ phone }: Stage): Promise<void> {
  await expect.poll(() => phone.condition.restorePending, { timeout: 20_000 }).toBe(false);
  await expect.poll(() => phone.presence.connections.length, { timeout: 20_000 }).toBe(1);
}

/** An independent reader: Python's standard library, and `cryptography`, which wraps keys by itself. */
const OPEN_BACKUP = `
import hashlib, json, os, plistlib, sqlite3, struct, sys, tempfile
try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.keywrap import aes_key_unwrap
    from cryptography.hazmat.primitives.padding import PKCS7
except ImportError:
    sys.exit(77)
folder, password = sys.argv[1], sys.argv[2]
def read(*names):
    with open(os.path.join(folder, *names), 'rb') as file: return file.read()
manifest = plistlib.loads(read('Manifest.plist'))
bag, header, groups, at = manifest['BackupKeyBag'], {}, [], 0
while at < len(bag):
    tag, size = bag[at:at + 4].decode(), struct.unpack('>I', bag[at + 4:at + 8])[0]
    value, at = bag[at + 8:at + 8 + size], at + 8 + size
    if tag == 'UUID' and 'UUID' in header: groups.append({})
    (groups[-1] if groups else header)[tag] = value
number = lambda value: struct.unpack('>I', value)[0]
lock = hashlib.pbkdf2_hmac('sha256', password.encode(), header['DPSL'], number(header['DPIC']), 32)
lock = hashlib.pbkdf2_hmac('sha1', lock, header['SALT'], number(header['ITER']), 32)
classes = {number(g['CLAS']): aes_key_unwrap(lock, g['WPKY']) for g in groups if number(g['WRAP']) == 2}
def unlock(classed): return aes_key_unwrap(classes[struct.unpack('<I', classed[:4])[0]], classed[4:])
def decrypt(data, key):
    opened = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).decryptor()
    pad = PKCS7(128).unpadder()
    return pad.update(opened.update(data) + opened.finalize()) + pad.finalize()
with tempfile.NamedTemporaryFile() as copy:
    copy.write(decrypt(read('Manifest.db'), unlock(manifest['ManifestKey'])))
    copy.flush()
    rows = sqlite3.connect(copy.name).execute('SELECT fileID, domain, relativePath, flags, file FROM Files').fetchall()
files, faults, passwords = 0, [], []
for fileID, domain, path, flags, blob in rows:
    if flags != 1: continue
    objects = plistlib.loads(blob)['$objects']
    record, stored = objects[1], read(fileID[:2], fileID)
    plain = decrypt(stored, unlock(objects[record['EncryptionKey'].data]['NS.data']))
    files += 1
    if len(plain) != record['Size']: faults.append([domain, path, 'size'])
    if 'Digest' in record and objects[record['Digest'].data] != hashlib.sha1(stored).digest(): faults.append([domain, path, 'digest'])
    if domain == 'KeychainDomain':
        for item in plistlib.loads(plain)['genp']:
            data = item['v_Data']
            version, kind, size = struct.unpack('<III', data[:12])
            if kind not in classes: continue
            counter = Cipher(algorithms.AES(aes_key_unwrap(classes[kind], data[12:12 + size])), modes.CTR(bytes(15) + b'\\x01')).decryptor()
            text = counter.update(data[12 + size:-16])
            if b'AirPort' in text: passwords.append(text.split(b'acct\\x0c')[1][1:][:text.split(b'acct\\x0c')[1][0]].decode())
print(json.dumps({'files': files, 'faults': faults, 'passwords': passwords}))
`;
