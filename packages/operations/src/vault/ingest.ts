import {
  joinPath,
  memoryTree,
  nestedTree,
  overlayTree,
  type ReadableTree,
  ROOT,
  subTree,
  type TreePath,
  unionTree,
} from '@rootcellar/core';
import {
  type CheckpointOptions,
  deleteSnapshot,
  INCOMPLETE_TAG,
  listSnapshots,
  openSnapshot,
  retagSnapshot,
  type Snapshot,
} from '@rootcellar/vault';
import type { CommitOptions } from '../back-up-device/backup-target.ts';
import { hashFileOf } from '../back-up-device/folder-hashes.ts';
import { countFiles, writeWhole } from '../back-up-device/tree-work.ts';
import { operationError } from '../errors.ts';
import {
  CIPHER_LIST,
  encodeCipherRecords,
  makeRecords,
  readCipherRecords,
  recordPathOf,
} from './cipher-records.ts';
import { type CipherRecords, CipherTable } from './cipher-table.ts';
import { decryptedTree, encryptedTree } from './cipher-trees.ts';
import { generatedTree, type MakeContent } from './generated-tree.ts';
import { finishedSnapshots, isIncomplete, isPart, type PhoneVault, requireThere } from './phone-vault.ts';
import { requireComplete } from './require-complete.ts';
import { saveDeviceSnapshot, tagsOf } from './save-device-snapshot.ts';
import { placesAside, removeStaging, setStagingAside, type VaultPlaces } from './vault-places.ts';

/** A checkpoint after this part of what is to be stored, so that hardly anything is on the disk twice. */
const CHECKPOINT_PART = 20;
const CHECKPOINT_BYTES_MIN = 32 * 1024 * 1024;
const CHECKPOINT_BYTES_MAX = 2 * 1024 ** 3;

export interface IngestOptions extends CommitOptions {
  /** Content after which there is a checkpoint. Default: a twentieth of all, within limits. */
  readonly checkpointBytes?: number | undefined;
  /** Called when the backup is whole in the vault, and before what is left of it elsewhere goes. */
  readonly onStored: (snapshot: Snapshot) => Promise<void>;
}

/** What the note says that makes a staging area a whole backup which only needs to be stored. */
export interface IngestNote {
  /** When the backup began: the time of its snapshot. */
  readonly startedAt: string;
  /** Id of the snapshot that it is based on. */
  readonly base: string | undefined;
  /** Ids of the checkpoints that have what is no longer in the staging area, of one run each. */
  readonly checkpoints?: readonly string[];
}

/** @returns `undefined` if nothing waits to be stored */
export async function readIngestNote({ home, ingest }: VaultPlaces): Promise<IngestNote | undefined> {
  if ((await home.stat(ingest)) === undefined) return undefined;
  const text = Buffer.concat(await Array.fromAsync(home.read(ingest))).toString();
  return JSON.parse(text) as IngestNote;
}

/**
 * Stores a whole backup that lies in the staging area. A staged file goes as soon as a checkpoint that names it is
 * durable, so the disk never holds the phone twice. It may be cut off anywhere and called again: what the last
 * checkpoint has is not read again.
 *
 * @returns the snapshot
 */
export async function ingest(
  vault: PhoneVault,
  places: VaultPlaces,
  options: IngestOptions,
): Promise<Snapshot | undefined> {
  const note = await readIngestNote(places);
  if (note === undefined) return undefined;
  const finished = await finishedSnapshots(vault, options.signal);
  // It was recorded, and there was no time to say so.
  const done = finished.find(({ time }) => time.getTime() === Date.parse(note.startedAt));
  const snapshot = done ?? (await store(vault, places, { note, finished, ...options }));
  await options.onStored(snapshot);
  await forgetCheckpoints(vault, note, options.signal);
  await removeAside(vault, places, options.signal);
  await removeStaging(places);
  return snapshot;
}

