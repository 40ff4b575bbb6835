import { joinPath, OperationFailure, type ProgressEvent, ROOT, Secret } from '@rootcellar/core';
import {
  backUpDevice,
  changeEncryption,
  planDeviceRestore,
  readEncryptionStatus,
  restoreDevice,
} from '@rootcellar/operations';
import { compareInventories, readFaultText, takeInventory } from '@rootcellar/simulator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  eraseAndPair,
  hurriedClock,
  openStage,
  pairStage,
  type Stage,
  setBackupPassword,
  untilUnlocked,
} from '../stage.ts';

const PASSWORD = 'Æpfel im Keller 🍎';
const SAME = { missing: [], added: [], changed: [] };

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
  await pairStage(stage);
});
afterEach(() => stage.close());

const failure = async (work: Promise<unknown>) => {
  const outcome = await work.catch((error: unknown) => error);
  if (!(outcome instanceof OperationFailure)) throw outcome;
  return outcome.report;
};
const inventory = () => takeInventory(stage.phone, { encrypted: true });
const restore = (password?: string) =>
  restoreDevice({
    ...stage,
    what: stage.backups,
    consent: async () => true,
    ...(password !== undefined && { password: new Secret(password) }),
  });

describe('a phone whose backups are encrypted', () => {
  test('gets everything back after it was erased, passwords and the password included', async () => {
    await setBackupPassword(stage, { new: PASSWORD });
    await backUpDevice(stage);
    const before = await inventory();
    expect([...before.keys()].filter((name) => /^KeychainDomain\/genp/.test(name)).length).toBeGreaterThan(
      10,
    );
    await eraseAndPair(stage);
    expect((await readEncryptionStatus(stage)).encrypted).toBe(false);
    await restore(PASSWORD);
    expect(compareInventories(before, await inventory())).toEqual(SAME);
    expect((await readEncryptionStatus(stage)).encrypted).toBe(true);
    const { changedFiles } = await backUpDevice(stage);
    expect(changedFiles).toBeLessThan(10);
  });

  test('stays as it is when the password is wrong, and says so', async () => {
    await setBackupPassword(stage, { new: PASSWORD });
    await backUpDevice(stage);
    const before = await inventory();
    const report = await failure(restore('Æpfel im Keller'));
    expect(report).toMatchObject({
      code: 'mobilebackup2.wrong-password',
      dataState: 'unchanged',
      yourData: 'Nothing was changed on the iPhone. The backup is as it was.',
    });
    expect(report.next).toContain('the password that the iPhone had when this backup was made');
    expect(compareInventories(before, await inventory())).toEqual(SAME);
    const plan = await planDeviceRestore({ ...stage, what: stage.backups });
    expect(plan.rules.map(({ code }) => code)).toContain('password-needed');
  });

  test('is asked for its password only when there is a backup that needs one', async () => {
    let asked = 0;
    const plan = () =>
      planDeviceRestore({
        ...stage,
        what: stage.backups,
        askPassword: async () => {
          asked += 1;
          return new Secret(PASSWORD);
        },
      });
    await backUpDevice(stage);
    expect((await plan()).allowed).toBe(true);
    expect(asked).toBe(0);
    await setBackupPassword(stage, { new: PASSWORD });
    await backUpDevice(stage);
    expect((await plan()).allowed).toBe(true);
    expect(asked).toBe(1);
  });

  test('sends everything once when it begins, and little after the password has changed', async () => {
    const { files } = await backUpDevice(stage);
    await setBackupPassword(stage, { new: PASSWORD });
    expect((await backUpDevice(stage)).changedFiles).toBeGreaterThan(files);
    await setBackupPassword(stage, { old: PASSWORD, new: 'second' });
    expect((await backUpDevice(stage)).changedFiles).toBeLessThan(10);
    await setBackupPassword(stage, { old: 'second' });
    expect((await backUpDevice(stage)).changedFiles).toBeGreaterThan(files);
    expect(await stage.home.stat(joinPath(ROOT, stage.udid))).toMatchObject({ kind: 'folder' });
  });
});

