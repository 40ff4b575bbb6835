import { type Simulator, startSimulator } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseUsbmuxAddress } from '../usbmux/address.ts';
import type { Attachment } from '../usbmux/attachment.ts';
import { type Usbmux, usbmuxClient } from '../usbmux/usbmux.ts';
import { connectDevice, openLockdown, readPairRecord } from './device-connection.ts';
import { pair } from './pair.ts';
import { encodePairRecord, type PairRecord } from './pair-record.ts';

let simulator: Simulator;
let usbmux: Usbmux;
let attachment: Attachment;
let record: PairRecord;

beforeAll(async () => {
  simulator = await startSimulator({
    phones: [{ profile: 'empty', owner: 'present' }],
    services: () => [
      {
        name: 'test.escrow',
        serve: ({ channel, escrowUnlocked }) => channel.write(Buffer.from(escrowUnlocked ? 'open' : 'shut')),
      },
    ],
  });
  usbmux = usbmuxClient(parseUsbmuxAddress(simulator.tcp));
  const [device] = await usbmux.listDevices();
  if (device === undefined) throw new Error('No phone');
  attachment = device.attachments[0];
  const lockdown = await openLockdown(usbmux, attachment);
  record = await pair(lockdown, { systemBuid: await usbmux.readBuid() });
  lockdown.close();
  await usbmux.savePairRecord(attachment.udid, encodePairRecord(record));
});
afterAll(() => simulator.close());

/** As if this computer kept another record, or none. */
const keeping = (file: Uint8Array | undefined): Usbmux => ({ ...usbmux, readPairRecord: async () => file });

describe('a device that trusts this computer', () => {
  test('opens services, with protected data only if asked', async () => {
    const connection = await connectDevice(usbmux, attachment);
    for (const [escrow, expected] of [
      [true, 'open'],
      [false, 'shut'],
    ] as const) {
      const channel = await connection.openService('test.escrow', { escrow });
      expect(Buffer.from(await channel.readExactly(4)).toString()).toBe(expected);
      channel.destroy();
    }
    connection.close();
  });

  test('does not offer what it does not have', async () => {
    const connection = await connectDevice(usbmux, attachment);
    await expect(connection.openService('test.nothing')).rejects.toMatchObject({
      code: 'lockdown.service-unknown',
    });
    connection.close();
  });

  test('is not asked when we have no record, or a damaged one', async () => {
    for (const file of [undefined, new Uint8Array(), Buffer.from('<plist><dict>')]) {
      expect(await readPairRecord(keeping(file), attachment.udid)).toBeUndefined();
      await expect(connectDevice(keeping(file), attachment)).rejects.toMatchObject({
        code: 'lockdown.not-trusted',
      });
    }
  });

  test('that forgot us says so', async () => {
    const unknown = encodePairRecord({ ...record, hostID: 'SOMEBODY-ELSE' });
    await expect(connectDevice(keeping(unknown), attachment)).rejects.toMatchObject({
      code: 'lockdown.not-trusted',
    });
  });

  test('is not taken for the paired one when it has another key', async () => {
    const other = encodePairRecord({ ...record, deviceCertificate: record.rootCertificate });
    await expect(connectDevice(keeping(other), attachment)).rejects.toMatchObject({
      code: 'lockdown.wrong-device-key',
    });
  });

  test('that is unplugged is gone', async () => {
    const connection = await connectDevice(usbmux, attachment);
    simulator.phones[0]?.presence.setPlugged(false);
    await expect(connection.lockdown.value('DeviceName')).rejects.toMatchObject({
      code: 'lockdown.session-lost',
    });
    await expect(connection.openService('test.escrow')).rejects.toMatchObject({ code: 'usbmux.device-gone' });
    simulator.phones[0]?.presence.setPlugged(true);
  });
});