/** There is a whole backup instead. */
async function removeAside(
  vault: PhoneVault,
  places: VaultPlaces,
  signal: AbortSignal | undefined,
): Promise<void> {
  const aside = placesAside(places);
  const note = await readIngestNote(aside);
  if (note) await forgetCheckpoints(vault, note, signal);
  await removeStaging(aside);
}

interface Storing extends IngestOptions {
  readonly note: IngestNote;
  readonly finished: readonly Snapshot[];
}

/** It counts as incomplete until everything that arrived was found in it. */
async function store(vault: PhoneVault, places: VaultPlaces, storing: Storing): Promise<Snapshot> {
  const { note, finished, signal } = storing;
  const { udid, contents } = vault;
  const base = finished.find(({ id }) => id === note.base);
  const checkpoints = await checkpointsOf(vault, note, signal);
  const lost = (note.checkpoints ?? []).some((id) => !checkpoints.some((checkpoint) => checkpoint.id === id));
  if (lost || (note.base !== undefined && base === undefined)) {
    await requireReadable(vault, signal);
    // Somebody has deleted what was stored so far, or what it is based on. What is left is no backup.
    await setStagingAside(places);
    throw operationError('stored-part-lost');
  }
  const records = await recordsFor(vault, places, { ...storing, base, checkpoints });
  const isOnNewest = base ? base === finished.at(-1) : contents.index.size === 0;
  const kept = records.size > 0 ? 'small' : 'sealed';
  const stored = await saveDeviceSnapshot(vault, {
    kept,
    tree: await treeToStore(vault, places, { base, checkpoints, records }),
    tags: [INCOMPLETE_TAG],
    time: new Date(note.startedAt),
    ...parentOf(checkpoints[0] ?? base),
    signal,
    onFile: counting(storing.onProgress),
    checkpoints: await checkpointing(vault, places, storing),
  });
  const withContent = checkpoints.length > 0 || storing.full === true || !isOnNewest;
  await requireComplete(vault, places, { snapshot: stored, records, withContent });
  return retagSnapshot(contents.repository, stored, tagsOf(udid, kept), { recordedAt: new Date(), signal });
}

/** What is not in the list may be there all the same: on a disk that was pulled, in a record that cannot be read. */
async function requireReadable(vault: PhoneVault, signal: AbortSignal | undefined): Promise<void> {
  await requireThere(vault, signal);
  const { repository } = vault.contents;
  const damaged: unknown[] = [];
  await listSnapshots(repository, { signal, onDamaged: (_, error) => damaged.push(error) });
  if (damaged.length > 0) throw operationError('stored-part-damaged', {}, damaged[0]);
}

function counting(onProgress: CommitOptions['onProgress']) {
  const sofar = { files: 0, bytes: 0 };
  return ({ sizeBytes }: { readonly sizeBytes: number }): void => {
    sofar.files += 1;
    sofar.bytes += sizeBytes;
    onProgress(sofar);
  };
}

/** Each is noted before what it has goes from the staging area; within a run, each has all that the one before had. */
async function checkpointing(
  { udid }: PhoneVault,
  places: VaultPlaces,
  { note, checkpointBytes }: Storing,
): Promise<CheckpointOptions> {
  const { bytes } = await countFiles(places.upper);
  const part = Math.min(
    CHECKPOINT_BYTES_MAX,
    Math.max(CHECKPOINT_BYTES_MIN, Math.ceil(bytes / CHECKPOINT_PART)),
  );
  return {
    afterBytes: checkpointBytes ?? part,
    keepLast: true,
    async onCheckpoint({ id }, files) {
      const noted: IngestNote = { ...note, checkpoints: [...(note.checkpoints ?? []), id] };
      await writeWhole(places.home, places.ingest, JSON.stringify(noted));
      await removeStaged(places, udid, files);
    },
  };
}

const parentOf = (parent: Snapshot | undefined) => (parent ? { parent } : {});

