import { open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskContent } from '../file-system/content-store.ts';
import { refusals } from './answers.ts';
import { type ManifestProperties, parseManifestPlist, parseStatus } from './control-files.ts';
import { HOST_STATUS } from './host-folder.ts';
import { isDamaged, readManifestDb } from './manifest-db.ts';
import type { ManifestRow } from './manifest-row.ts';
import type { Sealing } from './sealing.ts';
import { type AgentSession, fetchControlFile } from './session.ts';

/** What the host already has of this phone, as far as it can be believed. */
export interface HostBackup {
  /** The rows of its manifest by file ID; none if everything has to be sent. */
  readonly rows: ReadonlyMap<string, ManifestRow>;
  /** Where a copy of that manifest lies, readable, for this run to change; `undefined` if there is none. */
  readonly manifestDb: string | undefined;
  /** Is there a complete generation that stays restorable until this run moves its own in place? */
  readonly hasGeneration: boolean;
  /** Payloads in place, whether a row names them or not. */
  readonly payloads: ReadonlySet<string>;
  /**
   * An earlier run was cut while it moved things: any payload may be newer than the row that names
   * it, so none counts as sent. It stays so until a run gets through.
   */
  readonly mixed: boolean;
  /** Names in the device folder. */
  readonly names: ReadonlySet<string>;
  readonly hasSnapshotFolder: boolean;
}

/**
 * Reads the control files of the host and lists its folders.
 *
 * The root's SnapshotState tells how far an earlier run came. `finished` and `uploading`: the
 * generation in place is untouched. `removing`: the new generation is in place, unless the host
 * moved things out of order. `moving`: nobody knows.
 *
 * Source: observed on iOS 26.6 (`uploading`, `empty`, `finished`); backup-format specification, 2.2.
 */
export async function readHostBackup(
  session: AgentSession,
  options: { readonly forceFull: boolean; readonly sealing: Sealing },
): Promise<HostBackup> {
  const generation = await readGeneration(session, options);
  const { host, folder } = session;
  const snapshot = await host.list(`${folder}/Snapshot`);
  const entries = await host.list(folder);
  const payloads = new Set<string>();
  for (const { name, isFolder } of entries) {
    if (!isFolder || !isShard(name)) continue;
    for (const entry of await host.list(`${folder}/${name}`))
      if (isFileID(entry.name)) payloads.add(entry.name);
  }
  const { state } = generation;
  const cutWhileMoving =
    state === 'moving' ||
    (state === 'removing' &&
      (await holdsPayloads(
        session,
        snapshot.map((entry) => entry.name),
      )));
  return {
    rows: generation.rows,
    manifestDb: generation.manifestDb,
    hasGeneration: generation.complete,
    payloads,
    mixed: generation.complete && cutWhileMoving,
    names: new Set(entries.map((entry) => entry.name)),
    hasSnapshotFolder: snapshot.length > 0,
  };
}

/** The 256 folders of payloads: `00` to `ff`. */
export function isShard(name: string): boolean {
  return /^[0-9a-f]{2}$/.test(name);
}

interface Manifest {
  readonly rows: ReadonlyMap<string, ManifestRow>;
  readonly manifestDb: string | undefined;
}

const NO_MANIFEST: Manifest = { rows: new Map(), manifestDb: undefined };

interface Generation extends Manifest {
  readonly complete: boolean;
  readonly state?: string;
}

const NO_GENERATION: Generation = { ...NO_MANIFEST, complete: false };

async function readGeneration(
  session: AgentSession,
  options: { readonly forceFull: boolean; readonly sealing: Sealing },
): Promise<Generation> {
  const status = await fetchStatus(session);
  if (status === undefined || status.backupState !== 'new') return NO_GENERATION;
  const plist = await fetchControlFile(session, 'Manifest.plist');
  if (plist?.length === 0) throw refusals.propertiesEmpty();
  const properties = plist && parseManifestPlist(plist);
  if (properties === undefined) return NO_GENERATION;
  if (options.forceFull) return { ...NO_MANIFEST, complete: true, state: status.snapshotState };
  const manifest = await fetchManifest(session, options.sealing, properties);
  if (session.phone.behaviour.readsStatusTwice) await fetchStatus(session);
  if (manifest === undefined) return NO_GENERATION;
  return { ...manifest, complete: true, state: status.snapshotState };
}

async function fetchStatus(session: AgentSession): Promise<ReturnType<typeof parseStatus>> {
  const bytes = await fetchControlFile(session, 'Status.plist');
  if (bytes?.length === 0) throw refusals.propertiesEmpty();
  return bytes && parseStatus(bytes);
}

/**
 * @returns no rows if the backup is under other keys than ours: it counts, but all is sent again;
 *   `undefined` if there is no manifest that can be read: the run is full then
 */
async function fetchManifest(
  session: AgentSession,
  sealing: Sealing,
  properties: ManifestProperties,
): Promise<Manifest | undefined> {
  const copy = await fetchManifestDb(session);
  if (copy === undefined) return undefined;
  try {
    const opened = await openCopy(copy, (sealed) => sealing.openManifestDb(sealed, properties));
    if (opened === undefined) return NO_MANIFEST;
    const rows = new Map<string, ManifestRow>();
    for (const row of readManifestDb(opened)) if (!isDamaged(row)) rows.set(row.fileID, row);
    return { rows, manifestDb: opened };
  } catch {
    return undefined;
  }
}

/**
 * Decrypts a copied Manifest.db beside itself.
 *
 * @returns the path of the readable database; `undefined` if `open` has no key for it
 * @throws what `open` fails with while the bytes go through it
 */
export async function openCopy(
  copy: string,
  open: (sealed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> | undefined,
): Promise<string | undefined> {
  const pieces = open(diskContent(copy, (await stat(copy)).size).read());
  if (pieces === undefined) return undefined;
  const opened = `${copy}.opened`;
  await writeFile(opened, pieces, { mode: 0o600 });
  return opened;
}

/**
 * Copies the host's Manifest.db into the work folder.
 *
 * @returns the path of the copy; `undefined` if the host has none
 * @throws a `Refusal` 205 if it is empty, 100 if the host cannot read it
 */
export async function fetchManifestDb(session: AgentSession): Promise<string | undefined> {
  const path = `${session.folder}/Manifest.db`;
  const copy = join(session.workFolder, 'downloaded.db');
  let bytes = 0;
  const failed = await session.host.download([path], async (_, pieces) => {
    const file = await open(copy, 'w', 0o600);
    try {
      for await (const piece of pieces) {
        bytes += piece.length;
        if (bytes > session.phone.files.capacityBytes) throw refusals.databaseDamaged();
        await file.writeFile(piece);
      }
    } finally {
      await file.close();
    }
  });
  const code = failed.get(path);
  if (code === HOST_STATUS.notFound) return undefined;
  if (code !== undefined) throw refusals.hostReadFailed(path);
  if (bytes === 0) throw refusals.databaseDamaged();
  return copy;
}

function isFileID(name: string): boolean {
  return /^[0-9a-f]{40}$/.test(name);
}

async function holdsPayloads(session: AgentSession, names: readonly string[]): Promise<boolean> {
  for (const name of names) {
    if (isShard(name) && (await session.host.list(`${session.folder}/Snapshot/${name}`)).length > 0)
      return true;
  }
  return false;
}
