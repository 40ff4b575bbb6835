import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { encodeXmlPlist } from '@rootcellar/codecs';
import { ByteChannel } from '@rootcellar/core';
import {
  afcClient,
  Lockdown,
  listUserApplications,
  parsePairRecord,
  parseUsbmuxAddress,
  type Usbmux,
  usbmuxClient,
} from '@rootcellar/device';
import { describe, expect, test } from 'vitest';

/** What a real phone with iOS 12.3.1 and its daemon said. */
const recorded = (name: string): Buffer =>
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'appium-ios-device', `${name}.bin`));

const UDID = '63c3d055c4f83e960e5980fa68be0fbf7d4ba74c';

const WAYS = [
  ['whole', (bytes: Buffer) => [bytes]],
  ['byte by byte', (bytes: Buffer) => Array.from(bytes, (byte) => Buffer.of(byte))],
  [
    'in pieces that end anywhere',
    (bytes: Buffer) => [bytes.subarray(0, 17), bytes.subarray(17, 60), bytes.subarray(60)],
  ],
] as const;

describe.each(WAYS)('recorded messages that arrive %s', (_, cut) => {
  /** Answers each request with these bytes, whatever it was. */
  async function daemonSaying<Value>(bytes: Buffer, ask: (usbmux: Usbmux) => Promise<Value>): Promise<Value> {
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        for (const piece of cut(bytes)) socket.write(piece);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await ask(
        usbmuxClient(parseUsbmuxAddress(`127.0.0.1:${(server.address() as AddressInfo).port}`)),
      );
    } finally {
      server.close();
    }
  }

  /** A phone that says these bytes when it is asked the first time. */
  function phoneSaying(bytes: Buffer) {
    const [ours, phone] = duplexPair();
    phone.once('data', () => {
      for (const piece of cut(bytes)) phone.write(piece);
    });
    return ours;
  }

  /** Our client numbers its packets from 1; the answer was recorded from one that numbers from 0. */
  function afcSaying(name: string) {
    const bytes = recorded(name);
    bytes.writeBigUInt64LE(1n, 24);
    return afcClient(new ByteChannel(phoneSaying(bytes)));
  }

  test.each([
    ['usbmuxlistdevicemessage', 1],
    ['usbmuxlistdevicemessage2', 2],
  ])('list a device: %s', async (name, deviceID) => {
    expect(await daemonSaying(recorded(name), (usbmux) => usbmux.listDevices())).toEqual([
      { udid: UDID, attachments: [{ deviceID, udid: UDID, connection: 'usb' }] },
    ]);
  });

  test('connect, and the first words of lockdown that came with the answer are not lost', async () => {
    const bytes = recorded('usbmuxconnectandlockdown');
    const attachment = { deviceID: 1, udid: UDID, connection: 'usb' } as const;
    const stream = await daemonSaying(bytes, (usbmux) => usbmux.connect(attachment, 62_078));
    const channel = new ByteChannel(stream);
    const answer = recorded('lockdowngettimemessage');
    expect(Buffer.from(await channel.readExactly(answer.length)).equals(answer)).toBe(true);
    channel.destroy();
  });

  test('give a pair record that can be used', async () => {
    const file = await daemonSaying(recorded('usbmuxreadpairmessage'), (usbmux) =>
      usbmux.readPairRecord(UDID),
    );
    expect(parsePairRecord(file ?? new Uint8Array())).toMatchObject({
      hostID: expect.stringMatching(/^[0-9A-F-]{36}$/),
    });
  });

  test('tell the version, the time and the kind of conversation', async () => {
    const lockdown = (name: string) => new Lockdown(phoneSaying(recorded(name)));
    expect(await lockdown('lockdowngetvaluemessage').text('ProductVersion')).toBe('12.3.1');
    expect(await lockdown('lockdowngettimemessage').value('TimeIntervalSince1970')).toMatchObject({
      value: 1561317733.062099,
    });
    await expect(lockdown('lockdownquerytypemessage').requireNormalMode()).resolves.toBeUndefined();
  });

  test('list a folder and confirm what was done', async () => {
    const names = await afcSaying('afclistdirresponse').list('/');
    expect(names).toHaveLength(11);
    expect(names).toEqual(expect.arrayContaining(['DCIM', 'iTunes_Control']));
    await expect(afcSaying('afcsuccessresponse').makeFolder('/x')).resolves.toBeUndefined();
  });

  test('list apps', async () => {
    const end = encodeXmlPlist({ Status: 'Complete' });
    const length = Buffer.alloc(4);
    length.writeUInt32BE(end.length);
    const bytes = Buffer.concat([recorded('installationproxylistmessage'), length, end]);
    const apps = await listUserApplications(new ByteChannel(phoneSaying(bytes)));
    expect(apps.length).toBeGreaterThan(0);
    for (const { bundleID } of apps) expect(bundleID).toMatch(/^[\w.-]+$/);
  });
});
