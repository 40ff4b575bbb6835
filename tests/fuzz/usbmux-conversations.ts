import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ByteChannel, type Clock } from '@rootcellar/core';
import { parsePairRecord, type Usbmux, usbmuxOver, watchDevices } from '@rootcellar/device';
import { Attachments } from '../../packages/simulator/src/mux/attachments.ts';
import { serveMuxClient } from '../../packages/simulator/src/mux/mux-conversation.ts';
import { memoryPairRecords } from '../../packages/simulator/src/mux/pair-records.ts';
import type { Conversation } from './conversation.ts';
import { USBMUX } from './framing.ts';
import { nextTurn } from './fuzzed-phone.ts';

const UDID = '00008120-000AF302FBED35C4';
const RECORD = Buffer.from('<plist><dict><key>HostID</key><string>H</string></dict></plist>');

/** Nothing, a phone, nothing again. */
const STATES_MAX = 3;

/** What a real daemon said about a phone with iOS 12.3.1. */
const RECORDED = ['usbmuxlistdevicemessage', 'usbmuxlistdevicemessage2', 'usbmuxreadpairmessage'];

const REQUESTS: Readonly<Record<string, (usbmux: Usbmux, clock: Clock) => Promise<unknown>>> = {
  'list devices': (usbmux) => usbmux.listDevices(),
  'count unready': (usbmux) => usbmux.countUnready(),
  connect: async (usbmux) => {
    const stream = await usbmux.connect({ deviceID: 1, udid: UDID, connection: 'usb' }, 62_078);
    stream.destroy();
  },
  'read BUID': (usbmux) => usbmux.readBuid(),
  'read pair record': async (usbmux) => {
    const record = await usbmux.readPairRecord(UDID);
    return record && parsePairRecord(record);
  },
  'save pair record': (usbmux) => usbmux.savePairRecord(UDID, RECORD, 1),
  'delete pair record': (usbmux) => usbmux.deletePairRecord(UDID),
  listen: watchAWhile,
};

export function usbmuxConversations(): readonly Conversation[] {
  const live = Object.entries(REQUESTS).map(
    ([name, ask]): Conversation => ({
      name: `usbmux ${name}`,
      framing: USBMUX,
      weight: 3,
      host: (stream, clock) =>
        ask(
          usbmuxOver(async () => new ByteChannel(stream)),
          clock,
        ),
      phone: async (stream) => {
        const mux = freshMux();
        void unplugSoon(mux.attachments);
        await serveMuxClient(stream, mux);
      },
    }),
  );
  const recorded = RECORDED.map(
    (name): Conversation => ({
      name: `${name} of a real daemon`,
      framing: USBMUX,
      weight: 3,
      says: [readFileSync(join(import.meta.dirname, '..', 'fixtures', 'appium-ios-device', `${name}.bin`))],
      host: async (stream, clock) => {
        const usbmux = usbmuxOver(async () => new ByteChannel(stream));
        return name.includes('pair') ? REQUESTS['read pair record']?.(usbmux, clock) : usbmux.listDevices();
      },
    }),
  );
  return [...live, ...recorded];
}

/** The first connection listens; whoever reconnects finds nobody, and is sent away soon. */
async function watchAWhile(usbmux: Usbmux, clock: Clock): Promise<void> {
  const stop = new AbortController();
  let listeners = 0;
  const once: Usbmux = {
    ...usbmux,
    listDevices: async () => [],
    openListener: () => {
      listeners += 1;
      if (listeners > 1) stop.abort();
      return usbmux.openListener();
    },
  };
  let states = 0;
  for await (const _ of watchDevices(once, { signal: stop.signal, clock })) {
    states += 1;
    if (states === STATES_MAX) return;
  }
}

async function unplugSoon(attachments: Attachments): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  attachments.detach(1, 'unplugged');
}

function freshMux() {
  const attachments = new Attachments();
  attachments.attach(
    {
      udid: UDID,
      usbProductID: 0x12a8,
      wifiLabel: () => 'label',
      accept: () => (stream) => stream.destroy(),
    },
    'USB',
  );
  const pairRecords = memoryPairRecords();
  void pairRecords.save(UDID, RECORD);
  return { attachments, pairRecords, listeners: new Set<never>() };
}
