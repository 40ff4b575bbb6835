import { Duplex, duplexPair } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteChannel } from './byte-channel.ts';

/** A channel, and the other side of its wire. */
function connect(): { readonly channel: ByteChannel; readonly far: Duplex } {
  const [near, far] = duplexPair();
  return { channel: new ByteChannel(near), far };
}

/** Lets everything that streams have scheduled happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

describe('reading', () => {
  test('does not care in which pieces the bytes arrived', async () => {
    const { channel, far } = connect();
    for (const piece of ['ab', 'c', 'defg', 'h']) far.write(piece);
    expect(text(await channel.read(1))).toBe('a');
    expect(text(await channel.read(4))).toBe('bcde');
    expect(text(await channel.read(3))).toBe('fgh');
  });

  test('gives back what was sent, however it was cut on both sides', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
        async (pieces, sizes) => {
          const { channel, far } = connect();
          for (const piece of pieces) far.write(piece);
          far.end();
          const got: Uint8Array[] = [];
          for (let turn = 0; ; turn += 1) {
            const bytes = await channel.read(sizes[turn % sizes.length] ?? 1);
            if (bytes.length === 0) break;
            got.push(bytes);
          }
          expect(Buffer.concat(got)).toEqual(Buffer.concat(pieces));
          expect(channel.receivedBytes).toBe(Buffer.concat(pieces).length);
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });

  test('waits for bytes that are still to come', async () => {
    const { channel, far } = connect();
    const read = channel.read(4);
    far.write('ab');
    await settle();
    far.write('cd');
    expect(text(await read)).toBe('abcd');
  });

  test('whatever is there gives no more than was asked for, and waits if nothing is', async () => {
    const { channel, far } = connect();
    const first = channel.readSome(3);
    far.write('abcde');
    expect(text(await first)).toBe('abc');
    expect(text(await channel.readSome(100))).toBe('de');
  });

  test('of no bytes waits for nothing', async () => {
    const { channel } = connect();
    expect(await channel.read(0)).toHaveLength(0);
  });

  test('pauses the stream while nobody reads, and goes on afterwards', async () => {
    const { channel, far } = connect();
    const piece = Buffer.alloc(256 * 1024, 7);
    const pieces = 40;
    const sent = (async () => {
      for (let count = 0; count < pieces; count += 1) {
        if (!far.write(piece)) await new Promise((resolve) => far.once('drain', resolve));
      }
      far.end();
    })();
    await settle();
    expect(channel.receivedBytes).toBeLessThan(3 * 1024 * 1024);
    expect(await channel.read(pieces * piece.length)).toHaveLength(pieces * piece.length);
    await sent;
  });
});

describe('the end', () => {
  test('gives what is left, then nothing', async () => {
    const { channel, far } = connect();
    far.end('abc');
    expect(text(await channel.read(10))).toBe('abc');
    expect(await channel.read(10)).toHaveLength(0);
    expect(await channel.readSome(10)).toHaveLength(0);
  });

  test('inside what must be whole is an error with both counts', async () => {
    const { channel, far } = connect();
    far.end('abc');
    await expect(channel.readExactly(4)).rejects.toMatchObject({
      code: 'stream.cut-short',
      details: { expectedBytes: 4, receivedBytes: 3 },
    });
  });

  test('wakes whoever waits', async () => {
    const { channel, far } = connect();
    const reads = channel.read(4);
    far.destroy();
    expect(await reads).toHaveLength(0);
  });

  test('that came before the channel was made is seen by it', async () => {
    const [near, far] = duplexPair();
    near.resume();
    far.end();
    await settle();
    expect(await new ByteChannel(near).read(1)).toHaveLength(0);
  });
});

describe('a failure of the stream', () => {
  test('is told after the bytes that came before it, and again each time', async () => {
    const [near, far] = duplexPair();
    const channel = new ByteChannel(near);
    far.write('abc');
    await settle();
    const reason = new Error('reset');
    near.destroy(reason);
    await settle();
    expect(channel.closed).toBe(true);
    expect(text(await channel.read(10))).toBe('abc');
    for (let time = 0; time < 2; time += 1) {
      await expect(channel.read(1)).rejects.toMatchObject({ code: 'stream.closed', cause: reason });
    }
    await expect(channel.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'stream.closed' });
  });

  test('inside what must be whole is told as what it is, not as an end', async () => {
    const { channel, far } = connect();
    const reason = new Error('silence');
    const read = channel.readExactly(4);
    far.write('ab');
    await settle();
    channel.destroy(reason);
    await expect(read).rejects.toBe(reason);
  });

  test('that came before the channel was made is seen by it', async () => {
    const [near] = duplexPair();
    near.on('error', () => {});
    near.destroy(new Error('reset'));
    await settle();
    await expect(new ByteChannel(near).read(1)).rejects.toMatchObject({ code: 'stream.closed' });
  });

  test('that we cause ourselves wakes readers and writers with our reason', async () => {
    const stuck = new Duplex({ read() {}, write() {}, writableHighWaterMark: 1 });
    const channel = new ByteChannel(stuck);
    const reason = new Error('enough');
    const both = Promise.allSettled([channel.read(1), channel.write(Buffer.from('xyz'))]);
    channel.destroy(reason);
    expect(await both).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
  });
});

describe('writing', () => {
  test('waits until the other side has taken enough', async () => {
    let take = (): void => {};
    const slow = new Duplex({
      read() {},
      write: (_chunk, _encoding, done) => {
        take = done;
      },
      writableHighWaterMark: 4,
    });
    const channel = new ByteChannel(slow);
    await channel.write(Buffer.from('abc'));
    let isWritten = false;
    const written = channel.write(Buffer.from('defg')).then(() => {
      isWritten = true;
    });
    await settle();
    expect(isWritten).toBe(false);
    take();
    await settle();
    take();
    await written;
  });

  test('after the end is refused, and what was written before is delivered', async () => {
    const { channel, far } = connect();
    await channel.write(Buffer.from('last'));
    channel.end();
    channel.end();
    await expect(channel.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'stream.closed' });
    expect(Buffer.concat(await Array.fromAsync(far)).toString()).toBe('last');
  });
});

describe('a released channel', () => {
  test('puts what nobody has read back at the front of the stream', async () => {
    const { channel, far } = connect();
    far.write('plain;');
    far.write('secure ');
    expect(text(await channel.read(6))).toBe('plain;');
    await settle();
    const stream = channel.release();
    far.end('more');
    expect(Buffer.concat(await Array.fromAsync(stream)).toString()).toBe('secure more');
  });

  test('no longer listens to its stream, and cannot be read', async () => {
    const { channel } = connect();
    const stream = channel.release();
    for (const event of ['data', 'end', 'close', 'error']) {
      expect(stream.listenerCount(event), event).toBe(0);
    }
    await expect(channel.read(1)).rejects.toThrow('released');
  });

  test('of a stream that has ended does not fail, though bytes are left', async () => {
    const { channel, far } = connect();
    far.end('left over');
    await channel.read(1);
    await settle();
    channel.release();
    await settle();
  });
});

test('bytes from several places leave together, in order, and wait for a slow reader', async () => {
  const arrived: string[] = [];
  let letGo: () => void = () => {};
  const slow = new Duplex({
    read() {},
    writev: (chunks, done) => {
      arrived.push(chunks.map(({ chunk }) => text(chunk)).join('|'));
      letGo = done;
    },
    writableHighWaterMark: 4,
  });
  const channel = new ByteChannel(slow);
  let written = false;
  const writing = channel.writeAll(['ab', 'c', 'defg'].map((part) => Buffer.from(part))).then(() => {
    written = true;
  });
  await settle();
  expect(arrived).toEqual(['ab|c|defg']);
  expect(written).toBe(false);
  letGo();
  await writing;
  await channel.writeAll([]);
  channel.destroy();
  await expect(channel.writeAll([Buffer.from('x'), Buffer.from('y')])).rejects.toMatchObject({
    code: 'stream.closed',
  });
});
