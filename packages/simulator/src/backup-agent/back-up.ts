import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asBoolean, asDict } from '@rootcellar/codecs';
import { diskContent } from '../file-system/content-store.ts';
import { bytesContent } from '../file-system/file-content.ts';
import type { FileContent } from '../file-system/phone-file-system.ts';
import { randomIdentifier } from '../phone/random-identifier.ts';
import { refusals } from './answers.ts';
import { type BackupStatus, encodeManifestPlist, encodeStatus, type SnapshotState } from './control-files.ts';
import { encryptedSealing } from './encryption/encrypted-sealing.ts';
import { type HostBackup, readHostBackup } from './host-backup.ts';
import { HOST_STATUS, HostFailure, type Upload } from './host-folder.ts';
import { makeManifestDb } from './manifest-db.ts';
import { isFileRow } from './manifest-row.ts';
import { type Payload, type Scan, scanPhone } from './scan.ts';
import { plainSealing, type Sealing } from './sealing.ts';
import { type AgentSession, askPasscode } from './session.ts';
import { verifyBackup } from './verify-backup.ts';

/** Room that must stay free on the host. Source: a phone's own log, iOS 16.1.1, to the byte. */
const HOST_RESERVE_BYTES = 134_217_728;

/** Seconds from 1970 to 2001. */
const COCOA_EPOCH = 978_307_200;

/** Where progress stands when the last payload is sent. Source: 94 % observed on iOS 26.6. */
const PERCENT_UPLOADED = 94;

/** One run: what it found, and what it tells about itself in Status.plist. */
interface Run {
  readonly session: AgentSession;
  readonly has: HostBackup;
  readonly scan: Scan;
  readonly sealing: Sealing;
  readonly uuid: string;
  readonly startedAt: Date;
}

/**
 * Backs the phone up into the host's folder.
 *
 * The generation in place stays untouched until everything new is in `Snapshot`; then it is replaced
 * by moves, payloads first, manifest after them, Status.plist last.
 *
 * Source: order of messages joined from iOS 10 to 26.6 logs (device-protocols specification, 8.3).
 *
 * @throws a `Refusal` that becomes the final answer; errors of `backup-agent` when the host is gone
 */
export async function backUp(session: AgentSession): Promise<void> {
  refuseAtOnce(session);
  const { phone, request } = session;
  if (phone.behaviour.asksPasscodeForBackup) await askPasscode(session, 'backup');
  const sealing =
    phone.encryption === undefined
      ? plainSealing(phone.hardwareKey)
      : encryptedSealing(phone.encryption, phone.random);
  const forceFull = asBoolean(asDict(request['Options'])?.['ForceFullBackup']) ?? false;
  const { silentSeconds } = phone.behaviour;
  await beSilent(session, silentSeconds.beforeFirstMessage);
  const has = await readHostBackup(session, { forceFull, sealing });
  if (has.hasGeneration) await beSilent(session, silentSeconds.beforeFirstUpload);
  const found = await scanPhone(phone, has, sealing);
  const scan = session.options.wrapScan?.(found) ?? found;
  const run: Run = {
    session,
    has,
    scan,
    sealing,
    uuid: randomIdentifier(phone.random),
    startedAt: phone.clock.now(),
  };
  await requireRoomOnHost(run);
  await openRun(run);
  await sendPayloads(run);
  const manifests = await sendControlFiles(run);
  await putInPlace(run);
  const status = bytesContent(statusOf(run, 'finished'));
  await verifyBackup(session, new Map([['Status.plist', status], ...manifests]), scan.rows);
  rememberBackup(run);
}

/** What a real phone is busy with takes this one no time. */
async function beSilent({ phone, options, signal }: AgentSession, seconds: number): Promise<void> {
  if (options.takesItsTime === true) await phone.clock.sleep(seconds * 1000, signal);
}

/** @throws a `Refusal` for what the phone knows before it looks at the host */
function refuseAtOnce({ phone, escrowUnlocked }: AgentSession): void {
  const { condition } = phone;
  if (!condition.setUp) throw refusals.notSetUp();
  if (condition.leftoverSnapshot) throw refusals.snapshotLeftOver();
  if (!escrowUnlocked && condition.passcode !== undefined) {
    throw condition.locked ? refusals.keychainLocked() : refusals.deviceLocked();
  }
}

