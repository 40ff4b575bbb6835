import { asBoolean, asDict } from '@rootcellar/codecs';
import { compareVersions } from '../devices/system-version.ts';
import { refusals } from './answers.ts';
import { type ManifestProperties, parseManifestPlist, parseStatus } from './control-files.ts';
import { fetchManifestDb, openCopy } from './host-backup.ts';
import { isDamaged, readManifestDb } from './manifest-db.ts';
import type { ManifestRow } from './manifest-row.ts';
import { appsAfterRestore } from './restore-apps.ts';
import { fetchPayloads, openKeychainIn } from './restore-payloads.ts';
import {
  completePendingRestore,
  type PlannedItem,
  type RestoreOptions,
  type RestorePlan,
  stageRestore,
} from './restore-plan.ts';
import { planItems } from './restore-rows.ts';
import { type AgentSession, askPasscode, fetchControlFile, type Outcome } from './session.ts';
import { type Unlocking, unlockBackup } from './unlocking.ts';

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
  const { properties, info, unlocking } = backup;
  const apps = await appsAfterRestore(phone, { info, properties, removeOthers: options.removeOthers });
  const items = planItems(backup.rows, { phone, apps, properties, options });
  requireRoomOnPhone(session, items);
  const contents = await fetchPayloads(session, items, unlocking);
  await openKeychainIn(contents, { phone, options, keyOf: unlocking.keychainKey });
  if (phone.condition.restorePending) throw refusals.restoreLeftOver();
  const plan: RestorePlan = {
    items,
    contents,
    apps,
    options,
    deviceName: properties.deviceName,
    isEncrypted: properties.isEncrypted,
    encryption: unlocking.encryption,
  };
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
  readonly unlocking: Unlocking;
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
  const unlocking = await unlockBackup(session, properties);
  return { properties, rows: await readRows(copy, unlocking), info, unlocking };
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
  if (compareVersions(properties.productVersion, productVersion) > 0) {
    throw refusals.versionNotSupported(properties.productVersion, productVersion);
  }
  if (phone.condition.requiresEncryption && !properties.isEncrypted) throw refusals.encryptionForced();
}

/** @throws a `Refusal` 205 if the database or one of its rows cannot be used */
async function readRows(copy: string, unlocking: Unlocking): Promise<readonly ManifestRow[]> {
  const rows: ManifestRow[] = [];
  try {
    const path = await openCopy(copy, (sealed) => unlocking.openManifestDb(sealed));
    if (path === undefined) throw refusals.databaseDamaged();
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
