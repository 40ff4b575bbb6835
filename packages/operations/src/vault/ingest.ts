import { hostname, userInfo } from 'node:os';
import { parseReceivedHashes } from '@rootcellar/backup';
import {
  joinPath,
  memoryTree,
  nameOf,
  nestedTree,
  overlayTree,
  type ReadableTree,
  ROOT,
  subTree,
  type TreePath,
  unionTree,
} from '@rootcellar/core';
import {
  type CipherRecord,
  deleteSnapshot,
  encodeCipherList,
  INCOMPLETE_TAG,
  listSnapshots,
  openSnapshot,
  type Snapshot,
} from '@rootcellar/vault';
import type { CommitOptions } from '../back-up-device/backup-target.ts';
import { hashFileOf } from '../back-up-device/folder-hashes.ts';
import { countFiles, everything, writeWhole } from '../back-up-device/tree-work.ts';
import { operationError } from '../errors.ts';
import {
  CIPHER_LIST,
  type CipherRecords,
  proveRecords,
  readCipherRecords,
  recordPathOf,
} from './cipher-records.ts';
import { decryptedTree, encryptedTree } from './cipher-trees.ts';
import { finishedSnapshots, type PhoneVault } from './phone-vault.ts';
import { saveOnAllCores } from './save-on-all-cores.ts';
import { removeStaging, type VaultPlaces } from './vault-places.ts';

/** A checkpoint after this part of what is to be stored, so that hardly anything is on the disk twice. */
const CHECKPOINT_PART = 20;
const CHECKPOINT_BYTES_MIN = 32 * 1024 * 1024;
const CHECKPOINT_BYTES_MAX = 2 * 1024 ** 3;

/** What the note says that makes a staging area a whole backup which only needs to be stored. */
export interface IngestNote {
  /** When the backup began: the time of its snapshot. */
  readonly startedAt: string;
  /** Id of the snapshot that it is based on. */
  readonly base: string | undefined;
  /** Id of the checkpoint that has what is no longer in the staging area. */
  readonly checkpoint?: string;
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
  options: CommitOptions,
): Promise<Snapshot | undefined> {
  const note = await readIngestNote(places);
  if (note === undefined) return undefined;
  const finished = await finishedSnapshots(vault, options.signal);
  // It was recorded, and there was no time to say so.
  const done = finished.find(({ time }) => time.getTime() === Date.parse(note.startedAt));
  const snapshot = done ?? (await store(vault, places, { note, finished, ...options }));
  await removeStaging(places);
  return snapshot;
}

interface Storing extends CommitOptions {
  readonly note: IngestNote;
  readonly finished: readonly Snapshot[];
}

async function store(vault: PhoneVault, places: VaultPlaces, storing: Storing): Promise<Snapshot> {
  const { note, finished, onProgress, signal } = storing;
  const { udid, contents } = vault;
  const base = finished.find(({ id }) => id === note.base);
  const checkpoint = await checkpointOf(vault, note, signal);
  if (note.checkpoint !== undefined && checkpoint === undefined) {
    // Somebody has deleted what was stored so far. What is left is no backup.
    await removeStaging(places);
    throw operationError('stored-part-lost');
  }
  const sofar = { files: 0, bytes: 0 };
  const records = await recordsFor(vault, places, { ...storing, base, checkpoint });
  const { bytes: stagedBytes } = await countFiles(places.upper);
  const snapshot = await saveOnAllCores(contents, {
    tree: await treeToStore(vault, places, { base, checkpoint, records }),
    paths: [`/${udid}`],
    hostname: hostname(),
    username: userInfo().username,
    tags: [`device:${udid}`, `kept:${records.size > 0 ? 'small' : 'sealed'}`],
    time: new Date(note.startedAt),
    ...parentOf(checkpoint ?? base),
    signal,
    onFile({ sizeBytes }) {
      sofar.files += 1;
      sofar.bytes += sizeBytes;
      onProgress(sofar);
    },
    checkpoints: {
      afterBytes: Math.min(
        CHECKPOINT_BYTES_MAX,
        Math.max(CHECKPOINT_BYTES_MIN, Math.ceil(stagedBytes / CHECKPOINT_PART)),
      ),
      async onCheckpoint({ id }, files) {
        await writeWhole(places.home, places.ingest, JSON.stringify({ ...note, checkpoint: id }));
        await removeStaged(places, udid, files);
      },
    },
  });
  await requireComplete(vault, places, snapshot);
  await forgetCheckpoints(vault, note, signal);
  return snapshot;
}

