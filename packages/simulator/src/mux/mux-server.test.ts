import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBinaryPlist, encodeXmlPlist, type PlistDict } from '@rootcellar/codecs';
import { ByteChannel } from '@rootcellar/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeviceKey, makeDeviceKey } from '../phone/device-key.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulate.ts';
import { muxClient, muxRequest } from '../testing/wire-client.ts';

let deviceKey: DeviceKey;
beforeAll(async () => {
  deviceKey = await makeDeviceKey();
});

async function withSimulator(
  run: (simulator: Simulator) => Promise<void>,
  options: SimulatorOptions = {},
): Promise<void> {
  const simulator = await startSimulator({ phones: [{ deviceKey, profile: 'empty' }], ...options });
  try {
    await run(simulator);
  } finally {
    await simulator.close();
  }
}

describe('the multiplexer', () => {
  it('lists a phone under its UDID with the dash, and repeats the tag', () =>
    withSimulator(async (simulator) => {
      const client = await muxClient(simulator);
      await client.channel.write(muxRequest(encodeXmlPlist({ MessageType: 'ListDevices' }), 0xfffffffe));
      const answer = await client.next();
      expect(answer.tag).toBe(0xfffffffe);
      expect(answer['DeviceList']).toMatchObject([
        {
          MessageType: 'Attached',
          DeviceID: 1,
          Properties: {
            ConnectionType: 'USB',
            DeviceID: 1,
            SerialNumber: simulator.phones[0]?.identity.udid,
          },
        },
      ]);
      expect(simulator.phones[0]?.identity.udid).toMatch(/^00008120-[0-9A-F]{16}$/);
      client.close();
    }));

  it('accepts binary property lists and answers in XML', () =>
    withSimulator(async (simulator) => {
      const client = await muxClient(simulator);
      await client.channel.write(muxRequest(encodeBinaryPlist({ MessageType: 'ReadBUID' })));
      const header = await client.channel.readExactly(16);
      const bytes = new DataView(header.buffer, header.byteOffset).getUint32(0, true) - 16;
      const payload = Buffer.from(await client.channel.readExactly(bytes)).toString();
      expect(payload).toMatch(/^<\?xml .*<key>BUID<\/key>\s*<string>[0-9A-F-]{36}<\/string>/s);
      client.close();
    }));

  it('tells listeners what is there, what comes, what goes and what is paired', () =>
    withSimulator(async (simulator) => {
      const listener = await muxClient(simulator);
      expect(await listener.request({ MessageType: 'Listen', ProgName: 'watcher' })).toMatchObject({
        Number: 0,
      });
      expect(await listener.next()).toMatchObject({ MessageType: 'Attached', DeviceID: 1, tag: 0 });

      const phone = simulator.phones[0];
      phone?.presence.setOnWifi(true);
      expect(await listener.next()).toMatchObject({ DeviceID: 2, Properties: { ConnectionType: 'Network' } });
      phone?.presence.setPlugged(false);
      expect(await listener.next()).toMatchObject({ MessageType: 'Detached', DeviceID: 1 });
      phone?.presence.setPlugged(true);
      expect(await listener.next()).toMatchObject({ MessageType: 'Attached', DeviceID: 3 });

      const other = await muxClient(simulator);
      const record = { PairRecordID: phone?.identity.udid, PairRecordData: Buffer.from('a whole record') };
      await other.request({ MessageType: 'SavePairRecord', DeviceID: 3, ...record });
      expect(await listener.next()).toMatchObject({ MessageType: 'Paired', DeviceID: 3 });
      expect(await other.request({ MessageType: 'ListListeners' })).toMatchObject({
        ListenerList: [{ ProgName: 'watcher', Blacklisted: false, 'ID String': '0-watcher' }],
      });
      other.close();
      listener.close();
    }));

  it('refuses a command on a listening connection and closes it', () =>
    withSimulator(async (simulator) => {
      const listener = await muxClient(simulator);
      await listener.request({ MessageType: 'Listen' });
      await listener.next();
      expect(await listener.request({ MessageType: 'ListDevices' })).toMatchObject({ Number: 1 });
      expect(await listener.channel.read(1)).toHaveLength(0);
    }));

  it('keeps pair records byte for byte and says 2 when there is none', () =>
    withSimulator(async (simulator) => {
      const client = await muxClient(simulator);
      const PairRecordID = simulator.phones[0]?.identity.udid;
      const PairRecordData = Uint8Array.from({ length: 300 }, (_, index) => index & 0xff);
      const read = () => client.request({ MessageType: 'ReadPairRecord', PairRecordID });
      expect(await read()).toMatchObject({ MessageType: 'Result', Number: 2 });
      expect(
        await client.request({ MessageType: 'SavePairRecord', PairRecordID, PairRecordData }),
      ).toMatchObject({
        Number: 0,
      });
      expect(Buffer.from((await read())['PairRecordData'] as Uint8Array)).toEqual(
        Buffer.from(PairRecordData),
      );
      expect(await client.request({ MessageType: 'DeletePairRecord', PairRecordID })).toMatchObject({
        Number: 0,
      });
      expect(await client.request({ MessageType: 'DeletePairRecord', PairRecordID })).toMatchObject({
        Number: 2,
      });
      expect(await read()).toMatchObject({ Number: 2 });
      client.close();
    }));

  it.each<{ readonly why: string; readonly request: PlistDict; readonly number: number }>([
    { why: 'an unknown command', request: { MessageType: 'Dance' }, number: 1 },
    { why: 'a dictionary without a command', request: {}, number: 1 },
    {
      why: 'a device that is not there',
      request: { MessageType: 'Connect', DeviceID: 9, PortNumber: 1 },
      number: 2,
    },
    {
      why: 'a connection without a device',
      request: { MessageType: 'Connect', PortNumber: 32498 },
      number: 2,
    },
    { why: 'a connection without a port', request: { MessageType: 'Connect', DeviceID: 1 }, number: 1 },
    {
      why: 'a port above 65535',
      request: { MessageType: 'Connect', DeviceID: 1, PortNumber: 65536 },
      number: 1,
    },
    {
      why: 'a port nobody listens at',
      request: { MessageType: 'Connect', DeviceID: 1, PortNumber: 62078 },
      number: 3,
    },
    { why: 'a record without a name', request: { MessageType: 'ReadPairRecord' }, number: 22 },
    {
      why: 'a record of four bytes',
      request: { MessageType: 'SavePairRecord', PairRecordID: 'A', PairRecordData: new Uint8Array(4) },
      number: 22,
    },
    {
      why: 'a record name that is a path',
      request: { MessageType: 'SavePairRecord', PairRecordID: '../a', PairRecordData: new Uint8Array(9) },
      number: 22,
    },
  ])('answers $number to $why, and goes on', ({ request, number }) =>
    withSimulator(async (simulator) => {
      const client = await muxClient(simulator);
      expect(await client.request(request)).toMatchObject({ MessageType: 'Result', Number: number });
      expect(await client.request({ MessageType: 'ReadBUID' })).toHaveProperty('BUID');
      client.close();
    }),
  );

  it('answers clients of the binary protocol with BadVersion in their form', () =>
    withSimulator(async (simulator) => {
      const client = await muxClient(simulator);
      await client.channel.write(muxRequest(new Uint8Array(), 5, 0));
      const answer = Buffer.from(await client.channel.readExactly(20));
      expect(answer.toString('hex')).toBe('1400000000000000010000000500000006000000');
      expect(await client.channel.read(1)).toHaveLength(0);
    }));

  it.each([0, 15, 0x10001, 0xffffffff])('closes the connection at a frame of %i bytes', (frameBytes) =>
    withSimulator(async (simulator) => {
      const client = await muxClient(simulator);
      const header = Buffer.from(muxRequest(new Uint8Array()));
      header.writeUInt32LE(frameBytes, 0);
      await client.channel.write(header);
      expect(await client.channel.read(1)).toHaveLength(0);
    }),
  );

  it('survives whatever bytes arrive', () =>
    withSimulator(async (simulator) => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), fc.boolean(), async (noise, framed) => {
          const client = await muxClient(simulator);
          await client.channel.write(framed ? muxRequest(noise) : noise);
          client.channel.end();
          await client.channel.read(100_000).catch(() => {});
          client.close();
        }),
        { seed: 1, numRuns: 100 },
      );
      const client = await muxClient(simulator);
      expect(await client.request({ MessageType: 'ReadBUID' })).toHaveProperty('BUID');
      client.close();
    }));

  it('hands over bytes that arrive together with the Connect request', () =>
    withSimulator(async (simulator) => {
      const client = await muxClient(simulator);
      const query = encodeXmlPlist({ Request: 'QueryType', Label: 'early' });
      const length = Buffer.alloc(4);
      length.writeUInt32BE(query.length);
      const open = muxRequest(encodeXmlPlist({ MessageType: 'Connect', DeviceID: 1, PortNumber: 32498 }));
      await client.channel.write(Buffer.concat([open, length, query]));
      expect(await client.next()).toMatchObject({ Number: 0 });
      const size = Buffer.from(await client.channel.readExactly(4)).readUInt32BE();
      const answer = Buffer.from(await client.channel.readExactly(size)).toString();
      expect(answer).toContain('com.apple.mobile.lockdown');
      client.close();
    }));
});

