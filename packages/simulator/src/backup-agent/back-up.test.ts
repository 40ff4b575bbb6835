import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findDomain } from '../content/domains.ts';
import { isDamaged, readManifestDb, writeManifestDb } from './manifest-db.ts';
import type { ManifestRow } from './manifest-row.ts';
import { type BenchPhone, backupRequest, benchPhone, converse, UDID } from './test-bench/bench-phone.ts';
import { findFaults } from './test-bench/check-backup.ts';
import { StrictHost } from './test-bench/strict-host.ts';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const payloads = (paths: readonly string[]): readonly string[] =>
  paths.map((path) => path.slice(path.lastIndexOf('/') + 1)).filter((name) => name.length === 40);

describe('a backup', () => {
  let phone: BenchPhone;
  let host: StrictHost;
  let documents = '';
  beforeEach(async () => {
    phone = await benchPhone();
    host = new StrictHost();
    documents = `${findDomain('AppDomain-com.example.trails', phone.apps)?.root}/Documents`;
  });

  it('brings everything on the first run', async () => {
    const run = await converse(phone, host, backupRequest());
    expect(run.answer).toEqual({ MessageName: 'Response', ErrorCode: 0 });
    expect(await findFaults(phone, host)).toEqual([]);
    expect(host.files.get(`${UDID}/Status.plist`)).toHaveLength(189);
    expect([...host.folders].filter((path) => /\/[0-9a-f]{2}$/.test(path))).toHaveLength(256);
    expect(run.progress.at(-1)).toBe(100);
  });

  it('asks in the order of a real phone', async () => {
    const { messages } = await converse(phone, host, backupRequest());
    const order = messages.filter((name, index) => name !== messages[index - 1]);
    expect(order).toEqual([
      'DLMessageDownloadFiles',
      'DLContentsOfDirectory',
      'DLMessageGetFreeDiskSpace',
      'DLMessageCreateDirectory',
      'DLMessageUploadFiles',
      'DLMessageCreateDirectory',
      'DLMessageUploadFiles',
      'DLMessageMoveItems',
      'DLMessageRemoveItems',
      'DLMessageUploadFiles',
      'DLMessageDownloadFiles',
      'DLContentsOfDirectory',
      'DLMessageProcessMessage',
    ]);
  });

  it('sends nothing again when nothing has changed', async () => {
    await converse(phone, host, backupRequest());
    const run = await converse(phone, host, backupRequest());
    expect(payloads(run.uploaded)).toEqual([]);
    expect(run.downloaded.slice(0, 4).map((path) => path.slice(UDID.length + 1))).toEqual([
      'Status.plist',
      'Manifest.plist',
      'Manifest.db',
      'Status.plist',
    ]);
    expect(await findFaults(phone, host)).toEqual([]);
  });

  it('sends what changed, even if size and modification time are the same', async () => {
    await converse(phone, host, backupRequest());
    const { modifiedAt } = phone.files.stat(`${documents}/CASE.txt`)?.attributes ?? {};
    phone.files.writeFile(
      `${documents}/CASE.txt`,
      text('UPPER'),
      modifiedAt === undefined ? {} : { modifiedAt },
    );
    phone.files.setAttributes(`${documents}/case.txt`, { protectionClass: 2 });
    const run = await converse(phone, host, backupRequest());
    expect(payloads(run.uploaded)).toHaveLength(2);
    expect(await findFaults(phone, host)).toEqual([]);
  });

  it('keeps the bytes of a renamed file and drops a deleted one', async () => {
    await converse(phone, host, backupRequest());
    phone.files.rename(`${documents}/panorama.raw`, `${documents}/new folder/renamed.raw`);
    phone.files.remove(`${documents}/tagged.txt`);
    const run = await converse(phone, host, backupRequest());
    expect(payloads(run.uploaded)).toHaveLength(1);
    expect(await findFaults(phone, host)).toEqual([]);
  });

  it('sends a payload again that the host has lost', async () => {
    await converse(phone, host, backupRequest());
    const lost = [...host.files.keys()].filter((path) => /\/[0-9a-f]{40}$/.test(path)).slice(0, 3);
    for (const path of lost) host.files.delete(path);
    const run = await converse(phone, host, backupRequest());
    expect(payloads(run.uploaded).length).toBe(3);
    expect(await findFaults(phone, host)).toEqual([]);
  });

  it('sends everything when the host asks for it', async () => {
    const first = await converse(phone, host, backupRequest());
    const run = await converse(phone, host, backupRequest({ ForceFullBackup: true }));
    expect(payloads(run.uploaded).length).toBe(payloads(first.uploaded).length);
    expect(run.downloaded.slice(0, 2)).toEqual([`${UDID}/Status.plist`, `${UDID}/Manifest.plist`]);
    expect(await findFaults(phone, host)).toEqual([]);
  });

  it('understands hosts that answer in XML with unsigned codes', async () => {
    host.speaksXml = true;
    expect((await converse(phone, host, backupRequest())).answer?.['ErrorCode']).toBe(0);
    expect(await findFaults(phone, host)).toEqual([]);
  });

  it('sends a file again whose row lacks the digest it should have', async () => {
    await converse(phone, host, backupRequest());
    const folder = mkdtempSync(join(tmpdir(), 'back-up-'));
    const path = join(folder, 'Manifest.db');
    writeFileSync(path, host.files.get(`${UDID}/Manifest.db`) ?? '');
    const rows = [...readManifestDb(path)].flatMap((row) => (isDamaged(row) ? [] : [row]));
    rmSync(path);
    const isMessages = ({ relativePath }: ManifestRow) => relativePath === 'Library/SMS/sms.db';
    writeManifestDb(
      path,
      rows.map((row) => (isMessages(row) ? { ...row, digest: undefined } : row)),
    );
    host.files.set(`${UDID}/Manifest.db`, readFileSync(path));
    rmSync(folder, { recursive: true });
    const run = await converse(phone, host, backupRequest());
    expect(payloads(run.uploaded)).toEqual([rows.find(isMessages)?.fileID]);
  });

  it('takes a manifest of nonsense for none, and sends everything', async () => {
    const first = await converse(phone, host, backupRequest());
    host.files.set(`${UDID}/Manifest.db`, text('SQLite format 3\0 but not really'));
    const run = await converse(phone, host, backupRequest());
    expect(payloads(run.uploaded).length).toBe(payloads(first.uploaded).length);
    expect(await findFaults(phone, host)).toEqual([]);
  });
});

