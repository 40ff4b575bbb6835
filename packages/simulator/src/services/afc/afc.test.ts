import { Duplex } from 'node:stream';
import { ByteChannel, manualClock, seededRandom } from '@rootcellar/core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPhoneFiles } from '../../file-system/create-phone-files.ts';
import type { PhoneFileSystem } from '../../file-system/phone-file-system.ts';
import type { Phone } from '../../phone/phone.ts';
import type { Service } from '../service.ts';
import { afc } from './afc.ts';

/** Two ends of one connection. */
function connection(): readonly [Duplex, Duplex] {
  const make = (): Duplex => new Duplex({ read: () => {}, write: () => {} });
  const [near, far] = [make(), make()];
  const join = (from: Duplex, to: Duplex): void => {
    from._write = (chunk, _encoding, done) => {
      to.push(chunk);
      done();
    };
    from._final = (done) => {
      to.push(null);
      done();
    };
  };
  join(near, far);
  join(far, near);
  return [near, far];
}

interface Answer {
  readonly operation: number;
  readonly number: bigint;
  readonly data: Buffer;
  readonly status: number | undefined;
}

/** One AFC connection as a client sees it. */
class AfcClient {
  readonly channel: ByteChannel;
  readonly served: Promise<void>;
  #number = 0n;

  constructor(service: Service, files: PhoneFileSystem) {
    const [near, far] = connection();
    this.channel = new ByteChannel(near);
    const phone = { files, identity: { productType: 'iPhone15,2' } } as Phone;
    const signal = new AbortController().signal;
    this.served = service.serve({ phone, channel: new ByteChannel(far), signal, escrowUnlocked: true });
  }

  async ask(operation: number, ...parts: readonly (bigint | string | Uint8Array)[]): Promise<Answer> {
    const data = Buffer.concat(parts.map(encode));
    const packet = Buffer.alloc(40);
    this.#number += 1n;
    packet.write('CFA6LPAA', 'latin1');
    packet.writeBigUInt64LE(BigInt(40 + data.length), 8);
    packet.writeBigUInt64LE(BigInt(40 + data.length), 16);
    packet.writeBigUInt64LE(this.#number, 24);
    packet.writeBigUInt64LE(BigInt(operation), 32);
    await this.channel.write(Buffer.concat([packet, data]));
    const header = Buffer.from(await this.channel.readExactly(40));
    const answer = Buffer.from(await this.channel.readExactly(Number(header.readBigUInt64LE(8)) - 40));
    const replied = Number(header.readBigUInt64LE(32));
    return {
      operation: replied,
      number: header.readBigUInt64LE(24),
      data: answer,
      status: replied === 1 ? Number(answer.readBigUInt64LE()) : undefined,
    };
  }

  async open(path: string, mode: bigint): Promise<bigint> {
    const answer = await this.ask(0x0d, mode, path);
    if (answer.operation !== 0x0e) throw new Error(`Open was answered with ${answer.status}`);
    return answer.data.readBigUInt64LE();
  }

  async write(path: string, content: string): Promise<void> {
    const handle = await this.open(path, 3n);
    await this.ask(0x10, handle, Buffer.from(content));
    await this.ask(0x14, handle);
  }

  async leave(): Promise<void> {
    this.channel.end();
    await this.served;
  }
}

function encode(part: bigint | string | Uint8Array): Uint8Array {
  if (typeof part === 'string') return Buffer.from(`${part}\0`);
  if (part instanceof Uint8Array) return part;
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt.asIntN(64, part));
  return bytes;
}

let files: PhoneFileSystem;
let service: Service;
let client: AfcClient;

beforeEach(async () => {
  files = await createPhoneFiles({
    clock: manualClock(new Date('2026-05-03T10:00:00Z')),
    capacityBytes: 10_000,
  });
  service = afc();
  client = new AfcClient(service, files);
});

const texts = (answer: Answer): readonly string[] => answer.data.toString().split('\0').slice(0, -1);

