import { duplexPair } from 'node:stream';
import {
  asArray,
  encodeBinaryPlist,
  type PlistArray,
  PlistReal,
  parsePropertyList,
} from '@rootcellar/codecs';
import { ByteChannel } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signedInteger } from './device-link.ts';
import { mobilebackup2Service } from './mobilebackup2-service.ts';
import type { AgentOptions } from './session.ts';
import { backupRequest, benchPhone } from './test-bench/bench-phone.ts';

const HELLO: PlistArray = [
  'DLMessageProcessMessage',
  { MessageName: 'Hello', SupportedProtocolVersions: [new PlistReal(2), new PlistReal(2.1)] },
];
const VERSION: PlistArray = ['DLMessageVersionExchange', 'DLVersionsOk', 400];

function framed(message: PlistArray): Uint8Array {
  const body = encodeBinaryPlist(message);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** Says everything at once, hangs up, and collects what the phone says. */
async function say(
  parts: readonly Uint8Array[],
  options: AgentOptions & { version?: string } = {},
): Promise<readonly PlistArray[]> {
  const { version = '26.1', ...agent } = options;
  const phone = await benchPhone({ version });
  const [ours, theirs] = duplexPair();
  const channel = new ByteChannel(ours);
  const heard: Buffer[] = [];
  theirs.on('data', (piece: Buffer) => heard.push(piece));
  for (const part of parts) theirs.write(part);
  theirs.end();
  const signal = AbortSignal.timeout(10_000);
  await mobilebackup2Service(agent).serve({ phone, channel, signal, escrowUnlocked: true });
  channel.destroy();
  return messagesIn(Buffer.concat(heard));
}

function messagesIn(bytes: Buffer): readonly PlistArray[] {
  const messages: PlistArray[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    messages.push(asArray(parsePropertyList(bytes.subarray(at + 4, at + 4 + size))) ?? []);
    at += 4 + size;
  }
  return messages;
}

describe('a host that does not keep to the protocol', () => {
  it('hears 300 before iOS 14, 400 since, and what the option says', async () => {
    expect((await say([], { version: '13.7' }))[0]).toEqual(['DLMessageVersionExchange', 300, 0]);
    expect((await say([]))[0]).toEqual(['DLMessageVersionExchange', 400, 0]);
    expect((await say([], { deviceLinkMajor: 300 }))[0]).toEqual(['DLMessageVersionExchange', 300, 0]);
  });

  it('without a common version is told so', async () => {
    const hello = { MessageName: 'Hello', SupportedProtocolVersions: [new PlistReal(1)] };
    const heard = await say([framed(VERSION), framed(['DLMessageProcessMessage', hello])]);
    expect(heard.at(-1)?.[1]).toMatchObject({ ErrorCode: 1 });
  });

  it.each([
    ['says nothing', []],
    ['leaves at once', [framed(['DLMessageDisconnect', 'x'])]],
    ['announces four gigabytes', [Buffer.from('ffffffff', 'hex')]],
    ['sends no property list', [Buffer.from('0000000568656c6c6f', 'hex')]],
    ['sends an empty message', [Buffer.from('00000000', 'hex')]],
    ['sends a dictionary', [framed([{ a: 1 }])]],
    ['asks before Hello', [framed(VERSION), framed(['DLMessageProcessMessage', backupRequest()])]],
    [
      'names a folder elsewhere',
      [
        framed(VERSION),
        framed(HELLO),
        framed(['DLMessageProcessMessage', { MessageName: 'Backup', TargetIdentifier: '../../etc' }]),
      ],
    ],
    [
      'answers a download with a status',
      [
        framed(VERSION),
        framed(HELLO),
        framed(['DLMessageProcessMessage', backupRequest()]),
        framed(['DLMessageStatusResponse', 0, 'x', {}]),
      ],
    ],
    [
      'sends a file nobody asked for',
      [
        framed(VERSION),
        framed(HELLO),
        framed(['DLMessageProcessMessage', backupRequest()]),
        Buffer.from('000000032e2e2f', 'hex'),
      ],
    ],
  ])('that %s is left without harm', async (_, parts) => {
    const heard = await say(parts);
    expect(heard.filter(([name]) => name === 'DLMessageMoveItems')).toEqual([]);
  });

  it('of random words ends the session, never the phone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }), async (noise) => {
        const parts = [framed(VERSION), framed(HELLO), framed(['DLMessageProcessMessage', backupRequest()])];
        await say([...parts, ...noise]);
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it('ignores pings', async () => {
    const ping = framed(['DLMessagePing', 'still there?']);
    const heard = await say([ping, framed(VERSION), ping, framed(HELLO)]);
    expect(heard.at(-1)?.[1]).toMatchObject({ MessageName: 'Response', ErrorCode: 0 });
  });
});

it('a status is read as signed, however many bits carry it', () => {
  expect([-6, 2n ** 64n - 6n, 0, 'x', new PlistReal(1)].map(signedInteger)).toEqual([
    -6,
    -6,
    0,
    undefined,
    undefined,
  ]);
});
