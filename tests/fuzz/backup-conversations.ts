import type { Duplex } from 'node:stream';
import {
  ByteChannel,
  type Clock,
  memoryTree,
  overlayTree,
  type TreePath,
  type WritableTree,
} from '@rootcellar/core';
import { requestBackup, requestInfo, requestRestore, WHOLE_DEVICE } from '@rootcellar/device';
import { mobilebackup2Service } from '../../packages/simulator/src/backup-agent/mobilebackup2-service.ts';
import type { Conversation } from './conversation.ts';
import { LENGTH_FIRST } from './framing.ts';
import { fuzzedPhone } from './fuzzed-phone.ts';
import { recordedWire } from './scripted-stream.ts';

type Ask = (wiring: {
  readonly channel: ByteChannel;
  readonly tree: WritableTree;
  readonly udid: string;
  readonly clock: Clock;
}) => Promise<unknown>;

/** A first backup, one that finds an earlier one, a restore of it, and its description. */
export async function backupConversations(): Promise<readonly Conversation[]> {
  const { identity } = await fuzzedPhone();
  const empty = memoryTree();
  const kept = memoryTree();
  const { host, phone } = recordedWire();
  const served = serve(phone);
  await requestBackup({ channel: new ByteChannel(host), tree: kept, udid: identity.udid });
  await served;

  const conversation = (name: string, base: WritableTree, ask: Ask): Conversation => ({
    name: `mobilebackup2 ${name}`,
    framing: LENGTH_FIRST,
    weight: 1,
    host: async (stream, clock) => {
      const tree = onlyIn(identity.udid, await overlayTree({ base, upper: memoryTree() }));
      return ask({ channel: new ByteChannel(stream), tree, udid: identity.udid, clock });
    },
    phone: serve,
  });
  return [
    conversation('first backup', empty, requestBackup),
    conversation('second backup', kept, requestBackup),
    {
      ...conversation('restore', kept, (wiring) => requestRestore({ ...wiring, choices: WHOLE_DEVICE })),
      weight: 3,
    },
    { ...conversation('info', kept, requestInfo), weight: 3 },
  ];
}

async function serve(stream: Duplex): Promise<void> {
  const phone = await fuzzedPhone();
  const channel = new ByteChannel(stream);
  const { signal } = new AbortController();
  try {
    await mobilebackup2Service().serve({ phone, channel, signal, escrowUnlocked: true });
  } finally {
    channel.destroy();
    await phone.stop();
  }
}

/** The same tree, which fails loudly when anything outside of a folder is touched. */
function onlyIn(folder: string, tree: WritableTree): WritableTree {
  const checked = (path: TreePath): TreePath => {
    const isInside = path === folder || path.startsWith(`${folder}/`);
    if (!isInside || path.split('/').includes('..'))
      throw new Error('Something outside of the backup was touched');
    return path;
  };
  return {
    list: (path) => tree.list(checked(path)),
    stat: (path) => tree.stat(checked(path)),
    read: (path, range) => tree.read(checked(path), range),
    makeFolder: (path) => tree.makeFolder(checked(path)),
    write: (path, content) => tree.write(checked(path), content),
    move: (from, to) => tree.move(checked(from), checked(to)),
    remove: (path) => tree.remove(checked(path)),
    freeBytes: () => tree.freeBytes(),
    flush: () => tree.flush(),
  };
}
