import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import {
  backUpDevice,
  type ClosedVault,
  checkPhoneVault,
  createVault,
  importFolder,
  listKeptSnapshots,
  listVaults,
  recoveryKit,
  vaultLibrary,
  vaultTarget,
  verifyDeviceBackup,
} from '@rootcellar/operations';
import { createRepository, faultyStorage, folderStorage, storageError } from '@rootcellar/vault';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openStage, pairStage, type Stage } from '../stage.ts';

const OTHER_UDID = '00008120-000123456789001E';

describe('a vault in another folder', () => {
  let stage: Stage;
  let disk: string;
  let place: string;
  const backUp = () => backUpDevice({ ...stage, target: vaultTarget(stage.dataFolder) });
  const create = (location: string, adopt = false, udid: string | undefined = stage.udid) =>
    createVault({ dataFolder: stage.dataFolder, udid, location, adopt });
  const fails = (work: Promise<unknown>, code: string) =>
    expect(work).rejects.toMatchObject({ report: { code, dataState: 'unchanged' } });

  beforeAll(async () => {
    stage = await openStage();
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
    disk = join(stage.folder, 'disk');
    place = join(disk, 'of-ann');
  });
  afterAll(() => stage.close());

  test('is not made among other things', async () => {
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'holiday.txt'), 'apples');
    await fails(create(place), 'storage.not-a-vault');
    await rm(join(place, 'holiday.txt'));
    expect(await readdir(place)).toEqual([]);
    expect(await listVaults(stage.dataFolder)).toEqual([]);
  });

  test('takes the backups of its phone from then on', async () => {
    expect(await create(place)).toMatchObject({ location: place, snapshots: 0 });
    const { snapshot } = await backUp();
    expect(await listKeptSnapshots(stage.dataFolder)).toMatchObject([{ id: snapshot }]);
    expect(await readdir(place)).toContain('config');
    expect(existsSync(join(stage.dataFolder, 'vaults', stage.udid))).toBe(false);
    const { html } = await recoveryKit({ dataFolder: stage.dataFolder, now: new Date() });
    expect(html).toContain(`restic -r ${place} snapshots`);
  });

  test('is not made anew while its disk is not connected', async () => {
    await rename(disk, `${disk}-away`);
    await fails(backUp(), 'operation.vault-away');
    await mkdir(place, { recursive: true }); // An empty mount point.
    await fails(backUp(), 'operation.vault-away');
    expect(await readdir(place)).toEqual([]);
    expect(await readdir(join(stage.dataFolder, 'vaults'))).toEqual([`${stage.udid}.json`]);
    await rm(disk, { recursive: true });
    await rename(`${disk}-away`, disk);
    expect(await verifyDeviceBackup('latest', stage)).toMatchObject({ verdict: 'whole' });
  });

  test('does not hide those of other phones when it cannot be opened', async () => {
    const dataFolder = stage.dataFolder;
    await backUpDevice({ ...stage, target: stage.target });
    const other = join(stage.folder, 'other');
    await cp(join(stage.backups, stage.udid), join(other, OTHER_UDID), { recursive: true });
    await renamePhone(join(other, OTHER_UDID));
    const { snapshot } = await importFolder({ dataFolder, folder: other });
    const library = vaultLibrary({ dataFolder });
    const listed = await library.list();
    expect(listed).toHaveLength(2);
    await rename(disk, `${disk}-away`);
    const closed: ClosedVault[] = [];
    const kept = await listKeptSnapshots(dataFolder, { onClosed: (vault) => closed.push(vault) });
    expect(kept.map(({ id }) => id)).toEqual([snapshot]);
    expect(closed).toMatchObject([{ udid: stage.udid, error: { code: 'operation.vault-away' } }]);
    await fails(listKeptSnapshots(dataFolder), 'operation.vault-away');
    expect(await library.list()).toEqual(listed);
    await fails(vaultLibrary({ dataFolder }).list(), 'operation.vault-away');
    expect((await verifyDeviceBackup(snapshot, { dataFolder })).files).toBeGreaterThan(10);
    expect(await listVaults(dataFolder)).toMatchObject([
      { udid: OTHER_UDID, backups: 1, problem: undefined },
      { udid: stage.udid, backups: undefined, location: place, problem: { code: 'operation.vault-away' } },
    ]);
    await rename(`${disk}-away`, disk);
  });

  test('moves with its phone, and is never mistaken for that of another', async () => {
    const moved = join(stage.folder, 'new-disk');
    await cp(place, moved, { recursive: true });
    await fails(create(moved), 'operation.vault-exists');
    expect(await create(moved, true)).toMatchObject({ adopted: true, location: moved });
    const key = async () => new Secret((await keyOf(stage.udid)).trim());
    const ofOther = createVault({ ...stage, udid: OTHER_UDID, location: moved, adopt: true, key });
    await fails(ofOther, 'operation.vault-of-another');
    const others = join(stage.dataFolder, 'vaults', OTHER_UDID);
    const keyOfOther = async () => new Secret((await keyOf(OTHER_UDID)).trim());
    const swapped = createVault({ ...stage, location: others, adopt: true, key: keyOfOther });
    await fails(swapped, 'operation.vault-of-another');
    await rm(place, { recursive: true });
    const { snapshot } = await backUp();
    expect(await verifyDeviceBackup(snapshot ?? '', stage)).toMatchObject({ verdict: 'whole' });
  });

  test('is not mistaken for another that lies in its place, though the password opens both', async () => {
    const [own] = (await listVaults(stage.dataFolder)).filter(({ udid }) => udid === stage.udid);
    const folder = own?.location ?? '';
    await rename(folder, `${folder}-away`);
    vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', (await keyOf(stage.udid)).trim());
    await createRepository(folderStorage(folder), { password: new Secret((await keyOf(stage.udid)).trim()) });
    await fails(backUp(), 'operation.vault-not-the-same');
    const checked = checkPhoneVault({ ...stage, vault: stage.udid, readData: false });
    await fails(checked, 'operation.vault-not-the-same');
    expect(await readdir(join(folder, 'snapshots')).catch(() => [])).toEqual([]);
    const listed = (await listVaults(stage.dataFolder)).find(({ udid }) => udid === stage.udid);
    expect(listed).toMatchObject({ backups: undefined, problem: { code: 'operation.vault-not-the-same' } });
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
    await rename(`${folder}-away`, folder);
    expect(await verifyDeviceBackup(stage.udid, stage)).toMatchObject({ verdict: 'whole' });
  });

  test('whose storage fails while the phone sends keeps what was sent', async () => {
    const before = await listKeptSnapshots(stage.dataFolder);
    const photo = '/var/mobile/Media/DCIM/100APPLE/IMG_6001.JPG';
    stage.phone.files.writeFile(photo, Buffer.alloc(100_000, 'new'));
    let isAway = false;
    const watch = (storage: Parameters<typeof faultyStorage>[0]) =>
      faultyStorage(storage, {
        before: ({ kind, name }) => {
          isAway ||= kind === 'put' && name.startsWith('data/');
          if (isAway) throw storageError('not-reached');
        },
      });
    const target = vaultTarget(stage.dataFolder, { watch });
    await expect(backUpDevice({ ...stage, target })).rejects.toMatchObject({
      report: {
        code: 'storage.not-reached',
        dataState: 'earlier-snapshots-intact',
        yourData: 'The new backup is whole, but could not be put in its place yet. Nothing is lost.',
      },
    });
    await backUp();
    // The one that waited, and one of now.
    expect(await listKeptSnapshots(stage.dataFolder)).toHaveLength(before.length + 2);
    const mine = (await listKeptSnapshots(stage.dataFolder)).filter(({ udid }) => udid === stage.udid);
    expect(await verifyDeviceBackup(mine[0]?.id ?? '', stage)).toMatchObject({ verdict: 'whole' });
  });

  const keyOf = (udid: string) => readFile(join(stage.dataFolder, 'keys', udid), 'utf8');

  /** Makes it the backup of another phone. */
  async function renamePhone(folder: string): Promise<void> {
    const file = join(folder, 'Manifest.plist');
    const text = await readFile(file, 'latin1');
    await writeFile(file, text.replaceAll(stage.udid, OTHER_UDID.padEnd(stage.udid.length, '0')), 'latin1');
  }
});
