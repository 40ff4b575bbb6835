import { expect, it } from 'vitest';
import type { FileContent } from '../file-system/phone-file-system.ts';
import type { AgentSession } from './session.ts';
import { verifyBackup } from './verify-backup.ts';

/** A file of two pieces that knows whether somebody still holds it open. */
function watchedContent(): FileContent & { readonly open: boolean } {
  let open = false;
  return {
    sizeBytes: 2,
    get open() {
      return open;
    },
    async *read() {
      open = true;
      try {
        yield Uint8Array.of(1);
        yield Uint8Array.of(2);
      } finally {
        open = false;
      }
    },
  };
}

async function* oneByte(byte: number, after: 'more' | 'gone'): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(byte);
  if (after === 'gone') throw new Error('The computer is gone');
  yield Uint8Array.of(2);
}

it.each([
  ['differs', 9, 'more'],
  ['breaks off', 1, 'gone'],
  ['is the same but for the end of the run', 1, 'more'],
] as const)('a file that is read back and %s is not left open', async (_, byte, after) => {
  const content = watchedContent();
  const host = {
    download: async (
      _paths: unknown,
      take: (path: string, pieces: AsyncIterable<Uint8Array>) => Promise<void>,
    ) => {
      await take('U/Manifest.db', oneByte(byte, after));
      return new Map();
    },
    list: async () => [],
  };
  const session = { host, folder: 'U' } as unknown as AgentSession;
  await verifyBackup(session, new Map([['Manifest.db', content]]), []).catch(() => {});
  expect(content.open).toBe(false);
});
