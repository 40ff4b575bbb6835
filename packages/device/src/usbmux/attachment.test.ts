import type { PlistDict } from '@rootcellar/codecs';
import { describe, expect, test } from 'vitest';
import { hex } from '../testing/byte-pipe.ts';
import { type Attachment, groupByDevice, normaliseUdid, parseAttachment } from './attachment.ts';

const OLD = '0123456789abcdef0123456789abcdef01234567';
const NEW = '00008110-000A1B2C3D4E801E';

function attached(properties: PlistDict, deviceID: number | undefined = 3): PlistDict {
  return { MessageType: 'Attached', DeviceID: deviceID, Properties: properties };
}

describe('a serial number', () => {
  test('of 24 digits gets its dash', () => {
    expect(normaliseUdid('00008110000A1B2C3D4E801E')).toBe(NEW);
    expect(normaliseUdid('00008110000a1b2c3d4e801e')).toBe(NEW);
  });

  test('that has a dash keeps it', () => {
    expect(normaliseUdid(NEW)).toBe(NEW);
    expect(normaliseUdid(NEW.toLowerCase())).toBe(NEW);
  });

  test('of 40 digits is written in small letters, as its pair record is', () => {
    expect(normaliseUdid(OLD)).toBe(OLD);
    expect(normaliseUdid(OLD.toUpperCase())).toBe(OLD);
  });

  test('loses the NULs that fill it up', () => {
    expect(normaliseUdid(`00008110000A1B2C3D4E801E${'\0'.repeat(16)}`)).toBe(NEW);
  });

  test('ends at its first NUL', () => {
    expect(normaliseUdid(`${OLD}\0garbage`)).toBe(OLD);
  });
});

describe('a message that a device is attached', () => {
  test('over USB is understood', () => {
    const message = attached({ ConnectionType: 'USB', SerialNumber: '00008110000A1B2C3D4E801E' });
    expect(parseAttachment(message)).toEqual({ deviceID: 3, udid: NEW, connection: 'usb' });
  });

  test('may have its number among the properties only', () => {
    const message = { Properties: { DeviceID: 9, SerialNumber: OLD } };
    expect(parseAttachment(message)).toEqual({ deviceID: 9, udid: OLD, connection: 'usb' });
  });

  test('over the network has an address', () => {
    const message = attached({
      ConnectionType: 'Network',
      SerialNumber: OLD,
      NetworkAddress: hex('0200 0000 c0a80114 0000000000000000'),
    });
    expect(parseAttachment(message)).toEqual({
      deviceID: 3,
      udid: OLD,
      connection: 'wifi',
      address: { host: '192.168.1.20', family: 4 },
    });
  });

  test('over the network is usable without an address that we understand', () => {
    const message = attached({ ConnectionType: 'Network', SerialNumber: OLD, NetworkAddress: hex('00') });
    expect(parseAttachment(message)).toEqual({ deviceID: 3, udid: OLD, connection: 'wifi' });
  });

  test.each([
    ['a device in early boot', attached({ SerialNumber: 'ffffffffffffffffffffffff' })],
    ['a device in early boot, filled up', attached({ SerialNumber: `${'f'.repeat(24)}\0\0` })],
    ['an empty serial number', attached({ SerialNumber: '' })],
    ['a serial number of NULs', attached({ SerialNumber: '\0\0\0\0' })],
    ['no serial number', attached({})],
    ['a serial number too long to be one', attached({ SerialNumber: `${'\0'.repeat(1_000_000)}a` })],
    ['a serial number that is no text', attached({ SerialNumber: 5 })],
    ['no properties', { DeviceID: 3 }],
    ['a number that is none', { DeviceID: 'three', Properties: { SerialNumber: OLD } }],
    ['a number beyond all limits', { DeviceID: 2n ** 64n, Properties: { SerialNumber: OLD } }],
    ['an array', [attached({ SerialNumber: OLD })]],
    ['a text', 'Attached'],
  ])('is of no use with %s', (_, message) => {
    expect(parseAttachment(message)).toBeUndefined();
  });
});

describe('ways to a device', () => {
  const way = (deviceID: number, udid: string, connection: 'usb' | 'wifi'): Attachment => ({
    deviceID,
    udid,
    connection,
  });

  test('come together, USB first, devices as first seen', () => {
    const ways = [way(1, NEW, 'wifi'), way(2, OLD, 'usb'), way(3, NEW, 'usb'), way(4, OLD, 'wifi')];
    expect(groupByDevice(ways)).toEqual([
      { udid: NEW, attachments: [way(3, NEW, 'usb'), way(1, NEW, 'wifi')] },
      { udid: OLD, attachments: [way(2, OLD, 'usb'), way(4, OLD, 'wifi')] },
    ]);
  });

  test('may be none', () => {
    expect(groupByDevice([])).toEqual([]);
  });
});
