import { backupEntries } from '../content/backup-entries.ts';
import { hasDigests } from '../content/domains.ts';
import { bytesContent, sha1Of } from '../file-system/file-content.ts';
import type { FileContent } from '../file-system/phone-file-system.ts';
import type { Phone } from '../phone/phone.ts';
import type { HostBackup } from './host-backup.ts';
import { type ManifestRow, rowOf, sameState } from './manifest-row.ts';
import type { Sealing } from './sealing.ts';

/** One payload that the host does not have yet. */
export interface Payload {
  readonly row: ManifestRow;
  readonly devicePath: string;
  readonly content: FileContent;
}

/** What the phone holds at one moment, and what of it must be sent. */
export interface Scan {
  /** Every row of the new manifest. */
  readonly rows: readonly ManifestRow[];
  readonly payloads: readonly Payload[];
  readonly payloadBytes: number;
}

/**
 * Compares the phone with what the host has. Whatever differs in any way is sent again.
 *
 * The entries are collected at once and contents never change, so this is a snapshot of the phone:
 * what the owner does afterwards belongs to the next backup.
 */
export async function scanPhone(phone: Phone, has: HostBackup, sealing: Sealing): Promise<Scan> {
  const rows: ManifestRow[] = [];
  const payloads: Payload[] = [];
  for (const { row: found, path, content } of foundOn(phone, sealing)) {
    if (content === undefined) {
      rows.push(found);
      continue;
    }
    const old = has.rows.get(found.fileID);
    const unchanged =
      old !== undefined &&
      sameState(old, found) &&
      isComplete(old, sealing) &&
      !has.mixed &&
      has.payloads.has(found.fileID);
    if (unchanged) {
      rows.push(keepingSeal(found, old));
      continue;
    }
    const { row, payload } = sealing.seal(found, content);
    const complete = hasDigests(row.domain) ? { ...row, digest: await digestOf(payload) } : row;
    rows.push(complete);
    payloads.push({ row: complete, devicePath: path, content: payload });
  }
  const payloadBytes = payloads.reduce((sum, { content }) => sum + content.sizeBytes, 0);
  return { rows, payloads, payloadBytes };
}

/** Does it say all that we would? Other programs leave things out. */
function isComplete({ domain, digest, encryptionKey }: ManifestRow, { encrypted }: Sealing): boolean {
  return (digest !== undefined || !hasDigests(domain)) && (encryptionKey !== undefined) === encrypted;
}

/** A payload that stays on the host keeps its key and its digest. */
function keepingSeal(found: ManifestRow, { digest, encryptionKey }: ManifestRow): ManifestRow {
  if (encryptionKey === undefined) return digest === undefined ? found : { ...found, digest };
  return { ...found, digest, encryptionKey };
}

interface Found {
  readonly row: ManifestRow;
  readonly path: string;
  /** Of a file. */
  readonly content: FileContent | undefined;
}

function foundOn(phone: Phone, sealing: Sealing): readonly Found[] {
  const found: Found[] = [];
  for (const entry of backupEntries(phone.files, phone.apps, sealing.encrypted)) {
    const { kind, path, content } = entry.node;
    found.push({ row: rowOf(entry), path, content: kind === 'file' ? (content ?? NOTHING) : undefined });
  }
  return found;
}

const NOTHING = bytesContent(new Uint8Array());

/** A changed file has another content, so what was computed once stays true. */
const knownDigests = new WeakMap<FileContent, Uint8Array>();

async function digestOf(content: FileContent): Promise<Uint8Array> {
  const digest = knownDigests.get(content) ?? (await sha1Of(content));
  knownDigests.set(content, digest);
  return digest;
}
