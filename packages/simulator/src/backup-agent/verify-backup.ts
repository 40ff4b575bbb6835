import type { FileContent } from '../file-system/phone-file-system.ts';
import { refusals } from './answers.ts';
import { isShard } from './host-backup.ts';
import { isFileRow, type ManifestRow } from './manifest-row.ts';
import type { AgentSession } from './session.ts';

/**
 * What a phone checks before it calls a backup done: it reads the control files back, and asks whether
 * every payload is there. The payloads' content is not read.
 *
 * Source: observed on iOS 11 to 26.6 (existence only).
 *
 * @param sent the control files by name, in the order in which they are read back
 * @throws a `Refusal` 205
 */
export async function verifyBackup(
  session: AgentSession,
  sent: ReadonlyMap<string, FileContent>,
  rows: readonly ManifestRow[],
): Promise<void> {
  for (const [name, content] of sent) await expectSame(session, name, content);
  const { host, folder } = session;
  const missing = new Set(rows.filter(isFileRow).map((row) => row.fileID));
  for (const { name } of await host.list(folder)) {
    if (!isShard(name)) continue;
    for (const entry of await host.list(`${folder}/${name}`)) missing.delete(entry.name);
  }
  if (missing.size > 0) throw refusals.payloadsMissing();
}

/** Unknown: what a phone answers when a control file comes back changed; 205 as for a damaged one. */
async function expectSame(session: AgentSession, name: string, sent: FileContent): Promise<void> {
  const path = `${session.folder}/${name}`;
  let same = false;
  const failed = await session.host.download([path], async (_, pieces) => {
    same = await sameBytes(sent, pieces);
  });
  if (failed.size > 0 || !same) throw refusals.databaseDamaged();
}

async function sameBytes(sent: FileContent, pieces: AsyncIterable<Uint8Array>): Promise<boolean> {
  const expected = sent.read()[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  try {
    for await (const piece of pieces) {
      for (let at = 0; at < piece.length; ) {
        if (rest.length === 0) rest = (await expected.next()).value ?? new Uint8Array();
        const count = Math.min(rest.length, piece.length - at);
        const arrived = piece.subarray(at, at + count);
        if (count === 0 || Buffer.compare(rest.subarray(0, count), arrived) !== 0) return false;
        rest = rest.subarray(count);
        at += count;
      }
    }
    return rest.length === 0 && (await expected.next()).done === true;
  } finally {
    // It may hold a file open, also when the computer went away in the middle.
    await expected.return?.();
  }
}