describe('switching encryption', () => {
  test('asks for the passcode on the phone', async () => {
    const events: ProgressEvent[] = [];
    await changeEncryption({
      ...stage,
      change: 'on',
      askPassword: async () => new Secret(''),
      askNewPassword: async () => new Secret(PASSWORD),
      onProgress: (event) => events.push(event),
    });
    expect(events.find(({ phase }) => phase === 'waiting-for-passcode')?.note).toBe(
      'Enter the passcode on your iPhone.',
    );
    expect(events.at(-1)?.phase).toBe('done');
  });

  test('says what is impossible before anybody has typed a password', async () => {
    const change = (wish: 'on' | 'off' | 'change') =>
      changeEncryption({
        ...stage,
        change: wish,
        askPassword: () => Promise.reject(new Error('asked')),
        askNewPassword: () => Promise.reject(new Error('asked')),
      });
    expect(await failure(change('off'))).toMatchObject({
      code: 'operation.not-encrypted',
      dataState: 'unchanged',
    });
    expect(await failure(change('change'))).toMatchObject({ code: 'operation.not-encrypted' });
    await setBackupPassword(stage, { new: PASSWORD });
    expect(await failure(change('on'))).toMatchObject({ code: 'operation.already-encrypted' });
    stage.phone.condition.requiresEncryption = true;
    expect(await failure(change('off'))).toMatchObject({ code: 'operation.encryption-required' });
    expect(await readEncryptionStatus(stage)).toMatchObject({ encrypted: true, required: true });
  });

  test('refuses a wrong password, and tells what can be done when it is forgotten', async () => {
    await setBackupPassword(stage, { new: PASSWORD });
    for (const passwords of [{ old: 'wrong' }, { old: 'wrong', new: 'second' }]) {
      const report = await failure(setBackupPassword(stage, passwords));
      expect(report).toMatchObject({ code: 'mobilebackup2.wrong-password', dataState: 'unchanged' });
      expect(report.next).toMatch(/stay closed.*Reset All Settings \(iOS 11/);
      expect(JSON.stringify(report)).not.toContain(PASSWORD);
    }
    expect((await readEncryptionStatus(stage)).encrypted).toBe(true);
  });

  test('does not happen without consent', async () => {
    await setBackupPassword(stage, { new: PASSWORD });
    const report = await changeEncryption({
      ...stage,
      change: 'off',
      consent: async () => false,
      askPassword: () => Promise.reject(new Error('asked')),
      askNewPassword: () => Promise.reject(new Error('asked')),
    });
    expect(report).toMatchObject({ changed: false, encrypted: true });
  });

  test('says that it does not know when the connection breaks in between', async () => {
    stage.phone.faults.arm(stage.phone, readFaultText('disconnect-after-bytes:bytes=500'));
    const report = await failure(setBackupPassword(stage, { new: PASSWORD }));
    expect(report.dataState).toBe('earlier-snapshots-intact');
    expect(report.yourData).toContain('rootcellar encryption status');
  });

  test('is undone by Reset All Settings, and old backups keep their password', async () => {
    await setBackupPassword(stage, { new: PASSWORD });
    await backUpDevice(stage);
    const url = `${stage.simulator.control}/phones/${stage.udid}/reset-settings`;
    expect((await fetch(url, { method: 'POST' })).status).toBe(200);
    await untilUnlocked(stage);
    expect((await readEncryptionStatus(stage)).encrypted).toBe(false);
    expect(await failure(restore('another'))).toMatchObject({ code: 'mobilebackup2.wrong-password' });
    await restore(PASSWORD);
  });
});

describe('a phone whose passcode nobody enters', () => {
  test('keeps its password', async () => {
    const forgetful = await openStage({ owner: 'forgets', clock: hurriedClock(100) });
    try {
      await pairStage(forgetful);
      expect(await failure(setBackupPassword(forgetful, { new: PASSWORD }))).toMatchObject({
        code: 'mobilebackup2.passcode-not-entered',
        dataState: 'unchanged',
      });
    } finally {
      await forgetful.close();
    }
  });
});