/**
 * What a folder of backups would hold: the device folder, and the hashes of its files beside it. Files with a record
 * are decrypted, and the records lie beside it too.
 */
async function treeToStore(
  vault: PhoneVault,
  { upper, changes, home, received }: VaultPlaces,
  { base, checkpoints, records }: Layers,
): Promise<ReadableTree> {
  const { udid, contents } = vault;
  const deviceOf = (snapshot: Snapshot) => subTree(openSnapshot(contents, snapshot), joinPath(ROOT, udid));
  const earlier = base ? deviceOf(base) : memoryTree();
  const sent = decryptedTree(upper, records);
  const changed = unionTree(sent, await overlayTree({ base: earlier, upper: memoryTree(), changes }));
  const device = unionTree(sent, ...checkpoints.map(deviceOf), changed);
  const beside = new Map<TreePath, MakeContent>([[hashFileOf(udid), () => home.read(received)]]);
  if (records.size > 0) beside.set(CIPHER_LIST, () => encodeCipherRecords(records));
  return unionTree(await generatedTree(beside), nestedTree(device, udid));
}

interface Layers {
  readonly base: Snapshot | undefined;
  /** What runs before this one have stored, the newest first. */
  readonly checkpoints: readonly Snapshot[];
  readonly records: CipherRecords;
}

/** Those that a checkpoint has are of the whole new backup. Without keys, everything is kept as it was sent. */
async function recordsFor(
  vault: PhoneVault,
  { upper, changes }: VaultPlaces,
  { base, checkpoints, keys, onProgress, signal }: Omit<Layers, 'records'> & CommitOptions,
): Promise<CipherRecords> {
  const { udid, contents } = vault;
  const [checkpoint] = checkpoints;
  if (checkpoint) return readCipherRecords(openSnapshot(contents, checkpoint));
  const home = base ? openSnapshot(contents, base) : memoryTree();
  const earlier = await readCipherRecords(home);
  const before = encryptedTree(subTree(home, joinPath(ROOT, udid)), earlier);
  const device = await overlayTree({ base: before, upper, changes });
  if (keys) return makeRecords({ device, upper, keys, earlier, signal, onProgress });
  return recordsOfUnchanged(earlier, device, upper);
}

/** What lies decrypted in the snapshot before stays so. */
async function recordsOfUnchanged(
  earlier: CipherRecords,
  device: ReadableTree,
  upper: ReadableTree,
): Promise<CipherRecords> {
  const kept = new CipherTable();
  for (const record of earlier.inOrder()) {
    const path = recordPathOf(record.file);
    const isUnchanged = (await upper.stat(path)) === undefined && (await device.stat(path)) !== undefined;
    if (isUnchanged) kept.add(record);
  }
  return kept;
}

/** What runs of the same backup that were cut off have stored, the newest first. */
async function checkpointsOf(
  { contents }: PhoneVault,
  { startedAt }: IngestNote,
  signal: AbortSignal | undefined,
): Promise<readonly Snapshot[]> {
  const all = await listSnapshots(contents.repository, { signal, onDamaged: () => {} });
  const isOurs = (snapshot: Snapshot) =>
    isIncomplete(snapshot) && !isPart(snapshot) && snapshot.time.getTime() === Date.parse(startedAt);
  return all.filter(isOurs).sort((one, other) => other.recordedAt.getTime() - one.recordedAt.getTime());
}

/** When the backup counts as finished: until then they are what the next run goes on from. */
async function forgetCheckpoints(
  vault: PhoneVault,
  note: IngestNote,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const { id } of await checkpointsOf(vault, note, signal)) {
    await deleteSnapshot(vault.contents.repository, id, { signal });
  }
}

async function removeStaged({ upper }: VaultPlaces, udid: string, files: readonly TreePath[]): Promise<void> {
  const prefix = `${udid}/`;
  for (const path of files) {
    if (path.startsWith(prefix)) await upper.remove(path.slice(prefix.length) as TreePath);
  }
}
