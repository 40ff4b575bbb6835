import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeviceKey, makeDeviceKey } from './phone/device-key.ts';
import { readyLine, type SimulatorOptions, startSimulator } from './simulate.ts';
import { makeTestHost } from './testing/pairing.ts';
import { lockdownClient, muxClient, openService, openSession, pairWith } from './testing/wire-client.ts';

let folder: string;
let deviceKey: DeviceKey;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-simulate-'));
  deviceKey = await makeDeviceKey();
});
afterAll(() => rm(folder, { recursive: true }));

describe('startSimulator', () => {
  it('keeps several phones apart behind one socket, and says who they are', async () => {
    const phones = [
      { deviceKey, profile: 'empty' },
      { deviceKey, profile: 'empty', model: 'iPhone14,5', ios: '17.6.1' },
    ];
    const simulator = await startSimulator({ phones });
    const line = readyLine(simulator);
    expect(line).toMatchObject({
      ready: true,
      socket: null,
      phones: [{ productType: 'iPhone15,2' }, { productType: 'iPhone14,5', productVersion: '17.6.1' }],
    });
    expect(line.control).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const client = await muxClient(simulator);
    const { DeviceList } = await client.request({ MessageType: 'ListDevices' });
    expect(DeviceList).toMatchObject(
      line.phones.map(({ udid }, index) => ({ DeviceID: index + 1, Properties: { SerialNumber: udid } })),
    );
    client.close();
    await simulator.close();
  });

  it('remembers pairings, pair records and files in its state folder', async () => {
    const options: SimulatorOptions = {
      phones: [{ deviceKey, seed: 'kept' }],
      stateFolder: join(folder, 'state'),
    };
    const host = makeTestHost(deviceKey.publicPem);
    const first = await startSimulator(options);
    const lockdown = await lockdownClient(first);
    await pairWith(lockdown, host);
    const buidOf = async (client: Awaited<ReturnType<typeof muxClient>>) =>
      (await client.request({ MessageType: 'ReadBUID' }))['BUID'];
    const record = { PairRecordID: 'A-1', PairRecordData: Buffer.from('a whole record') };
    const before = await muxClient(first);
    await before.request({ MessageType: 'SavePairRecord', ...record });
    const buid = await buidOf(before);
    first.phones[0]?.files.writeFile('/var/mobile/new', Buffer.from('kept'));
    const paths = [...(first.phones[0]?.files.walk('/') ?? [])].map((node) => node.path);
    await first.close();

    const second = await startSimulator(options);
    const after = await muxClient(second);
    expect(await buidOf(after)).toBe(buid);
    const read = await after.request({ MessageType: 'ReadPairRecord', PairRecordID: 'A-1' });
    expect(Buffer.from(read['PairRecordData'] as Uint8Array).toString()).toBe('a whole record');
    const { session } = await openSession(second, host);
    expect(await session.request({ Request: 'GetValue', Key: 'SerialNumber' })).toHaveProperty('Value');
    expect([...(second.phones[0]?.files.walk('/') ?? [])].map((node) => node.path)).toEqual(paths);
    session.close();
    after.close();
    await second.close();
  });

  it('ends every connection when it is closed, whatever they were doing', async () => {
    const simulator = await startSimulator({ phones: [{ deviceKey, owner: 'present', profile: 'empty' }] });
    const host = makeTestHost(deviceKey.publicPem);
    const lockdown = await lockdownClient(simulator);
    await pairWith(lockdown, host);
    const service = await openService(simulator, host, 'com.apple.mobile.heartbeat');
    const listener = await muxClient(simulator);
    await listener.request({ MessageType: 'Listen' });
    const ended = [
      lockdown.channel.read(1),
      new Promise((resolve) => service.resume().once('close', resolve)),
    ];
    void simulator.phones[0]?.restart();
    await simulator.close();
    await Promise.all(ended.map((end) => end.catch(() => {})));
    await expect(muxClient(simulator)).rejects.toThrow();
  });

  it('cannot use a profile that does not exist', async () => {
    const started = startSimulator({ phones: [{ deviceKey, profile: 'constructor' }] });
    await expect(started).rejects.toMatchObject({ code: 'simulator.profile-unknown' });
  });
});
