import type { Duplex } from 'node:stream';
import { encodeBinaryPlist, encodeXmlPlist, type PlistDict } from '@rootcellar/codecs';
import { ByteChannel, type Clock, type KnownError } from '@rootcellar/core';
import {
  afcClient,
  keepHeartbeat,
  listUserApplications,
  notificationProxyClient,
  readAppIcon,
} from '@rootcellar/device';
import type { Service, SimulatedPhone } from '@rootcellar/simulator';
import { standardServices } from '../../packages/simulator/src/services/standard-services.ts';
import type { Conversation } from './conversation.ts';
import { AFC, LENGTH_FIRST } from './framing.ts';
import { fuzzedPhone, nextTurn } from './fuzzed-phone.ts';

/** What is served to a client of AFC, and what may change there. */
const MEDIA = '/var/mobile/Media';

export function serviceConversations(): readonly Conversation[] {
  return [
    {
      name: 'afc',
      framing: AFC,
      weight: 8,
      host: useFiles,
      phone: (stream) => serve('com.apple.afc', stream, onlyIn(MEDIA)),
    },
    {
      name: 'installation proxy',
      framing: LENGTH_FIRST,
      weight: 3,
      host: (stream) => listUserApplications(new ByteChannel(stream)),
      phone: (stream) => serve('com.apple.mobile.installation_proxy', stream),
    },
    {
      name: 'springboard',
      framing: LENGTH_FIRST,
      weight: 1,
      host: (stream) => readAppIcon(new ByteChannel(stream), 'com.example.bluefox'),
      phone: (stream) => serve('com.apple.springboardservices', stream),
    },
    {
      name: 'notification proxy',
      framing: LENGTH_FIRST,
      weight: 3,
      host: observe,
      phone: (stream) => serve('com.apple.mobile.notification_proxy', stream, postSoon),
    },
    {
      name: 'heartbeat',
      framing: LENGTH_FIRST,
      weight: 2,
      says: [
        { Command: 'Marco', Interval: 10 },
        { Command: 'SleepyTime' },
        { Command: 'Marco', Interval: 5 },
      ].map(framedRequest),
      host: answerHeartbeat,
    },
    ...Object.entries(REQUESTS).map(
      ([name, requests]): Conversation => ({
        name,
        framing: LENGTH_FIRST,
        weight: 1,
        says: requests.map(framedRequest),
        phone: (stream) => serve(name, stream),
      }),
    ),
  ];
}

/** Of services that our client does not use. */
const REQUESTS: Readonly<Record<string, readonly PlistDict[]>> = {
  'com.apple.mobile.diagnostics_relay': [
    { Request: 'All' },
    { Request: 'MobileGestalt', MobileGestaltKeys: ['ProductType', 'PasswordConfigured'] },
    { Request: 'IORegistry', EntryClass: 'IOPMPowerSource' },
    { Request: 'Sleep', WaitForDisconnect: true },
    { Request: 'Goodbye' },
  ],
  'com.apple.mobile.house_arrest': [{ Command: 'VendDocuments', Identifier: 'com.example.bluefox' }],
  'com.apple.mobile.heartbeat': [{ Command: 'Polo' }, { Command: 'Polo' }],
  'com.apple.mobileactivationd': [{ Command: 'GetActivationStateRequest' }],
  'com.apple.mobile.assertion_agent': [
    {
      CommandKey: 'CommandCreateAssertion',
      AssertionTypeKey: 'PreventSystemSleep',
      AssertionNameKey: 'fuzz',
      AssertionTimeoutKey: 60,
    },
  ],
};

function framedRequest(request: PlistDict, index: number): Uint8Array {
  const list = index % 2 === 0 ? encodeXmlPlist(request) : encodeBinaryPlist(request);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(list.length);
  return Buffer.concat([length, list]);
}

async function useFiles(stream: Duplex): Promise<void> {
  const afc = afcClient(new ByteChannel(stream));
  try {
    await afc.list('/');
    await afc.makeFolder('/folder');
    await afc.writeFile('/folder/file', Buffer.alloc(70_000, 1));
    await afc.readFile('/folder/file');
    await afc.readFile('/note.txt');
    await afc.readFile('/missing');
    await afc.rename('/folder/file', '/folder/renamed');
    const handle = await afc.openForLock('/lock');
    await afc.tryLock(handle);
    await afc.unlockAndClose(handle);
    await afc.remove('/folder');
  } finally {
    afc.close();
  }
}

/** Its connection is opened again when it breaks; here nobody is there any more, and it is soon lost. */
async function answerHeartbeat(stream: Duplex, clock: Clock): Promise<void> {
  const channel = new ByteChannel(stream);
  const error = await new Promise<KnownError>((resolve) => {
    keepHeartbeat({ open: async () => channel, onLost: resolve, clock });
  });
  throw error;
}

/** Notifications come when they come: whoever waits for them is told by a callback, and hears no end. */
async function observe(stream: Duplex): Promise<void> {
  let heard = 0;
  const proxy = notificationProxyClient(new ByteChannel(stream), () => {
    heard += 1;
  });
  try {
    await proxy.observe(['one', 'two']);
    await proxy.post('three');
    for (let turn = 0; turn < 20 && heard < 2; turn += 1) await nextTurn();
  } finally {
    proxy.close();
  }
}

async function postSoon(phone: SimulatedPhone): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await nextTurn();
  phone.notifications.post('one');
  phone.notifications.post('two');
}

async function serve(
  name: string,
  stream: Duplex,
  meanwhile: (phone: SimulatedPhone) => unknown = () => {},
): Promise<void> {
  const phone = await fuzzedPhone();
  const service = standardServices(phone).find((each): each is Service => each.name === name);
  if (service === undefined) throw new Error(`The simulator has no service ${name}`);
  const channel = new ByteChannel(stream);
  const gone = new AbortController();
  stream.on('end', () => setImmediate(() => gone.abort()));
  try {
    void meanwhile(phone);
    await service.serve({ phone, channel, signal: gone.signal, escrowUnlocked: true });
  } finally {
    channel.destroy();
    await phone.stop();
  }
}

/** @returns a guard that fails loudly when anything outside of a folder is changed */
function onlyIn(folder: string): (phone: SimulatedPhone) => void {
  return ({ files }) => {
    for (const change of ['writeFile', 'makeFolder', 'makeLink', 'remove', 'rename'] as const) {
      const original = files[change].bind(files) as (...args: readonly unknown[]) => unknown;
      const guarded = (...args: readonly unknown[]): unknown => {
        const paths = change === 'rename' ? args.slice(0, 2) : args.slice(0, 1);
        for (const path of paths) {
          if (path !== folder && !String(path).startsWith(`${folder}/`))
            throw new Error(`${change} outside of ${folder}`);
        }
        return original(...args);
      };
      Object.defineProperty(files, change, { value: guarded });
    }
  };
}
