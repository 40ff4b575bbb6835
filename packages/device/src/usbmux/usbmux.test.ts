import { mkdtempSync, rmSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeXmlPlist } from '@rootcellar/codecs';
import { type Simulator, startSimulator } from '@rootcellar/simulator';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../testing/byte-pipe.ts';
import { type DaemonConversation, type ScriptedDaemon, startDaemon } from '../testing/scripted-daemon.ts';
import { parseUsbmuxAddress } from './address.ts';
import type { Attachment } from './attachment.ts';
import { encodeFrame } from './frame.ts';
import { swapBytes, usbmuxClient } from './usbmux.ts';

/** Root may connect to every socket, so for a moment we are somebody else. */
const NOBODYS_USER_ID = 65_534;

const NOBODY: Attachment = { deviceID: 999, udid: 'nobody', connection: 'usb' };

describe('a port', () => {
  test.each([
    [62_078, 32_498],
    [80, 20_480],
    [27_015, 34_665],
    [49_152, 192],
  ])('%d travels as %d, and back', (port, swapped) => {
    expect(swapBytes(port)).toBe(swapped);
    expect(swapBytes(swapped)).toBe(port);
  });
});

describe('with simulated phones', () => {
  let simulator: Simulator;
  const client = () => usbmuxClient(parseUsbmuxAddress(simulator.tcp));

  beforeAll(async () => {
    simulator = await startSimulator({ phones: [{ profile: 'empty', owner: 'absent' }] });
  });
  afterAll(() => simulator.close());

  async function thePhone(): Promise<Attachment> {
    const [device] = await client().listDevices();
    if (device === undefined) throw new Error('No phone is attached');
    return device.attachments[0];
  }

  test('lists what is attached', async () => {
    const udid = simulator.phones[0]?.identity.udid;
    expect(await client().listDevices()).toMatchObject([
      { udid, attachments: [{ udid, connection: 'usb' }] },
    ]);
  });

  test('opens a stream to a port, on which the phone answers', async () => {
    const stream = await client().connect(await thePhone(), 62_078);
    expect(stream.readable && stream.writable).toBe(true);
    stream.destroy();
  });

  test('says that a device is gone', async () => {
    await expect(client().connect(NOBODY, 62_078)).rejects.toMatchObject({ code: 'usbmux.device-gone' });
  });

  test('says that a port is refused', async () => {
    await expect(client().connect(await thePhone(), 1)).rejects.toMatchObject({
      code: 'usbmux.port-refused',
      details: { port: 1 },
    });
  });

  test('keeps pair records, and misses what was never kept', async () => {
    const record = Buffer.from('<plist><dict/></plist>');
    const { udid, deviceID } = await thePhone();
    expect(await client().readPairRecord(udid)).toBeUndefined();
    await client().savePairRecord(udid, record, deviceID);
    expect(toHex(await client().readPairRecord(udid))).toBe(toHex(record));
    await client().deletePairRecord(udid);
    await client().deletePairRecord(udid);
    expect(await client().readPairRecord(udid)).toBeUndefined();
  });

  test('reports that a record could not be kept', async () => {
    await expect(client().savePairRecord('../x', Buffer.from('12345678'))).rejects.toMatchObject({
      code: 'usbmux.unknown-answer',
      details: { answer: 22 },
    });
  });

  test('tells the name of the computer, always the same', async () => {
    const buid = await client().readBuid();
    expect(buid).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
    expect(await client().readBuid()).toBe(buid);
  });
});

describe('without a daemon', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rootcellar-usbmux-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('at a path says that it is not running', async () => {
    const client = usbmuxClient({ path: join(folder, 'nothing') });
    await expect(client.listDevices()).rejects.toMatchObject({
      code: 'usbmux.not-running',
      details: { systemCode: 'ENOENT' },
    });
  });

  test('at a file that is no socket says so too', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    for (const where of [path, join(path, 'below')]) {
      await expect(usbmuxClient({ path: where }).listDevices()).rejects.toMatchObject({
        code: 'usbmux.not-running',
      });
    }
  });

  test('at a port, or at a host that does not exist, says so too', async () => {
    const daemon = await startDaemon(() => {});
    await daemon.close();
    const { port } = daemon.address;
    for (const host of ['127.0.0.1', 'nobody.invalid']) {
      await expect(usbmuxClient({ host, port }).listDevices()).rejects.toMatchObject({
        code: 'usbmux.not-running',
      });
    }
  });

  test('that lets us in says that we are not permitted', async () => {
    const path = join(folder, 'closed.sock');
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    await chmod(path, 0);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(NOBODYS_USER_ID);
    try {
      await expect(usbmuxClient({ path }).listDevices()).rejects.toMatchObject({
        code: 'usbmux.not-permitted',
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
      server.close();
    }
  });
});

