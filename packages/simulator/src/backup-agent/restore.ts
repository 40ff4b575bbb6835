import { createHash } from 'node:crypto';
import { asBoolean, asDict } from '@rootcellar/codecs';
import { compareVersions } from '../devices/system-version.ts';
import type { FileContent } from '../file-system/phone-file-system.ts';
import { refusals } from './answers.ts';
import { type ManifestProperties, parseManifestPlist, parseStatus } from './control-files.ts';
import { fetchManifestDb } from './host-backup.ts';
import { isDamaged, readManifestDb } from './manifest-db.ts';
import type { ManifestRow } from './manifest-row.ts';
import { appsAfterRestore } from './restore-apps.ts';
import {
  completePendingRestore,
  type PlannedItem,
  type RestoreOptions,
  type RestorePlan,
  stageRestore,
} from './restore-plan.ts';
import { planItems } from './restore-rows.ts';
import { type AgentSession, askPasscode, fetchControlFile, type Outcome } from './session.ts';

/** Share of the payloads in the whole progress. Source: 97 % seen near the end (iOS 7/8). */
const PERCENT_DOWNLOADED = 97;

/**
 * Restores the host's backup onto this phone.
 *
 * Everything is fetched and checked before anything changes; a cut leaves the phone as it was. The
 * data is put in place while the phone restarts.
 *
 * Source: order of requests observed on iOS 12 and 16 (Status, Manifest.plist, Manifest.db, Info).
 *
 * @throws a `Refusal` that becomes the final answer; errors of `backup-agent` when the host is gone
 */
export async function restore(session: AgentSession): Promise<Outcome> {
  const { phone } = session;
  if (phone.condition.findMy) throw refusals.findMyOn();
  if (phone.behaviour.asksPasscodeForRestore) await askPasscode(session, 'restore');
  if (!session.escrowUnlocked && phone.condition.passcode !== undefined) throw refusals.deviceLocked();
  const backup = await fetchBackup(session);
  const options = optionsOf(session);
  const { properties, info } = backup;
  const apps = await appsAfterRestore(phone, { info, properties, removeOthers: options.removeOthers });
  const items = planItems(backup.rows, { phone, apps, properties, options });
  requireRoomOnPhone(session, items);
  const contents = await fetchPayloads(session, items);
  if (phone.condition.restorePending) throw refusals.restoreLeftOver();
  const plan: RestorePlan = { items, contents, apps, options, deviceName: properties.deviceName };
  stageRestore(phone, plan);
  return options.reboot ? { afterwards: () => restartInto(session) } : {};
}

function restartInto({ phone }: AgentSession): void {
  void completePendingRestore(phone)
    .then(() => phone.restart())
    .catch(() => {});
}

interface FetchedBackup {
  readonly properties: ManifestProperties;
  readonly rows: readonly ManifestRow[];
  readonly info: Uint8Array | undefined;
}

async function fetchBackup(session: AgentSession): Promise<FetchedBackup> {
  const statusBytes = await requireProperties(session, 'Status.plist');
  const properties = parseManifestPlist(await requireProperties(session, 'Manifest.plist'));
  const status = parseStatus(statusBytes);
  if (status === undefined || properties === undefined) throw refusals.propertiesEmpty();
  if (status.snapshotState !== 'finished') throw refusals.notFinished(status.snapshotState);
  const copy = await fetchManifestDb(session);
  if (copy === undefined) throw refusals.databaseMissing(`${session.folder}/Manifest.db`);
  const info = await fetchControlFile(session, 'Info.plist');
  requireSuitable(session, properties);
  return { properties, rows: readRows(copy), info };
}

async function requireProperties(session: AgentSession, name: string): Promise<Uint8Array> {
  const bytes = await fetchControlFile(session, name);
  if (bytes === undefined) throw refusals.propertiesMissing(`${session.folder}/${name}`);
  if (bytes.length === 0) throw refusals.propertiesEmpty();
  return bytes;
}