describe('a backup that is refused', () => {
  it.each([
    [212, 'Setup', { setUp: false }],
    [3, 'File exists (17)', { leftoverSnapshot: true }],
  ])('ends with %i at once', async (code, words, condition) => {
    const phone = await benchPhone();
    Object.assign(phone.condition, condition);
    const run = await converse(phone, new StrictHost(), backupRequest());
    expect(run.messages).toEqual(['DLMessageProcessMessage']);
    expect(run.answer?.['ErrorCode']).toBe(code);
    expect(run.answer?.['ErrorDescription']).toContain(words);
  });

  it('ends with 208 when the passcode is not entered, and before 16.1 nobody is asked', async () => {
    const phone = await benchPhone();
    phone.owner = { askPasscode: async () => 'ignored' };
    expect((await converse(phone, new StrictHost(), backupRequest())).answer?.['ErrorCode']).toBe(208);
    const older = await benchPhone({ version: '16.0.3' });
    older.owner = { askPasscode: async () => 'ignored' };
    expect((await converse(older, new StrictHost(), backupRequest())).answer?.['ErrorCode']).toBe(0);
  });

  it('stops asking for the passcode when the host leaves', async () => {
    const phone = await benchPhone();
    let stopped = false;
    let run: Promise<unknown> = Promise.resolve();
    const host = new StrictHost();
    phone.owner = {
      askPasscode: (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            stopped = true;
            resolve('cancelled');
          });
          leave();
        }),
    };
    const { duplexPair } = await import('node:stream');
    const { ByteChannel } = await import('@rootcellar/core');
    const { mobilebackup2Service } = await import('./mobilebackup2-service.ts');
    const [ours, theirs] = duplexPair();
    const leave = (): void => void theirs.end();
    const signal = AbortSignal.timeout(5000);
    const served = mobilebackup2Service().serve({
      phone,
      channel: new ByteChannel(ours),
      signal,
      escrowUnlocked: true,
    });
    run = host.run(new ByteChannel(theirs), backupRequest()).catch(() => {});
    await served;
    ours.destroy();
    await run;
    expect(stopped).toBe(true);
  });

  it('needs the escrow bag', async () => {
    const phone = await benchPhone();
    const answerWithout = async () =>
      (await converse(phone, new StrictHost(), backupRequest(), { escrowUnlocked: false })).answer?.[
        'ErrorCode'
      ];
    expect(await answerWithout()).toBe(208);
    phone.condition.locked = true;
    expect(await answerWithout()).toBe(1);
  });

  it('needs 134,217,728 bytes more than it sends, to the byte', async () => {
    const phone = await benchPhone();
    const host = new StrictHost();
    await converse(phone, host, backupRequest());
    const sizes = [...host.files]
      .filter(([path]) => /[0-9a-f]{40}$/.test(path))
      .map(([, bytes]) => bytes.length);
    const needed = sizes.reduce((sum, size) => sum + size, 134_217_728);
    const withFree = async (freeBytes: number, purgeableBytes = 0) => {
      const other = Object.assign(new StrictHost(), { freeBytes, purgeableBytes });
      return (await converse(phone, other, backupRequest())).answer?.['ErrorCode'];
    };
    expect(await withFree(needed)).toBe(0);
    expect(await withFree(needed - 1)).toBe(105);
    expect(await withFree(needed - 1, 1)).toBe(0);
  });

  it('moves and removes in several messages what is too much for one', async () => {
    const phone = await benchPhone();
    const host = new StrictHost();
    const first = await converse(phone, host, backupRequest(), { itemsPerMessage: 50 });
    expect(first.messages.filter((name) => name === 'DLMessageMoveItems')).toHaveLength(
      Math.ceil(payloads(first.uploaded).length / 50 + 3 / 50),
    );
    expect(await findFaults(phone, host)).toEqual([]);
    for (const name of phone.files.list('/var/mobile/Library/Preferences')) {
      phone.files.remove(`/var/mobile/Library/Preferences/${name}`);
    }
    const second = await converse(phone, host, backupRequest(), { itemsPerMessage: 10 });
    expect(second.messages.filter((name) => name === 'DLMessageRemoveItems').length).toBeGreaterThan(2);
    expect(await findFaults(phone, host)).toEqual([]);
  });

  it('ends with 105 when the disk fills up and with 104 when it fails', async () => {
    const phone = await benchPhone();
    for (const [path, status, code] of [
      ['/Snapshot', -15, 105],
      ['Snapshot/Manifest.db', -15, 105],
      ['/Snapshot', -11, 104],
      ['Snapshot/Manifest.db', -11, 104],
    ] as const) {
      const host = new StrictHost();
      host.failing = { path, code: status };
      expect((await converse(phone, host, backupRequest())).answer?.['ErrorCode']).toBe(code);
    }
  });

  it('ends with 205 when Manifest.plist is empty', async () => {
    const phone = await benchPhone();
    const host = new StrictHost();
    await converse(phone, host, backupRequest());
    host.files.set(`${UDID}/Manifest.plist`, new Uint8Array());
    const { answer } = await converse(phone, host, backupRequest());
    expect(answer?.['ErrorCode']).toBe(205);
    expect(answer?.['ErrorDescription']).toContain('zero-length data');
  });

  it('leaves its snapshot behind after an abrupt end, if it is told to', async () => {
    const phone = await benchPhone();
    const cut = { atMessage: 10, when: 'before' } as const;
    await converse(phone, new StrictHost(), backupRequest(), { cut });
    expect(phone.condition.leftoverSnapshot).toBe(false);
    await converse(phone, new StrictHost(), backupRequest(), { cut, leavesSnapshotBehind: true });
    expect(phone.condition.leftoverSnapshot).toBe(true);
  });
});

describe('a phone that takes its time', () => {
  it.each([
    ['15.8', 5_000],
    ['16.6', 62_000],
    ['26.1', 6_000],
  ])('with iOS %s is silent for %i ms before its first message', async (version, silentMs) => {
    const phone = await benchPhone({ version });
    const messages: string[] = [];
    const served = converse(phone, new StrictHost(), backupRequest(), {
      takesItsTime: true,
      onMessage: (name) => messages.push(name),
    });
    const firstMessage = (): boolean => messages.includes('DLMessageDownloadFiles');
    await expect.poll(() => messages.filter((name) => name === 'DLMessageProcessMessage').length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    phone.clock.advance(silentMs - 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(firstMessage()).toBe(false);
    phone.clock.advance(1);
    await expect.poll(firstMessage).toBe(true);
    await served;
  });
});
