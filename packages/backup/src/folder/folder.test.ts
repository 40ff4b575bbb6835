import { encodeBinaryPlist, type PlistDict, PlistUid } from '@rootcellar/codecs';
import { memoryTree, treePath } from '@rootcellar/core';
import { describe, expect, it } from 'vitest';
import { EXAMPLE_UDID, exampleBackup, write } from '../example-backup.ts';
import { blobPath, fileIDOf } from './blob-path.ts';
import { readInfo } from './info.ts';
import { readManifestPlist } from './manifest-plist.ts';
import { readStatus } from './status.ts';

describe('fileIDOf', () => {
  it.each([
    ['HomeDomain', '', '70765829101933f25994c71bbee6dfd685535bff'],
    ['HomeDomain', 'Library/SMS/sms.db', '3d0d7e5fb2ce288813306e4d4636395e047a3d28'],
    [
      'AppDomain-com.example.app',
      'Documents/naïve ünïcode 文件.txt',
      '09c7a68d606c035f5376fd614d1606ccee28cf25',
    ],
  ])('names %s-%s as devices do', (domain, relativePath, fileID) => {
    expect(fileIDOf(domain, relativePath)).toBe(fileID);
  });

  it('keeps two spellings of an accent apart', () => {
    expect(fileIDOf('HomeDomain', '\u00e4')).not.toBe(fileIDOf('HomeDomain', 'a\u0308'));
  });
});

describe('blobPath', () => {
  it('puts a blob into the folder of its first two digits', () => {
    const fileID = '3d0d7e5fb2ce288813306e4d4636395e047a3d28';
    expect(blobPath(fileID)).toBe(`3d/${fileID}`);
  });

  it.each(['', '../../etc/passwd', '3D0D7E5FB2CE288813306E4D4636395E047A3D28', `${'a'.repeat(40)}\n`, 'ab'])(
    'refuses %j',
    (text) => {
      expect(() => blobPath(text)).toThrow(expect.objectContaining({ code: 'backup.file-id-invalid' }));
    },
  );
});

describe('the three property lists of a backup', () => {
  it('are read, and unknown keys are kept aside', async () => {
    const tree = await exampleBackup();
    const info = await readInfo(tree);
    expect(info).toMatchObject({
      deviceName: 'Orchard',
      targetIdentifier: EXAMPLE_UDID,
      productType: undefined,
    });
    expect(info.others).toEqual(Object.assign(Object.create(null), { Weather: 'fine' }));
    expect(await readStatus(tree)).toMatchObject({
      snapshotState: 'finished',
      isFullBackup: true,
      version: '3.3',
    });
    const manifest = await readManifestPlist(tree);
    expect(manifest).toMatchObject({ isEncrypted: false, lockdown: { uniqueDeviceID: EXAMPLE_UDID } });
  });

  it('may lack every key, and hold values of another type', async () => {
    const odd: PlistDict = { IsEncrypted: 'yes', Date: 7, Lockdown: [], uid: new PlistUid(1) };
    const tree = await exampleBackup({ manifestPlist: odd, status: {} });
    expect(await readManifestPlist(tree)).toMatchObject({ isEncrypted: false, date: undefined, others: odd });
    expect(await readStatus(tree)).toMatchObject({ snapshotState: undefined, backupState: undefined });
  });

  it('are missing, empty or damaged, each by name', async () => {
    const tree = memoryTree();
    const path = treePath('Status.plist');
    await expect(readStatus(tree)).rejects.toMatchObject({ code: 'backup.plist-missing' });
    await write(tree, path, new Uint8Array());
    await expect(readStatus(tree)).rejects.toMatchObject({ code: 'backup.plist-empty' });
    for (const bytes of [Buffer.from('not a list'), encodeBinaryPlist(['no dictionary'])]) {
      await write(tree, path, bytes);
      await expect(readStatus(tree)).rejects.toMatchObject({ code: 'backup.plist-damaged' });
    }
  });
});