async function requireRoomOnHost({ session, scan }: Run): Promise<void> {
  const { host, phone } = session;
  const shortage = scan.payloadBytes + HOST_RESERVE_BYTES - (await host.freeBytes());
  if (shortage <= 0) return;
  try {
    await host.purge(shortage + phone.behaviour.purgeExtraBytes);
  } catch (error) {
    if (error instanceof HostFailure) throw refusals.hostFull();
    throw error;
  }
  if ((await host.freeBytes()) < scan.payloadBytes + HOST_RESERVE_BYTES) throw refusals.hostFull();
}

/**
 * Marks the backup as in work and makes the folders, because hosts make none themselves. The mark
 * comes before anything of an earlier run is removed: its remains are the only sign of a cut move.
 */
async function openRun(run: Run): Promise<void> {
  const { host, folder } = run.session;
  await writing(host.makeFolder(folder));
  await sendStatus(run, 'Status.plist', run.has.mixed ? 'moving' : 'uploading');
  if (run.has.hasSnapshotFolder) await writing(host.remove([`${folder}/Snapshot`]));
  await writing(host.makeFolder(`${folder}/Snapshot`));
  const needed = new Set(run.scan.payloads.map(({ row }) => row.fileID.slice(0, 2)));
  for (let shard = 0; shard < 256; shard += 1) {
    const name = shard.toString(16).padStart(2, '0');
    if (!run.has.names.has(name)) await writing(host.makeFolder(`${folder}/${name}`));
    if (needed.has(name)) await writing(host.makeFolder(`${folder}/Snapshot/${name}`));
  }
}

async function sendPayloads(run: Run): Promise<void> {
  const { host, folder } = run.session;
  let sentBytes = 0;
  for (const batch of batchesOf(run.scan.payloads, run.session)) {
    const batchBytes = batch.reduce((sum, { content }) => sum + content.sizeBytes, 0);
    sentBytes += batchBytes;
    host.progress = (sentBytes / Math.max(1, run.scan.payloadBytes)) * PERCENT_UPLOADED;
    const uploads = batch.map((payload) => asUpload(payload, run.session, `${folder}/Snapshot`));
    await writing(host.upload(uploads, batchBytes));
  }
}

function* batchesOf(
  payloads: readonly Payload[],
  { options, phone }: AgentSession,
): Iterable<readonly Payload[]> {
  const { filesPerBatch, bytesPerBatch } = { ...phone.behaviour, ...options };
  let batch: Payload[] = [];
  let bytes = 0;
  for (const payload of payloads) {
    if (
      batch.length >= filesPerBatch ||
      (batch.length > 0 && bytes + payload.content.sizeBytes > bytesPerBatch)
    ) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(payload);
    bytes += payload.content.sizeBytes;
  }
  if (batch.length > 0) yield batch;
}

/**
 * The name on the phone is for the host's log only, and comes in three forms.
 * Source: libimobiledevice, issue 1361 (`/.ba`); pymobiledevice3, issue 755; observed on 27.0.
 */
