import { manualClock } from '@rootcellar/core';
import { afterEach, describe, expect, test } from 'vitest';
import { type DaemonConversation, type ScriptedDaemon, startDaemon } from '../testing/scripted-daemon.ts';
import { usbmuxClient } from './usbmux.ts';
import { watchDevices } from './watch-devices.ts';

/** A daemon with a list of devices that a test changes, and its listeners. */
class Plugs {
  readonly present = new Map<number, string>();
  readonly listeners = new Set<DaemonConversation>();
  running = true;

  async converse(conversation: DaemonConversation): Promise<void> {
    const { request, socket, send } = conversation;
    if (!this.running) {
      socket.destroy();
      return;
    }
    const all = [...this.present].map(([deviceID, udid]) => attached(deviceID, udid));
    if (request['MessageType'] === 'ListDevices') return send({ DeviceList: all });
    await send({ MessageType: 'Result', Number: 0 });
    for (const each of all) await send(each, 0);
    this.listeners.add(conversation);
    socket.on('close', () => this.listeners.delete(conversation));
  }

  async plug(deviceID: number, udid: string): Promise<void> {
    this.present.set(deviceID, udid);
    for (const { send } of this.listeners) await send(attached(deviceID, udid), 0);
  }

  async unplug(deviceID: number): Promise<void> {
    this.present.delete(deviceID);
    for (const { send } of this.listeners) await send({ MessageType: 'Detached', DeviceID: deviceID }, 0);
  }
}

function attached(deviceID: number, udid: string) {
  return {
    MessageType: 'Attached',
    DeviceID: deviceID,
    Properties: { SerialNumber: udid, ConnectionType: 'USB' },
  };
}

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

let daemon: ScriptedDaemon | undefined;
const stopping = new Set<AbortController>();

afterEach(async () => {
  for (const each of stopping) each.abort();
  stopping.clear();
  await daemon?.close();
});

async function watching(plugs: Plugs) {
  daemon = await startDaemon((conversation) => plugs.converse(conversation));
  const stop = new AbortController();
  stopping.add(stop);
  const clock = manualClock(new Date('2026-05-03T10:00:00Z'));
  const seen: string[][] = [];
  const done = (async () => {
    if (daemon === undefined) return;
    const watch = watchDevices(usbmuxClient(daemon.address), { signal: stop.signal, clock });
    for await (const devices of watch) seen.push(devices.map(({ udid }) => udid.slice(0, 1)));
  })();
  return { daemon, seen, stop, clock, done };
}

describe('watching devices', () => {
  test('tells at once what is there, in one piece and once', async () => {
    const plugs = new Plugs();
    await plugs.plug(1, A);
    await plugs.plug(2, B);
    const { seen } = await watching(plugs);
    await expect.poll(() => plugs.listeners.size).toBe(1);
    await plugs.plug(3, 'c'.repeat(40));
    await expect.poll(() => seen.length).toBeGreaterThan(1);
    expect(seen).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]);
  });

  test('tells at once that nothing is there', async () => {
    const { seen } = await watching(new Plugs());
    await expect.poll(() => seen).toEqual([[]]);
  });

  test('tells what is plugged in and out, and nothing twice', async () => {
    const plugs = new Plugs();
    const { seen } = await watching(plugs);
    await expect.poll(() => plugs.listeners.size).toBe(1);
    await plugs.plug(1, A);
    await plugs.plug(1, A);
    await plugs.plug(2, 'ffff');
    await plugs.unplug(77);
    await plugs.plug(3, B);
    await plugs.unplug(1);
    await expect.poll(() => seen).toEqual([[], ['a'], ['a', 'b'], ['b']]);
  });

  test('survives a restart of the daemon', async () => {
    const plugs = new Plugs();
    await plugs.plug(1, A);
    const { seen, clock, daemon } = await watching(plugs);
    await expect.poll(() => plugs.listeners.size).toBe(1);
    plugs.running = false;
    daemon.hangUp();
    await expect.poll(() => seen).toEqual([['a'], []]);
    for (let second = 0; second < 3; second += 1) {
      clock.advance(1_000);
      await expect.poll(() => daemon.connections).toBe(0);
    }
    expect(seen).toEqual([['a'], []]);
    plugs.running = true;
    await expect
      .poll(() => {
        clock.advance(1_000);
        return seen;
      })
      .toEqual([['a'], [], ['a']]);
  });

  test('starts again after nonsense', async () => {
    const plugs = new Plugs();
    const { seen, clock } = await watching(plugs);
    await expect.poll(() => plugs.listeners.size).toBe(1);
    for (const { socket } of plugs.listeners) socket.write(Buffer.alloc(64, 0xff));
    await expect.poll(() => plugs.listeners.size).toBe(0);
    await plugs.plug(1, A);
    await expect
      .poll(() => {
        clock.advance(1_000);
        return seen;
      })
      .toEqual([[], ['a']]);
  });

  test('ends when told to, and leaves no connection behind', async () => {
    const plugs = new Plugs();
    const { stop, done, daemon } = await watching(plugs);
    await expect.poll(() => plugs.listeners.size).toBe(1);
    stop.abort();
    await done;
    await expect.poll(() => daemon.connections).toBe(0);
  });

  test('ends while it waits for the daemon to come back', async () => {
    const plugs = new Plugs();
    plugs.running = false;
    const { stop, done, seen } = await watching(plugs);
    await expect.poll(() => seen).toEqual([[]]);
    stop.abort();
    await done;
  });

  test('ends at once when it was told to before it began', async () => {
    const plugs = new Plugs();
    daemon = await startDaemon((conversation) => plugs.converse(conversation));
    const watch = watchDevices(usbmuxClient(daemon.address), { signal: AbortSignal.abort() });
    expect(await Array.fromAsync(watch)).toEqual([]);
  });

  test('leaves no connection behind when the watcher walks away', async () => {
    const plugs = new Plugs();
    daemon = await startDaemon((conversation) => plugs.converse(conversation));
    const watch = watchDevices(usbmuxClient(daemon.address), { signal: new AbortController().signal });
    for await (const _ of watch) break;
    await expect.poll(() => daemon?.connections).toBe(0);
  });

  test('leaves no connection behind when the list cannot be had', async () => {
    daemon = await startDaemon(async ({ request, send }) => {
      await send({ MessageType: 'Result', Number: request['MessageType'] === 'Listen' ? 0 : 1 });
    });
    const stop = new AbortController();
    const clock = manualClock(new Date(0));
    const watch = watchDevices(usbmuxClient(daemon.address), { signal: stop.signal, clock });
    for await (const devices of watch) {
      expect(devices).toEqual([]);
      await expect.poll(() => daemon?.connections).toBe(0);
      stop.abort();
    }
  });
});
