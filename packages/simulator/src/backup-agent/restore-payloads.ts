import { createHash } from 'node:crypto';
import { encodeKeychain, KEYCHAIN, KEYCHAIN_PATH, parseKeychain } from '../content/keychain.ts';
import { bytesContent, readWhole } from '../file-system/file-content.ts';
import type { FileContent } from '../file-system/phone-file-system.ts';
import type { Phone } from '../phone/phone.ts';
import { refusals } from './answers.ts';
import { type KeychainKeys, openKeychain } from './encryption/keychain-sealing.ts';
import { NotSealed } from './encryption/sealed-content.ts';
import { fileIDOf, type ManifestRow } from './manifest-row.ts';
import type { PlannedItem, RestoreOptions } from './restore-plan.ts';
import type { AgentSession } from './session.ts';
import type { Unlocking } from './unlocking.ts';

/** Share of the payloads in the whole progress. Source: 97 % seen near the end (iOS 7/8). */
const PERCENT_DOWNLOADED = 97;

/** @throws a `Refusal` 205 if a payload is missing or is not what its row says */
export async function fetchPayloads(
  session: AgentSession,
  items: readonly PlannedItem[],
  unlocking: Unlocking,
): Promise<Map<string, FileContent>> {
  const { host, folder, options } = session;
  const wanted = new Map<string, ManifestRow>();
  for (const { kind, row } of items) {
    if (kind === 'file') wanted.set(`${folder}/${row.fileID.slice(0, 2)}/${row.fileID}`, row);
  }
  const contents = new Map<string, FileContent>();
  const paths = [...wanted.keys()];
  let digestsWrong = 0;
  let notSealed = 0;
  const step = options.filesPerBatch ?? session.phone.behaviour.filesPerBatch;
  for (let at = 0; at < paths.length; at += step) {
    host.progress = ((at + step) / Math.max(paths.length, at + step)) * PERCENT_DOWNLOADED;
    const failed = await host.download(paths.slice(at, at + step), async (path, pieces) => {
      const row = wanted.get(path);
      if (row === undefined) return;
      const { content, digest } = await receivePayload(session, row, { pieces, unlocking });
      if (content === undefined) notSealed += 1;
      else contents.set(row.fileID, content);
      if (row.digest !== undefined && !digest.equals(row.digest)) digestsWrong += 1;
    });
    if (failed.size > 0) throw refusals.downloadFailed();
  }
  if (digestsWrong > 0) throw refusals.digestWrong();
  if (notSealed > 0) throw refusals.payloadNotSealed();
  return contents;
}

/** @returns no content if it is not under the key of its row */
async function receivePayload(
  { phone }: AgentSession,
  row: ManifestRow,
  { pieces, unlocking }: { readonly pieces: AsyncIterable<Uint8Array>; readonly unlocking: Unlocking },
): Promise<{ readonly content: FileContent | undefined; readonly digest: Buffer }> {
  const hash = createHash('sha1');
  const sealed = hashing(pieces, (piece) => hash.update(piece));
  const opened = unlocking.openPayload(row, sealed);
  try {
    const content = opened && (await phone.files.receiveContent(opened));
    if (content === undefined) for await (const _ of sealed);
    return { content, digest: hash.digest() };
  } catch (error) {
    if (!(error instanceof NotSealed)) throw error;
    return { content: undefined, digest: hash.digest() };
  }
}

/** Our limit on a keychain: thousands of items have some megabytes. */
const KEYCHAIN_BYTES_MAX = 64 * 1024 * 1024;

/**
 * What this phone can open of the keychain in the backup takes the place of the payload. Items that are
 * not in the backup stay where other things stay, too.
 */
export async function openKeychainIn(
  contents: Map<string, FileContent>,
  context: { readonly phone: Phone; readonly options: RestoreOptions; readonly keyOf: KeychainKeys },
): Promise<void> {
  const { phone, options, keyOf } = context;
  const fileID = fileIDOf(KEYCHAIN.domain, KEYCHAIN.relativePath);
  const sealed = contents.get(fileID);
  if (sealed === undefined) return;
  if (sealed.sizeBytes > KEYCHAIN_BYTES_MAX) throw refusals.databaseDamaged();
  const items = openKeychain(await readWhole(sealed), keyOf);
  const there = options.removeOthers ? undefined : phone.files.stat(KEYCHAIN_PATH)?.content;
  const kept = there === undefined ? [] : parseKeychain(await readWhole(there));
  const restored = new Set(items.map(({ table, row }) => `${table} ${row}`));
  const all = [...items, ...kept.filter(({ table, row }) => !restored.has(`${table} ${row}`))];
  contents.set(fileID, bytesContent(encodeKeychain(all)));
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
