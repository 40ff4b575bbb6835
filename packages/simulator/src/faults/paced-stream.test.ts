import { duplexPair } from 'node:stream';
import { ByteChannel, seededRandom } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Pace, PacedStream } from './paced-stream.ts';

const at = Buffer.from;

function paced(pace: Pace) {
  const [near, far] = duplexPair();
  const stream = new PacedStream(near, pace);
  return { inner: near, stream, near: new ByteChannel(stream), far: new ByteChannel(far) };
}

const asItComes: Pace = async function* (bytes) {
  yield bytes;
};

describe('a paced stream', () => {
  it('passes every byte in order, in both directions, however it is cut', async () => {
    const content = fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(content, fc.integer(), async (chunks, seed) => {
        const random = seededRandom(seed);
        const { near, far } = paced(async function* (bytes) {
          const cut = random.below(bytes.length + 1);
          yield bytes.subarray(0, cut);
          yield bytes.subarray(cut);
        });
        const all = Buffer.concat(chunks);
        for (const chunk of chunks) void near.write(chunk);
        expect(at(await far.read(all.length))).toEqual(all);
        for (const chunk of chunks) void far.write(chunk);
        expect(at(await near.read(all.length))).toEqual(all);
        near.end();
        expect(await far.read(1)).toHaveLength(0);
        far.destroy();
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it('ends both sides when the pace throws', async () => {
    const { near, far } = paced(async function* (bytes) {
      yield bytes.subarray(0, 2);
      throw new Error('pulled');
    });
    void near.write(at('apple')).catch(() => {});
    expect(at(await far.read(5))).toEqual(at('ap'));
    await expect(near.read(1)).resolves.toHaveLength(0);
  });

  it('ends when the other side does', async () => {
    const { inner, stream, near, far } = paced(asItComes);
    far.end();
    expect(await near.read(1)).toHaveLength(0);
    inner.destroy();
    await expect.poll(() => stream.destroyed).toBe(true);
  });

  it('tells the pace when it is gone, so that nobody sleeps on', async () => {
    let gone = false;
    const { stream, near } = paced(async function* (bytes, signal) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      gone = true;
      yield bytes;
    });
    void near.write(at('x')).catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    stream.destroy();
    await expect.poll(() => gone).toBe(true);
  });
});
