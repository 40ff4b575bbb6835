import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError, api } from '@rootcellar/api';
import { compareInventories, takeInventory } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../interop/run-program.ts';
import { liveADay } from '../stage.ts';
import {
  backUpThroughHub,
  backupOf,
  type HubStage,
  openHubStage,
  pairThroughHub,
  untilDevice,
  untilJob,
  type Visitor,
} from './hub-stage.ts';

let stage: HubStage;
let ann: Visitor;
let udid: string;
beforeAll(async () => {
  stage = await openHubStage();
  ann = await stage.signInByLink();
  udid = stage.udid;
});
afterAll(() => stage.close());

/** The newest backup. */
let newest: string;

describe('over HTTP, with a phone that only the wire knows', () => {
  test('a phone is paired, and tells who it is', async () => {
    await pairThroughHub(ann, udid);
    const { device } = await ann.call(api.devices.readDevice, { params: { udid } });
    const { deviceName, serialNumber } = stage.phone.identity;
    expect(device).toMatchObject({ name: deviceName, serialNumber, trust: 'trusted', ownedBy: 'you' });
    expect(device).toMatchObject({ modelName: 'iPhone 14 Pro', isSimulated: true, encryptsBackups: false });
    expect(device.isSetUp).toBe(true);
    expect(device.battery?.percent).toBe(stage.phone.condition.batteryPercent);
    expect(device.space?.totalBytes).toBeGreaterThan(100e9);
    expect(device).toMatchObject({ lastBackup: null, isOverdue: true });
  });

  test('it is backed up, listed, verified, and then shown as verified', async () => {
    const job = await backUpThroughHub(ann, udid);
    newest = backupOf(job);
    const verify = await ann.call(api.backups.verifyBackup, { params: { id: newest }, body: {} });
    expect(await untilJob(ann, verify.job)).toMatchObject({ result: { verdict: 'whole', findings: [] } });
    const { backups } = await ann.call(api.backups.listBackups, { query: { udid } });
    expect(backups).toMatchObject([{ id: newest, kind: 'snapshot', verified: true, verdict: 'whole' }]);
    const { device } = await ann.call(api.devices.readDevice, { params: { udid } });
    expect(device).toMatchObject({ isOverdue: false, lastBackup: { verified: true } });
  });

  test('the recovery kit of its vault is a download for its owner, with the key in it', async () => {
    const kit = await ann.ask(`/api/devices/${udid}/recovery-kit`);
    expect(kit.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(kit.headers.get('cache-control')).toBe('no-store');
    const key = (await readFile(join(stage.dataFolder, 'keys', udid), 'utf8')).trim();
    expect(await kit.text()).toContain(key);
  });

  test('two versions are compared: the one that was archived, and the one of a day later', async () => {
    const { backup } = await ann.call(api.backups.archiveBackup, {
      params: { id: newest },
      body: { archived: true },
    });
    expect(backup).toMatchObject({ archived: true, verified: true });
    liveADay(stage);
    newest = backupOf(await backUpThroughHub(ann, udid));
    const { backups } = await ann.call(api.backups.listBackups, {});
    expect(backups.map(({ id }) => id).toSorted()).toEqual([backup.id, newest].toSorted());
    const compared = await ann.call(api.backups.compareBackups, {
      params: { id: newest },
      body: { before: backup.id },
    });
    expect(compared.added.files).toBeGreaterThan(0);
    expect(compared.differences).toContainEqual(
      expect.objectContaining({ change: 'added', path: 'Media/DCIM/100APPLE/IMG_9001.JPG' }),
    );
    const refused = ann.call(api.backups.planDelete, { params: { id: backup.id } });
    await expect(refused).rejects.toMatchObject({ error: { code: 'library.archived' } });
  });

  test('the phone is erased and restored as the plan says, and is what it was', async () => {
    const before = await takeInventory(stage.phone);
    await stage.phone.erase();
    await untilDevice(ann, udid, (device) => device.trust === 'not-trusted');
    await pairThroughHub(ann, udid);
    await untilDevice(ann, udid, ({ isSetUp }) => isSetUp === false);
    const plan = await planRestore(ann, newest);
    expect(plan.restore).toMatchObject({ allowed: true, backup: { udid, encrypted: false } });
    const { job } = await ann.call(api.devices.restoreDevice, { params: { udid }, body: { plan: plan.id } });
    const { files } = plan.restore.backup;
    expect(await untilJob(ann, job)).toMatchObject({ state: 'done', result: { kind: 'restore', files } });
    expect(compareInventories(before, await takeInventory(stage.phone))).toEqual({
      missing: [],
      added: [],
      changed: [],
    });
    const again = ann.call(api.devices.restoreDevice, { params: { udid }, body: { plan: plan.id } });
    await expect(again).rejects.toMatchObject({ status: 409, error: { code: 'hub.plan-unknown' } });
  });

  test('what was agreed to is not done when the phone is another than it was', async () => {
    const plan = await planRestore(ann, newest);
    Object.assign(stage.phone.condition, { batteryPercent: 9, onPower: false });
    const before = await takeInventory(stage.phone);
    const { job } = await ann.call(api.devices.restoreDevice, { params: { udid }, body: { plan: plan.id } });
    const ended = await untilJob(ann, job);
    expect(ended).toMatchObject({
      state: 'failed',
      error: { code: 'hub.plan-changed', dataState: 'unchanged' },
    });
    expect(compareInventories(before, await takeInventory(stage.phone)).changed).toEqual([]);
  });

  test('a backup is deleted only as the plan says that was shown', async () => {
    const [archived] = (await ann.call(api.backups.listBackups, {})).backups.filter((one) => one.archived);
    const id = archived?.id ?? '';
    const { backup } = await ann.call(api.backups.archiveBackup, {
      params: { id },
      body: { archived: false },
    });
    expect(backup.archived).toBe(false);
    const { plan } = await ann.call(api.backups.planDelete, { params: { id } });
    expect(plan).toMatchObject({
      kind: 'delete',
      code: 'others-stay',
      sentence: expect.stringMatching(/Other backups .* stay/),
    });
    const other = ann.call(api.backups.deleteBackup, { params: { id: newest }, query: { plan: plan.id } });
    await expect(other).rejects.toBeInstanceOf(ApiError);
    const shown = await ann.call(api.backups.planDelete, { params: { id } });
    await ann.call(api.backups.deleteBackup, { params: { id }, query: { plan: shown.plan.id } });
    const { backups } = await ann.call(api.backups.listBackups, {});
    expect(backups.map((one) => one.id)).toEqual([newest]);
  });
});

describe('with a password', () => {
  const params = { udid: '' };
  test('encryption goes on, a wrong password changes nothing, and the files open with the right one', async () => {
    params.udid = udid;
    const on = await ann.call(api.devices.changeEncryption, {
      params,
      body: { change: 'on', newPassword: 'apple' },
    });
    expect(await untilJob(ann, on.job)).toMatchObject({ result: { encrypted: true } });
    const body = { change: 'change', password: 'pear', newPassword: 'plum' } as const;
    const wrong = await ann.call(api.devices.changeEncryption, { params, body });
    expect(await untilJob(ann, wrong.job)).toMatchObject({
      state: 'failed',
      error: { code: 'mobilebackup2.wrong-password', dataState: 'unchanged' },
    });
    const { device } = await ann.call(api.devices.readDevice, { params });
    expect(device.settings.encryptedAs).toBe('sealed'); // Its key lies on the disk of its vault.
    const small = { ...device.settings, encryptedAs: 'small' } as const;
    await ann.call(api.devices.changeSettings, { params, body: small });
    const { job } = await ann.call(api.devices.backUpDevice, { params, body: { password: 'apple' } });
    const ended = await untilJob(ann, job);
    expect(ended).toMatchObject({ result: { encrypted: true, sealed: false } });
    newest = backupOf(ended);
    const { backup } = await ann.call(api.backups.readBackup, { params: { id: newest } });
    expect(backup).toMatchObject({ encrypted: true, keptAs: 'small' });
    const records = await readdir(join(stage.dataFolder, 'vaults', stage.udid, 'snapshots'), {
      recursive: true,
    });
    expect(records.some((path) => path.endsWith(backup.recordID ?? 'none'))).toBe(true);
    const closed = ann.call(api.browse.openBackup, { params: { id: newest }, body: { password: 'pear' } });
    await expect(closed).rejects.toMatchObject({ error: { code: 'backup.password-wrong' } });
    const { browse } = await ann.call(api.browse.openBackup, {
      params: { id: newest },
      body: { password: 'apple' },
    });
    expect(browse).toMatchObject({ encrypted: true, isReadable: true });
    await ann.call(api.browse.closeBackup, { params: { browse: browse.id } });
  });

  test('it is restored as the plan says, which with the password shows what is in it', async () => {
    const plan = await planRestore(ann, newest, 'apple');
    expect(plan.restore.comesBack).toContainEqual({ code: 'messages', details: {}, sentence: 'Messages' });
    const body = { plan: plan.id, password: 'apple' };
    const { job } = await ann.call(api.devices.restoreDevice, { params, body });
    const result = { kind: 'restore', files: plan.restore.backup.files };
    expect(await untilJob(ann, job)).toMatchObject({ state: 'done', error: null, result });
    await untilDevice(ann, udid, ({ trust }) => trust === 'trusted');
  });

  test('no password is ever in a record, an event or the ledger', async () => {
    const { jobs } = await ann.call(api.jobs.listJobs, { query: {} });
    const { entries } = await ann.call(api.ledger.readLedger, { query: {} });
    expect(JSON.stringify([jobs, entries])).not.toMatch(/apple"|pear|plum/);
    expect(entries).toContainEqual(
      expect.objectContaining({
        operation: 'encryption',
        outcome: 'failed',
        reason: 'mobilebackup2.wrong-password',
      }),
    );
  });

  test('it goes off only after what that means was shown', async () => {
    const body = { change: 'off', password: 'apple', plan: 'none' } as const;
    const refused = ann.call(api.devices.changeEncryption, { params, body });
    await expect(refused).rejects.toMatchObject({ error: { code: 'hub.plan-unknown' } });
    const { plan } = await ann.call(api.devices.planEncryptionOff, { params });
    const off = await ann.call(api.devices.changeEncryption, { params, body: { ...body, plan: plan.id } });
    expect(await untilJob(ann, off.job)).toMatchObject({ result: { encrypted: false } });
  });
});

describe('beside the command line', () => {
  test('both write one ledger', async () => {
    const program = join(import.meta.dirname, '..', '..', 'bin', 'rootcellar');
    const env = { ...stage.env, ROOTCELLAR_DATA: stage.dataFolder };
    const backup = await runProgram(program, ['backup', '--folder', stage.backups], {
      env,
      timeoutMs: 60_000,
    });
    expect(backup.exitCode, backup.output).toBe(0);
    stage.phone.presence.setPlugged(false);
    expect((await runProgram(program, ['backup', '--folder', stage.backups], { env })).exitCode).toBe(1);
    stage.phone.presence.setPlugged(true);
    const { entries } = await ann.call(api.ledger.readLedger, { query: { limit: 2 } });
    expect(entries).toMatchObject([
      { by: 'command-line', outcome: 'did-not-happen', reason: 'device.none-connected', udid: null },
      { by: 'command-line', outcome: 'done', operation: 'backup', udid },
    ]);
    expect(entries[1]?.bytes).toBeGreaterThan(0);
  });
});

async function planRestore(who: Visitor, backup: string, password?: string) {
  const body = { backup, password };
  const { job } = await who.call(api.devices.planRestore, { params: { udid }, body });
  const { result, error } = await untilJob(who, job);
  if (result?.kind !== 'restore-plan' || result.plan.kind !== 'restore')
    throw new Error(JSON.stringify(error));
  return result.plan;
}