describe('AFC', () => {
  it('repeats the number of the packet', async () => {
    await client.ask(0x0b);
    expect((await client.ask(0x0b)).number).toBe(2n);
  });

  it('writes below the media folder, and reads back what was written', async () => {
    await client.ask(0x09, '/Books/Deep/er');
    await client.write('/Books/one.txt', 'hello phone');
    expect(files.stat('/var/mobile/Media/Books/one.txt')?.sizeBytes).toBe(11);
    const handle = await client.open('Books/one.txt', 1n);
    expect((await client.ask(0x0f, handle, 5n)).data.toString()).toBe('hello');
    expect((await client.ask(0x12, handle)).data.readBigUInt64LE()).toBe(5n);
    expect((await client.ask(0x0f, handle, 100n)).data.toString()).toBe(' phone');
    expect((await client.ask(0x0f, handle, 100n)).data).toHaveLength(0);
    await client.ask(0x11, handle, 2n, -5n);
    expect((await client.ask(0x0f, handle, 100n)).data.toString()).toBe('phone');
    expect((await client.ask(0x14, handle)).status).toBe(0);
  });

  it('lists folders with . and .., and describes what is in them', async () => {
    await client.ask(0x09, '/DCIM');
    await client.write('/DCIM/b', '12345');
    expect(texts(await client.ask(0x03, '/DCIM'))).toEqual(['.', '..', 'b']);
    const info = texts(await client.ask(0x0a, '/DCIM/b'));
    expect(info.slice(0, 8)).toEqual([
      'st_size',
      '5',
      'st_blocks',
      '1',
      'st_nlink',
      '1',
      'st_ifmt',
      'S_IFREG',
    ]);
    expect(info[9]).toBe('1777802400000000000');
    expect(texts(await client.ask(0x0a, '/'))).toContain('S_IFDIR');
  });

  it('tells what room is left', async () => {
    await client.write('/a', 'x'.repeat(1000));
    const facts = texts(await client.ask(0x0b));
    expect(facts).toEqual([
      'Model',
      'iPhone15,2',
      'FSTotalBytes',
      '10000',
      'FSFreeBytes',
      '9000',
      'FSBlockSize',
      '4096',
    ]);
  });

  it('appends, overwrites in the middle and cuts off', async () => {
    await client.write('/a', '0123456789');
    const appending = await client.open('/a', 5n);
    await client.ask(0x10, appending, Buffer.from('AB'));
    await client.ask(0x14, appending);
    const both = await client.open('/a', 2n);
    await client.ask(0x11, both, 0n, 3n);
    await client.ask(0x10, both, Buffer.from('xyz'));
    await client.ask(0x15, both, 8n);
    await client.ask(0x11, both, 0n, 0n);
    expect((await client.ask(0x0f, both, 99n)).data.toString()).toBe('012xyz67');
    await client.ask(0x14, both);
    expect(files.stat('/var/mobile/Media/a')?.sizeBytes).toBe(8);
  });

  it('cuts off and lengthens a file that is not open', async () => {
    await client.write('/a', '0123456789');
    expect((await client.ask(0x07, 4n, '/a')).status).toBe(0);
    expect((await client.ask(0x07, 6n, '/a')).status).toBe(0);
    const handle = await client.open('/a', 1n);
    expect((await client.ask(0x0f, handle, 99n)).data.toString()).toBe('0123\0\0');
  });

  it('makes symbolic links that tell where they point, and does not open them', async () => {
    await client.ask(0x09, '/in');
    await client.write('/in/a', 'x');
    expect((await client.ask(0x1c, 2n, '../in/a', '/in/link')).status).toBe(0);
    const info = texts(await client.ask(0x0a, '/in/link'));
    expect(info).toContain('S_IFLNK');
    expect(info.slice(-2)).toEqual(['LinkTarget', '../in/a']);
    expect((await client.ask(0x0d, 1n, '/in/link')).status).toBe(10);
    expect((await client.ask(0x08, '/in/link')).status).toBe(0);
    expect(files.stat('/var/mobile/Media/in/a')?.sizeBytes).toBe(1);
  });

  it('keeps what was written to a file that a vanished client left open', async () => {
    const handle = await client.open('/left', 3n);
    await client.ask(0x10, handle, Buffer.from('kept'));
    await client.leave();
    expect(files.stat('/var/mobile/Media/left')?.sizeBytes).toBe(4);
  });

  it('renames, dates and removes', async () => {
    await client.write('/a', 'x');
    expect((await client.ask(0x18, '/a', '/b')).status).toBe(0);
    expect((await client.ask(0x1e, 1_000_000_000_000_000_000n, '/b')).status).toBe(0);
    expect(files.stat('/var/mobile/Media/b')?.attributes.modifiedAt).toBe(1_000_000_000);
    expect((await client.ask(0x08, '/b')).status).toBe(0);
    expect((await client.ask(0x08, '/b')).status).toBe(8);
  });

  it('removes a folder with its contents only when told so', async () => {
    await client.ask(0x09, '/full');
    await client.write('/full/a', 'x');
    expect((await client.ask(0x08, '/full')).status).toBe(1);
    expect((await client.ask(0x22, '/full')).status).toBe(0);
    expect(files.stat('/var/mobile/Media/full')).toBeUndefined();
  });

  it('lets one client at a time hold an exclusive lock', async () => {
    const other = new AfcClient(service, files);
    const lockFile = '/com.apple.itunes.lock_sync';
    const mine = await client.open(lockFile, 2n);
    const theirs = await other.open(lockFile, 2n);
    expect((await client.ask(0x1b, mine, 6n)).status).toBe(0);
    expect((await client.ask(0x1b, mine, 6n)).status).toBe(0);
    expect((await other.ask(0x1b, theirs, 6n)).status).toBe(19);
    expect((await other.ask(0x1b, theirs, 5n)).status).toBe(19);
    await client.ask(0x1b, mine, 12n);
    expect((await other.ask(0x1b, theirs, 5n)).status).toBe(0);
    expect((await client.ask(0x1b, mine, 5n)).status).toBe(0);
    expect((await client.ask(0x1b, mine, 6n)).status).toBe(19);
    await other.leave();
    expect((await client.ask(0x1b, mine, 6n)).status).toBe(0);
  });

  it.each([
    ['a folder that is not there', [0x03, '/nowhere'], 8],
    ['reading a file that is not there', [0x0d, 1n, '/nowhere'], 8],
    ['a file in a folder that is not there', [0x0d, 3n, '/nowhere/a'], 8],
    ['opening a folder', [0x0d, 1n, '/'], 9],
    ['a mode that does not exist', [0x0d, 7n, '/a'], 7],
    ['a path out of the media folder', [0x0a, '/../Library'], 10],
    ['a path out of it through a folder', [0x0a, '/a/../../../etc'], 10],
    ['a handle nobody opened', [0x0f, 99n, 1n], 7],
    ['a request without its fields', [0x0f], 7],
    ['a path that is missing', [0x0a], 7],
    ['a folder moved into itself', [0x18, '/in', '/in/side'], 7],
    ['removing the media folder', [0x22, '/'], 10],
    ['hard links', [0x1c, 1n, '/in', '/link'], 15],
    ['a link that leads out of the media folder', [0x1c, 2n, '../../Library', '/in/link'], 10],
    ['a link to nothing', [0x1c, 2n, '', '/link'], 7],
    ['a link in a folder that is not there', [0x1c, 2n, 'a', '/no/link'], 8],
    ['a link in place of a folder', [0x1c, 2n, 'a', '/in'], 16],
    ['cutting off what is not there', [0x07, 3n, '/nowhere'], 8],
    ['cutting off a folder', [0x07, 3n, '/in'], 9],
    ['an operation nobody knows', [0x99], 15],
  ] as const)('refuses %s and goes on', async (_, [operation, ...parts], status) => {
    await client.ask(0x09, '/in');
    expect((await client.ask(operation, ...parts)).status).toBe(status);
    expect((await client.ask(0x0b)).operation).toBe(2);
  });

  it('says that the phone is full', async () => {
    const handle = await client.open('/big', 3n);
    await client.ask(0x10, handle, new Uint8Array(20_000));
    expect((await client.ask(0x14, handle)).status).toBe(18);
  });

  it('refuses sizes that do not fit in memory', async () => {
    const handle = await client.open('/big', 3n);
    expect((await client.ask(0x15, handle, 2n ** 63n)).status).toBe(13);
    expect((await client.ask(0x11, handle, 0n, -1n)).status).toBe(7);
  });

  it.each([39n, 4n * 1024n * 1024n + 1n, 2n ** 64n - 1n])(
    'gives up at a packet of %i bytes',
    async (size) => {
      const packet = Buffer.alloc(40);
      packet.write('CFA6LPAA', 'latin1');
      packet.writeBigUInt64LE(size, 8);
      await client.channel.write(packet);
      await expect(client.served).rejects.toMatchObject({ code: 'simulator.frame-size-invalid' });
    },
  );

  it('never leaves the media folder, whatever is asked', async () => {
    files.writeFile('/var/mobile/Library/secret', Buffer.from('untouched'));
    const random = seededRandom(1);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 0x30 }),
        fc.uint8Array({ maxLength: 40 }),
        async (operation, data) => {
          const dots = random.pick(['', '../', '/../..', '/..']);
          await client.ask(operation, random.pick([data, Buffer.concat([data, Buffer.from(`${dots}\0`)])]));
        },
      ),
      { seed: 1, numRuns: 500 },
    );
    const outside = [...files.walk('/')].filter((node) => !node.path.startsWith('/var/mobile/Media'));
    const folders = ['/', '/var', '/var/mobile', '/var/mobile/Library'];
    expect(outside.map((node) => node.path).filter((path) => !folders.includes(path))).toEqual([
      '/var/mobile/Library/secret',
    ]);
  });
});