/** Everything that arrived must be in the snapshot, before what is left of it goes. */
async function requireComplete(
  { udid, contents }: PhoneVault,
  { home, received }: VaultPlaces,
  snapshot: Snapshot,
): Promise<void> {
  const missing = new Set((await parseReceivedHashes(home.read(received)))?.keys());
  for await (const { path } of everything(openSnapshot(contents, snapshot), joinPath(ROOT, udid))) {
    missing.delete(nameOf(path));
  }
  if (missing.size === 0) return;
  await deleteSnapshot(contents.repository, snapshot.id);
  throw operationError('backup-not-whole', { findings: missing.size });
}

const parentOf = (parent: Snapshot | undefined) => (parent ? { parent } : {});

/**
 * What a folder of backups would hold: the device folder, and the hashes of its files beside it. Files with a record
 * are decrypted, and the records lie beside it too.
 */
async function treeToStore(
  vault: PhoneVault,
  { upper, changes, home, received }: VaultPlaces,
  { base, checkpoint, records }: Layers,
): Promise<ReadableTree> {
  const { udid, contents } = vault;
  const deviceOf = (snapshot: Snapshot) => subTree(openSnapshot(contents, snapshot), joinPath(ROOT, udid));
  const earlier = base ? deviceOf(base) : memoryTree();
  const sent = decryptedTree(upper, records);
  const changed = unionTree(sent, await overlayTree({ base: earlier, upper: memoryTree(), changes }));
  const device = checkpoint ? unionTree(sent, deviceOf(checkpoint), changed) : changed;
  const beside = memoryTree();
  await beside.write(hashFileOf(udid), home.read(received));
  if (records.size > 0) await beside.write(CIPHER_LIST, encodeCipherList(inOrder(records)));
  return unionTree(beside, nestedTree(device, udid));
}

interface Layers {
  readonly base: Snapshot | undefined;
  readonly checkpoint: Snapshot | undefined;
  readonly records: CipherRecords;
}

function inOrder(records: CipherRecords): readonly CipherRecord[] {
  return [...records.values()].sort((one, other) => (one.file < other.file ? -1 : 1));
}

/** Those that a checkpoint has are of the whole new backup. Without keys, everything is kept as it was sent. */
async function recordsFor(
  vault: PhoneVault,
  { upper, changes }: VaultPlaces,
  { base, checkpoint, keys, onProgress, signal }: Omit<Layers, 'records'> & CommitOptions,
): Promise<CipherRecords> {
  const { udid, contents } = vault;
  if (checkpoint) return readCipherRecords(openSnapshot(contents, checkpoint));
  const home = base ? openSnapshot(contents, base) : memoryTree();
  const earlier = await readCipherRecords(home);
  const before = encryptedTree(subTree(home, joinPath(ROOT, udid)), earlier);
  const device = await overlayTree({ base: before, upper, changes });
  if (keys) return proveRecords({ device, upper, keys, earlier, signal, onProgress });
  return recordsOfUnchanged(earlier, device, upper);
}

/** What lies decrypted in the snapshot before stays so. */
async function recordsOfUnchanged(
  earlier: CipherRecords,
  device: ReadableTree,
  upper: ReadableTree,
): Promise<CipherRecords> {
  const kept = new Map<string, CipherRecord>();
  for (const [name, record] of earlier) {
    const path = recordPathOf(name);
    const isUnchanged = (await upper.stat(path)) === undefined && (await device.stat(path)) !== undefined;
    if (isUnchanged) kept.set(name, record);
  }
  return kept;
}

/** What an ingest of the same backup that was cut off has stored. */
async function checkpointOf(
  vault: PhoneVault,
  note: IngestNote,
  signal: AbortSignal | undefined,
): Promise<Snapshot | undefined> {
  return (await checkpointsOf(vault, note, signal)).at(-1);
}

async function checkpointsOf(
  { contents }: PhoneVault,
  { startedAt }: IngestNote,
  signal: AbortSignal | undefined,
): Promise<readonly Snapshot[]> {
  const all = await listSnapshots(contents.repository, { signal });
  const isOurs = ({ tags, time }: Snapshot) =>
    tags.includes(INCOMPLETE_TAG) && time.getTime() === Date.parse(startedAt);
  return all.filter(isOurs).sort((one, other) => one.recordedAt.getTime() - other.recordedAt.getTime());
}

/** `saveSnapshot` removes its own; these are of attempts before. */
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