/** Does this backup fit this phone? */
function requireSuitable({ phone }: AgentSession, properties: ManifestProperties): void {
  const { productVersion } = phone.identity;
  if (properties.isEncrypted) throw refusals.passwordWrong();
  if (compareVersions(properties.productVersion, productVersion) > 0) {
    throw refusals.versionNotSupported(properties.productVersion, productVersion);
  }
  if (phone.condition.requiresEncryption && !properties.isEncrypted) throw refusals.encryptionForced();
}

/** @throws a `Refusal` 205 if the database or one of its rows cannot be used */
function readRows(path: string): readonly ManifestRow[] {
  const rows: ManifestRow[] = [];
  try {
    for (const row of readManifestDb(path)) {
      if (isDamaged(row)) throw refusals.databaseDamaged();
      rows.push(row);
    }
  } catch {
    throw refusals.databaseDamaged();
  }
  return rows;
}

/**
 * Absent options mean what libimobiledevice documents.
 */
function optionsOf({ phone, request }: AgentSession): RestoreOptions {
  const given = asDict(request['Options']) ?? {};
  return {
    systemFiles: asBoolean(given['RestoreSystemFiles']) ?? false,
    reboot: asBoolean(given['RestoreShouldReboot']) ?? true,
    preserveSettings: asBoolean(given['RestorePreserveSettings']) ?? false,
    removeOthers:
      phone.behaviour.restore.dropsEverythingElse || (asBoolean(given['RemoveItemsNotRestored']) ?? false),
  };
}

/** What is on the phone does not count as freed. Source: libimobiledevice, issue 460. */
function requireRoomOnPhone({ phone }: AgentSession, items: readonly PlannedItem[]): void {
  const neededBytes = items.reduce(
    (sum, { row, kind }) => sum + (kind === 'file' ? Math.max(0, row.sizeBytes) : 0),
    0,
  );
  const freeBytes = phone.files.capacityBytes - phone.files.usedBytes();
  if (freeBytes < neededBytes) throw refusals.phoneFull(freeBytes, neededBytes);
}

/** @throws a `Refusal` 205 if a payload is missing or is not what its row says */
async function fetchPayloads(
  session: AgentSession,
  items: readonly PlannedItem[],
): Promise<ReadonlyMap<string, FileContent>> {
  const { host, folder, options } = session;
  const wanted = new Map<string, ManifestRow>();
  for (const { kind, row } of items) {
    if (kind === 'file') wanted.set(`${folder}/${row.fileID.slice(0, 2)}/${row.fileID}`, row);
  }
  const contents = new Map<string, FileContent>();
  const paths = [...wanted.keys()];
  let digestsWrong = 0;
  const step = options.filesPerBatch ?? session.phone.behaviour.filesPerBatch;
  for (let at = 0; at < paths.length; at += step) {
    host.progress = ((at + step) / Math.max(paths.length, at + step)) * PERCENT_DOWNLOADED;
    const failed = await host.download(paths.slice(at, at + step), async (path, pieces) => {
      const row = wanted.get(path);
      if (row === undefined) return;
      const { content, digest } = await receivePayload(session, pieces);
      contents.set(row.fileID, content);
      if (row.digest !== undefined && !digest.equals(row.digest)) digestsWrong += 1;
    });
    if (failed.size > 0) throw refusals.downloadFailed();
  }
  if (digestsWrong > 0) throw refusals.digestWrong();
  return contents;
}

async function receivePayload(
  { phone }: AgentSession,
  pieces: AsyncIterable<Uint8Array>,
): Promise<{ readonly content: FileContent; readonly digest: Buffer }> {
  const hash = createHash('sha1');
  const content = await phone.files.receiveContent(hashing(pieces, (piece) => hash.update(piece)));
  return { content, digest: hash.digest() };
}

async function* hashing(
  pieces: AsyncIterable<Uint8Array>,
  see: (piece: Uint8Array) => void,
): AsyncIterable<Uint8Array> {
  for await (const piece of pieces) {
    see(piece);
    yield piece;
  }
}