describe('with a daemon that', () => {
  let daemon: ScriptedDaemon;
  const saying = async (converse: (conversation: DaemonConversation) => Promise<void> | void) => {
    daemon = await startDaemon(converse);
    return usbmuxClient(daemon.address);
  };
  afterEach(() => daemon.close());

  test('refuses to list, says its number instead of an empty list', async () => {
    const client = await saying(({ send }) => send({ MessageType: 'Result', Number: 6 }));
    await expect(client.listDevices()).rejects.toMatchObject({
      code: 'usbmux.unknown-answer',
      details: { answer: 6 },
    });
  });

  test('lists nonsense among devices, the devices are there', async () => {
    const serial = '0123456789abcdef0123456789abcdef01234567';
    const good = { DeviceID: 1, Properties: { SerialNumber: serial, ConnectionType: 'USB' } };
    const client = await saying(({ send }) => send({ DeviceList: [1, [], {}, good, 'x'] }));
    expect(await client.listDevices()).toMatchObject([{ udid: serial }]);
  });

  test('lists devices without a UDID, they are counted apart', async () => {
    const starting = { DeviceID: 1, Properties: { SerialNumber: 'ffffffff-ffffffffffffffff' } };
    const ready = { DeviceID: 2, Properties: { SerialNumber: '00008120-0001A2B3C4D5E6F7' } };
    const client = await saying(({ send }) => send({ DeviceList: [starting, ready, starting] }));
    expect(await client.countUnready()).toBe(2);
    expect(await client.listDevices()).toHaveLength(1);
  });

  test('hangs up before it answers, the cut is reported and nothing stays open', async () => {
    const client = await saying(({ socket }) => {
      socket.end();
    });
    await expect(client.listDevices()).rejects.toMatchObject({ code: 'usbmux.frame-cut-short' });
    await expect(client.connect(NOBODY, 1)).rejects.toMatchObject({ code: 'usbmux.frame-cut-short' });
    await expect(client.openListener()).rejects.toMatchObject({ code: 'usbmux.frame-cut-short' });
    await expect.poll(() => daemon.connections).toBe(0);
  });

  test.each([
    [2, 'usbmux.device-gone'],
    [3, 'usbmux.port-refused'],
    [1, 'usbmux.unknown-answer'],
    [4, 'usbmux.unknown-answer'],
  ])('answers a connection with %d, that is %s', async (number, code) => {
    const client = await saying(({ send }) => send({ MessageType: 'Result', Number: number }));
    await expect(client.connect(NOBODY, 62_078)).rejects.toMatchObject({ code });
  });

  test('speaks for the device in the same breath as it connects, no byte is lost', async () => {
    const result = encodeFrame(1, encodeXmlPlist({ MessageType: 'Result', Number: 0 }));
    const client = await saying(({ socket }) => {
      socket.write(Buffer.concat([result, Buffer.from('hello')]));
    });
    const stream = await client.connect(NOBODY, 62_078);
    for await (const first of stream) {
      expect(String(first)).toBe('hello');
      break;
    }
  });

  test('says anything at all, the outcome is a value or a known error', async () => {
    const values = fc.oneof(
      fc.constant(null),
      fc.integer(),
      fc.string(),
      fc.array(fc.dictionary(fc.constantFrom('DeviceID', 'Properties', 'SerialNumber'), fc.string())),
      fc.dictionary(
        fc.constantFrom('Number', 'DeviceList', 'BUID', 'PairRecordData'),
        fc.oneof(fc.integer(), fc.string()),
      ),
    );
    let next: unknown;
    const client = await saying(({ send, socket }) => {
      if (next === null) socket.end(Buffer.from('junk that is no frame at all'));
      else return send(next as string);
    });
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        next = value;
        const calls = [
          client.listDevices(),
          client.readBuid(),
          client.readPairRecord('x'),
          client.connect(NOBODY, 1),
        ];
        for (const outcome of await Promise.allSettled(calls)) {
          if (outcome.status === 'rejected')
            expect(outcome.reason).toHaveProperty('code', expect.stringMatching(/^(usbmux|plist)\./));
          else if (outcome.value instanceof Object && 'destroy' in outcome.value) outcome.value.destroy();
        }
      }),
      { seed: 1, numRuns: 60 },
    );
  });
});
