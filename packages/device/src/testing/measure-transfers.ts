import { encodeBinaryPlist, type PlistDict } from '@rootcellar/codecs';
import { memoryTree, type WritableTree } from '@rootcellar/core';
import { parseDeviceLinkMessage } from '../services/device-link/device-link-message.ts';
import { moveItems } from '../services/mobilebackup2/file-requests.ts';
import { servedTree } from '../services/mobilebackup2/served-tree.ts';
import { playSession, type ScriptedPhone } from './scripted-phone.ts';

/*
 * A program of its own, because memory can only be measured where nothing else runs:
 * `node --expose-gc --conditions=source measure-transfers.ts`. Prints one line of JSON.
 */

const MIB = 1024 * 1024;
const TRANSFER_MIB = 512;
const MOVES = 300_000;

const collect = (globalThis as { readonly gc?: () => void }).gc ?? (() => {});

/** @returns by how much the process grew while `work` ran, in bytes */
async function growthOf(
  what: 'rss' | 'heapUsed',
  work: (sample: () => void) => Promise<unknown>,
): Promise<number> {
  collect();
  const before = process.memoryUsage()[what];
  let peakBytes = 0;
  await work(() => {
    if (what === 'heapUsed') collect();
    peakBytes = Math.max(peakBytes, process.memoryUsage()[what] - before);
  });
  return peakBytes;
}

function upload(sample: () => void): Promise<unknown> {
  const tree: WritableTree = {
    ...memoryTree(),
    async write(_, content) {
      let seenBytes = 0;
      for await (const piece of content) {
        seenBytes += piece.length;
        if (seenBytes % (16 * MIB) < piece.length) sample();
      }
      if (seenBytes !== TRANSFER_MIB * MIB) throw new Error('Not everything arrived');
    },
  };
  return playSession(
    async (phone) => {
      await phone.say('DLMessageUploadFiles', {}, 0, 0);
      await phone.channel.write(Buffer.from('00000001780000000355' + '2f61', 'hex'));
      for (let sent = 0; sent < TRANSFER_MIB; sent += 1) await sendBlock(phone);
      await phone.channel.write(Buffer.from('000000010000000000', 'hex'));
      await phone.hearStatus();
    },
    { tree },
  );
}

async function sendBlock({ channel }: ScriptedPhone): Promise<void> {
  const header = Buffer.alloc(5, 0x0c);
  header.writeUInt32BE(MIB + 1);
  await channel.write(header);
  await channel.write(Buffer.alloc(MIB, 0x5a));
}

function download(sample: () => void): Promise<unknown> {
  const tree: WritableTree = {
    ...memoryTree(),
    stat: async (path) => ({ path, kind: 'file', sizeBytes: TRANSFER_MIB * MIB, modifiedAt: new Date() }),
    async *read() {
      for (let piece = 0; piece < TRANSFER_MIB * 4; piece += 1) {
        if (piece % 64 === 0) sample();
        yield Buffer.alloc(MIB / 4, 0x5a);
      }
    },
  };
  return playSession(
    async (phone) => {
      await phone.say('DLMessageDownloadFiles', ['U/a']);
      await phone.channel.readExactly(4 + 3);
      for (;;) {
        const size = Buffer.from(await phone.channel.readExactly(4)).readUInt32BE();
        const frame = await phone.channel.readExactly(size);
        if (frame[0] !== 0x0c) break;
      }
      await phone.channel.readExactly(4);
      await phone.hearStatus();
    },
    { tree },
  );
}

/** The list itself is not counted: it arrived as one message. */
async function moves(): Promise<number> {
  const message = parseDeviceLinkMessage(listOfMoves());
  let moved = 0;
  const growth = await growthOf('heapUsed', (sample) => {
    const tree: WritableTree = {
      ...memoryTree(),
      async move() {
        moved += 1;
        if (moved % (MOVES / 4) === 0) sample();
      },
    };
    return moveItems(servedTree(tree, ['U']), message);
  });
  if (moved !== MOVES) throw new Error('Not everything was moved');
  return growth;
}

function listOfMoves(): Uint8Array {
  const pairs: Record<string, string> = {};
  for (let n = 0; n < MOVES; n += 1) {
    const name = n.toString(16).padStart(40, '0');
    pairs[`U/Snapshot/${name}`] = `U/${name}`;
  }
  const dict: PlistDict = pairs;
  return encodeBinaryPlist(['DLMessageMoveItems', dict, {}, 100]);
}

const uploadBytes = await growthOf('rss', upload);
const downloadBytes = await growthOf('rss', download);
const movesBytes = await moves();
process.stdout.write(`${JSON.stringify({ uploadBytes, downloadBytes, movesBytes })}\n`);
