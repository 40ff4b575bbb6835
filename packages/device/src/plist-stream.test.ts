import { PassThrough } from 'node:stream';
import { encodeBinaryPlist, encodeXmlPlist, type PlistValue } from '@rootcellar/codecs';
import { ByteChannel } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plistStream, readMessage, withLength } from './plist-stream.ts';
import { arriving } from './testing/byte-pipe.ts';

const WAIT = { timeoutMs: 5_000, waitingFor: 'a test' };
const MESSAGE = { Request: 'QueryType' };
const BYTES = withLength(encodeXmlPlist(MESSAGE));
const LIMIT = 64 * 1024 * 1024;

const receive = (...chunks: readonly Uint8Array[]) => plistStream(arriving(...chunks)).receive(WAIT);

function lengthOf(messageBytes: number): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(messageBytes);
  return length;
}

describe('a stream of property lists', () => {
  test('reads what it writes', async () => {
    const loop = plistStream(new ByteChannel(new PassThrough()));
    await loop.send(MESSAGE);
    expect(await loop.receive(WAIT)).toEqual(MESSAGE);
  });

  test('reads both forms, byte by byte, one after the other', async () => {
    const both = Buffer.concat([BYTES, withLength(encodeBinaryPlist(['second', -6]))]);
    const stream = plistStream(arriving(...[...both].map((byte) => Uint8Array.of(byte))));
    expect(await stream.receive(WAIT)).toEqual(MESSAGE);
    expect(await stream.receive(WAIT)).toEqual(['second', -6]);
    expect(await stream.receive(WAIT)).toBeUndefined();
  });

  test('bears control characters that XML does not allow', async () => {
    const xml = Buffer.from('<plist><dict><key>Name</key><string>a\u0001b</string></dict></plist>');
    const message: PlistValue | undefined = await receive(withLength(xml));
    expect(message).toHaveProperty('Name');
  });

  test('ends between two messages without an error', async () => {
    expect(await receive()).toBeUndefined();
  });

  test('that ends at any byte of a message is cut short', async () => {
    for (let cut = 1; cut < BYTES.length; cut += 1) {
      await expect(receive(BYTES.subarray(0, cut)), `cut at ${cut}`).rejects.toMatchObject({
        code: 'stream.cut-short',
      });
    }
  });

  test.each([0, LIMIT + 1, 2 ** 32 - 1])('refuses a message of %d bytes', async (messageBytes) => {
    await expect(receive(lengthOf(messageBytes))).rejects.toMatchObject({
      code: 'plist-stream.size-invalid',
      details: { messageBytes },
    });
  });

  test('accepts a message of just the limit', async () => {
    expect(await readMessage(arriving(lengthOf(3), Buffer.from('abc')), 3)).toHaveLength(3);
    await expect(readMessage(arriving(lengthOf(4), Buffer.from('abcd')), 3)).rejects.toMatchObject({
      code: 'plist-stream.size-invalid',
    });
  });

  test('gives up after its time', async () => {
    const silent = plistStream(new ByteChannel(new PassThrough()));
    await expect(silent.receive({ ...WAIT, timeoutMs: 20 })).rejects.toMatchObject({
      code: 'stream.timed-out',
      details: { waitingFor: 'a test' },
    });
  });

  test('stops waiting when it is told to', async () => {
    const silent = plistStream(new ByteChannel(new PassThrough()));
    const reason = new Error('enough');
    await expect(silent.receive({ ...WAIT, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('turns any bytes into values, the end or a known error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), fc.boolean(), async (bytes, framed) => {
        const outcome = await receive(framed ? withLength(bytes) : bytes).catch((error: unknown) => error);
        if (outcome instanceof Error) {
          expect(outcome).toHaveProperty('code', expect.stringMatching(/^(plist|plist-stream|stream)\./));
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
