import { describe, expect, test } from 'vitest';
import { arriving, hex, toHex } from '../testing/byte-pipe.ts';
import { encodeFrame, readFrame } from './frame.ts';

const PAYLOAD = Buffer.from('<plist/>');
const FRAME = encodeFrame(7, PAYLOAD);
const LIMIT = 16 * 1024 * 1024;

function headerOf(frameBytes: number): Uint8Array {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(frameBytes);
  return header;
}

describe('a frame of usbmux', () => {
  test('is read as it was written', async () => {
    const frame = await readFrame(arriving(FRAME));
    expect(frame).toMatchObject({ kind: 8, tag: 7 });
    expect(toHex(frame?.payload)).toBe(toHex(PAYLOAD));
  });

  test('is read whole when it arrives byte by byte', async () => {
    const bytes = [...FRAME].map((byte) => Uint8Array.of(byte));
    expect(toHex((await readFrame(arriving(...bytes)))?.payload)).toBe(toHex(PAYLOAD));
  });

  test('has the header that the specification shows', () => {
    const frame = encodeFrame(1, new Uint8Array(300));
    expect(toHex(frame.subarray(0, 16))).toBe(toHex(hex('3c010000 01000000 08000000 01000000')));
    expect(frame).toHaveLength(316);
  });

  test('may have no payload', async () => {
    expect((await readFrame(arriving(encodeFrame(1, new Uint8Array()))))?.payload).toHaveLength(0);
  });

  test('is followed by the next one', async () => {
    const source = arriving(FRAME, encodeFrame(8, PAYLOAD));
    expect((await readFrame(source))?.tag).toBe(7);
    expect((await readFrame(source))?.tag).toBe(8);
    expect(await readFrame(source)).toBeUndefined();
  });
});

describe('a connection to usbmuxd that ends', () => {
  test('between two frames is the end, not an error', async () => {
    expect(await readFrame(arriving())).toBeUndefined();
  });

  test('at any byte of a frame is an error that says how much arrived', async () => {
    for (let cut = 1; cut < FRAME.length; cut += 1) {
      const inHeader = cut < 16;
      await expect(readFrame(arriving(FRAME.subarray(0, cut)))).rejects.toMatchObject({
        code: 'usbmux.frame-cut-short',
        details: {
          expectedBytes: inHeader ? 16 : PAYLOAD.length,
          receivedBytes: inHeader ? cut : cut - 16,
        },
      });
    }
  });
});

describe('a size that cannot be', () => {
  test.each([0, 15, LIMIT + 1, 2 ** 32 - 1])('%d is refused before anything is read', async (frameBytes) => {
    await expect(readFrame(arriving(headerOf(frameBytes)))).rejects.toMatchObject({
      code: 'usbmux.frame-size-invalid',
      details: { frameBytes },
    });
  });

  test('is not the largest one that we allow', async () => {
    await expect(readFrame(arriving(headerOf(LIMIT)))).rejects.toMatchObject({
      code: 'usbmux.frame-cut-short',
    });
  });
});