describe('the places where it listens', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rootcellar-mux-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('serves the same phones over a unix socket, and removes it at the end', async () => {
    const socketPath = join(folder, 'mux.sock');
    await withSimulator(
      async (simulator) => {
        expect(simulator.socket).toBe(`UNIX:${socketPath}`);
        const channel = new ByteChannel(connect(socketPath));
        await channel.write(muxRequest(encodeXmlPlist({ MessageType: 'ListDevices' })));
        const header = await channel.readExactly(16);
        const bytes = new DataView(header.buffer, header.byteOffset).getUint32(0, true) - 16;
        expect(Buffer.from(await channel.readExactly(bytes)).toString()).toContain('00008120-');
        channel.destroy();
      },
      { socketPath },
    );
    expect(await readdir(folder)).not.toContain('mux.sock');
  });

  it('refuses a socket that another simulator uses', async () => {
    const socketPath = join(folder, 'busy.sock');
    await withSimulator(
      async () => {
        const second = startSimulator({ phones: [{ deviceKey, profile: 'empty' }], socketPath });
        await expect(second).rejects.toMatchObject({ code: 'simulator.socket-in-use' });
      },
      { socketPath },
    );
  });

  it('does not remove a file that stands where the socket should', async () => {
    const socketPath = join(folder, 'notes.txt');
    await writeFile(socketPath, 'mine');
    const started = startSimulator({ phones: [{ deviceKey, profile: 'empty' }], socketPath });
    await expect(started).rejects.toMatchObject({ code: 'simulator.socket-in-use' });
    expect((await stat(socketPath)).size).toBe(4);
  });
});
