import { backupEntries } from '../content/backup-entries.ts';
import { backupScope, hasDigests } from '../content/domains.ts';
import { KEYCHAIN } from '../content/keychain.ts';
import { bytesContent, readWhole, sha1Of } from '../file-system/file-content.ts';
import type { FileContent } from '../file-system/phone-file-system.ts';
import type { Phone } from '../phone/phone.ts';
import { sealKeychain } from './encryption/keychain-sealing.ts';
import type { HostBackup } from './host-backup.ts';
import { fileIDOf, type ManifestRow, rowOf, sameState } from './manifest-row.ts';
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
  for (const { row, path, content: onPhone } of foundOn(phone, sealing)) {
    if (onPhone === undefined) {
      rows.push(row);
      continue;
    }
    const content = row.fileID === KEYCHAIN_ID ? await leavingKeychain(onPhone, sealing) : onPhone;
    const found = content === onPhone ? row : { ...row, sizeBytes: content.sizeBytes };
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
    const sealed = sealing.seal(found, content);
    const complete = hasDigests(found.domain)
      ? { ...sealed.row, digest: await digestOf(sealed.payload) }
      : sealed.row;
    rows.push(complete);
    payloads.push({ row: complete, devicePath: path, content: sealed.payload });
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

const KEYCHAIN_ID = fileIDOf(KEYCHAIN.domain, KEYCHAIN.relativePath);

/** The keychain never leaves as it is. */
async function leavingKeychain(content: FileContent, { keychainLock }: Sealing): Promise<FileContent> {
  return bytesContent(sealKeychain(await readWhole(content), keychainLock));
}

interface Found {
  readonly row: ManifestRow;
  readonly path: string;
  /** Of a file. */
  readonly content: FileContent | undefined;
}

function foundOn(phone: Phone, sealing: Sealing): readonly Found[] {
  const found: Found[] = [];
  for (const entry of backupEntries(
    phone.files,
    phone.apps,
    backupScope(sealing.encrypted, phone.behaviour),
  )) {
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