function asUpload({ row, devicePath, content }: Payload, { phone }: AgentSession, target: string): Upload {
  const form = phone.random.pick([
    devicePath.replace(/^\/var\//, '/.ba/'),
    devicePath,
    `${row.domain}/${row.relativePath}`,
  ]);
  return { devicePath: form, hostPath: `${target}/${placeOf(row.fileID)}`, content };
}

/** @returns the manifests as sent, by name */
async function sendControlFiles(run: Run): Promise<ReadonlyMap<string, FileContent>> {
  const { host, folder, workFolder, phone } = run.session;
  const path = join(workFolder, 'Manifest.db');
  await makeManifestDb(path, run.scan.rows, run.has.manifestDb);
  const manifestDb = run.sealing.sealManifestDb(diskContent(path, (await stat(path)).size));
  const manifestPlist = bytesContent(
    encodeManifestPlist(phone, { date: run.startedAt, sealingKeys: run.sealing.manifestKeys }),
  );
  const upload = (name: string, content: FileContent): Upload => ({
    devicePath: `/var/root/Library/Caches/Backup/${name}`,
    hostPath: `${folder}/Snapshot/${name}`,
    content,
  });
  await writing(host.upload([upload('Manifest.plist', manifestPlist)], 0));
  await writing(host.upload([upload('Manifest.db', manifestDb)], 0));
  await sendStatus(run, 'Snapshot/Status.plist', 'removing');
  return new Map([
    ['Manifest.plist', manifestPlist],
    ['Manifest.db', manifestDb],
  ]);
}

async function putInPlace(run: Run): Promise<void> {
  const { host, options } = run.session;
  const { itemsPerMessage = ITEMS_PER_MESSAGE } = options;
  await sendStatus(run, 'Status.plist', 'moving');
  host.progress = 99;
  for (const portion of portionsOf(movesOf(run), itemsPerMessage)) {
    await writing(host.move(new Map(portion)));
  }
  host.progress = 100;
  for (const portion of portionsOf(removalsOf(run), itemsPerMessage)) {
    await writing(host.remove(portion));
  }
  await sendStatus(run, 'Status.plist', 'finished');
}

/** Payloads first, what names them after that. */
function* movesOf({ session: { folder }, scan }: Run): Iterable<readonly [from: string, to: string]> {
  for (const { row } of scan.payloads) {
    const place = placeOf(row.fileID);
    yield [`${folder}/Snapshot/${place}`, `${folder}/${place}`];
  }
  for (const name of ['Manifest.plist', 'Manifest.db', 'Status.plist']) {
    yield [`${folder}/Snapshot/${name}`, `${folder}/${name}`];
  }
}

/** Payloads that no row names any more, and the empty folder of the new ones. */
function* removalsOf({ session: { folder }, scan, has }: Run): Iterable<string> {
  const named = new Set(scan.rows.filter(isFileRow).map((row) => row.fileID));
  for (const fileID of has.payloads) if (!named.has(fileID)) yield `${folder}/${placeOf(fileID)}`;
  yield `${folder}/Snapshot`;
}

function placeOf(fileID: string): string {
  return `${fileID.slice(0, 2)}/${fileID}`;
}

/** Our limit on one message: hosts take it whole into memory. A real phone sends one, of unknown size. */
const ITEMS_PER_MESSAGE = 50_000;

function* portionsOf<Item>(items: Iterable<Item>, itemsMax: number): Iterable<readonly Item[]> {
  let portion: Item[] = [];
  for (const item of items) {
    portion.push(item);
    if (portion.length < itemsMax) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}

async function sendStatus(run: Run, name: string, state: SnapshotState): Promise<void> {
  const { host, folder } = run.session;
  const content = bytesContent(statusOf(run, state));
  const upload = {
    devicePath: '/var/root/Library/Caches/Backup/Status.plist',
    hostPath: `${folder}/${name}`,
    content,
  };
  await writing(host.upload([upload], 0));
}

/**
 * What Status.plist says in `state`: `new` once a generation is complete, `empty` before. A full run
 * into a folder that has one counts as incremental.
 * Source: observed on iOS 26.6 and, for the full run, 16.7.2.
 */
function statusOf(run: Run, state: SnapshotState): Uint8Array {
  const inPlace = state === 'removing' || state === 'finished';
  const status: BackupStatus = {
    isFullBackup: !run.has.hasGeneration,
    uuid: run.uuid,
    date: new Date(Math.floor(run.startedAt.getTime() / 1000) * 1000),
    backupState: inPlace || run.has.hasGeneration ? 'new' : 'empty',
    snapshotState: state,
  };
  return encodeStatus(status);
}

/** Translates what the host could not write. Source: 105 and 104 observed on iOS 10 to 17. */
async function writing(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof HostFailure)) throw error;
    throw error.code === HOST_STATUS.diskFull ? refusals.hostFull() : refusals.uploadFailed();
  }
}

/** Source: lockdown domain `com.apple.mobile.backup`, observed on iOS 15/16. */
function rememberBackup({ session }: Run): void {
  const { values, clock } = session.phone;
  const now = Math.floor(clock.now().getTime() / 1000);
  values.set('com.apple.mobile.backup', 'LastiTunesBackupDate', now - COCOA_EPOCH);
  values.set('com.apple.mobile.backup', 'LastiTunesBackupTZ', 'GMT');
}
