import { type Manifest, openManifest, verifyBackup } from '@rootcellar/backup';
import {
  faultyTree,
  memoryTree,
  OperationFailure,
  seededRandom,
  subTree,
  type TreePath,
  treeError,
  type WritableTree,
} from '@rootcellar/core';
import type { Usbmux } from '@rootcellar/device';
import {
  backUpDevice,
  completeBackupFolder,
  folderTarget,
  openFinishedBackup,
  openReceivedHashes,
} from '@rootcellar/operations';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { liveADay, openStage, pairStage, type Stage } from '../stage.ts';
import { countedStream, cuttableStream } from './cuttable-stream.ts';
import { afterPowerCut, type Change, copyOf, recordedTree, replayed } from './recorded-tree.ts';

/** Byte offsets at which the connection breaks, drawn anew each day; a failure prints the seed. */
const SEED = process.env['ROOTCELLAR_SEED'] ?? new Date().toISOString().slice(0, 10);

type ManifestRow = ReturnType<Manifest['rows']> extends Iterable<infer Row> ? Row : never;

let stage: Stage;
let onMessage: (name: string) => void = () => {};
/** The backup of yesterday, and the changes of a first and of a second backup as they were made. */
let yesterday: WritableTree;
let firstChanges: readonly Change[];
let secondChanges: readonly Change[];

const backUp = (home: WritableTree, usbmux: Usbmux = stage.usbmux) =>
  backUpDevice({ usbmux, dataFolder: stage.dataFolder, target: folderTarget(home) });

beforeAll(async () => {
  stage = await openStage({ backupAgent: { onMessage: (name) => onMessage(name) } });
  await pairStage(stage);
  stage.phone.condition.passcode = undefined;
  const first = recordedTree(memoryTree());
  await backUp(first.tree);
  firstChanges = [...first.changes];
  yesterday = await copyOf(first.tree);
  liveADay(stage);
  const second = recordedTree(await copyOf(yesterday));
  await backUp(second.tree);
  secondChanges = [...second.changes];
});
afterEach(() => {
  onMessage = () => {};
});
afterAll(() => stage.close());

describe('a backup whose process stops', () => {
  test('at any write of the second backup leaves the first, or the second, whole', async () => {
    const seen = new Set<string>();
    for (let stop = 0; stop <= secondChanges.length; stop += 1) {
      const left = await replayed(yesterday, secondChanges.slice(0, stop));
      seen.add(await requireWhole(left, `stopped at change ${stop} of ${secondChanges.length}`));
    }
    expect(seen.size).toBe(2);
  });

  test('at any write of a first backup leaves none, or a whole one', async () => {
    for (let stop = 0; stop <= firstChanges.length; stop += 1) {
      const left = await replayed(undefined, firstChanges.slice(0, stop));
      if (await exists(left)) await requireWhole(left, `stopped at change ${stop} of ${firstChanges.length}`);
    }
  });

  test('is completed by the next run', async () => {
    for (let stop = 1; stop <= secondChanges.length; stop += 1) {
      const left = await replayed(yesterday, secondChanges.slice(0, stop));
      await backUp(left);
      await requireToday(left, `stopped at change ${stop}`);
    }
    for (const stop of spread(firstChanges.length, 6)) {
      const left = await replayed(undefined, firstChanges.slice(0, stop));
      await backUp(left);
      await requireToday(left, `first backup stopped at change ${stop}`);
    }
  });

  test('and whose machine loses power leaves the first, or the second, whole', async () => {
    const random = seededRandom(SEED);
    const seen = new Set<string>();
    for (let run = 0; run < 400; run += 1) {
      const stop = random.below(secondChanges.length + 1);
      const left = await afterPowerCut(yesterday, secondChanges.slice(0, stop), random);
      seen.add(await requireWhole(left, `seed ${SEED}, run ${run}, power cut at change ${stop}`));
    }
    expect(seen.size).toBe(2);
  });

  test('while the new backup is put in place is completed without the phone', async () => {
    const commit = secondChanges.findIndex(
      (change) => change.kind === 'move' && change.to.endsWith('/commit'),
    );
    expect(commit).toBeGreaterThan(0);
    for (let stop = commit + 1; stop <= secondChanges.length; stop += 1) {
      const left = await replayed(yesterday, secondChanges.slice(0, stop));
      await completeBackupFolder(left, stage.udid);
      await requireWhole(left, `stopped at change ${stop}`);
      expect(await manifestOf(left)).toEqual(await manifestOfToday());
    }
  });
});

describe('a backup whose connection is cut', () => {
  test('before any message of the phone leaves the earlier one whole, says so, and the next run completes it', async () => {
    const messages = await messagesOf(await copyOf(yesterday));
    expect(messages).toContain('DLMessageMoveItems');
    for (const [index, name] of messages.entries()) {
      if (isAmongMany(messages, index)) continue;
      const home = await copyOf(yesterday);
      const report = await failing(home, () => cutBefore(index));
      expect(report.dataState, `cut before message ${index}, ${name}`).toBe('earlier-snapshots-intact');
      expect(report.yourData).toMatch(
        /is intact\. Of the unfinished one (\d+ files? .* for the next run|nothing was kept)\./,
      );
      await requireWhole(home, `cut before message ${index}, ${name}`);
      await backUp(home);
      await requireToday(home, `cut before message ${index}, ${name}`);
    }
  });

  test(`at any byte does the same (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    const travels = [await travelling(await copyOf(yesterday)), await travelling(memoryTree())] as const;
    for (let run = 0; run < 12; run += 1) {
      const home = run % 2 === 0 ? await copyOf(yesterday) : memoryTree();
      const bytes = random.below(travels[run % 2 === 0 ? 0 : 1]);
      const usbmux = { ...stage.usbmux, connect: cuttableStream(stage.usbmux, bytes) };
      const outcome = await backUp(home, usbmux).catch((error: unknown) => error);
      const where = `seed ${SEED}, run ${run}, cut after ${bytes} bytes`;
      expect(outcome, where).toBeInstanceOf(OperationFailure);
      if (await exists(home)) await requireWhole(home, where);
      await backUp(home);
      await requireToday(home, where);
    }
  });
});

describe('a backup on a disk that fills up', () => {
  test('at any write leaves the earlier one whole, names the disk, and is completed when there is room', async () => {
    for (let full = 1; full <= secondChanges.length; full += 1) {
      const disk = await copyOf(yesterday);
      const home = faultyTree(disk, ({ kind, change }) => {
        if (change >= full && (kind === 'write' || kind === 'writePiece' || kind === 'makeFolder')) {
          throw treeError('disk-full');
        }
      });
      const outcome = await backUp(home).catch((error: unknown) => error);
      const where = `full from change ${full} of ${secondChanges.length}`;
      if (outcome instanceof Error) {
        expect(outcome, where).toMatchObject({ report: { code: 'tree.disk-full' } });
      }
      await requireWhole(disk, where);
      await backUp(disk);
      await requireToday(disk, where);
    }
  });
});

/** @returns which of the backups it is, by its session */
async function requireWhole(home: WritableTree, where: string): Promise<string> {
  const tree = await openFinishedBackup(home, stage.udid);
  const received = await openReceivedHashes(home, stage.udid, tree);
  const { verdict, findings, files, checkedBy } = await verifyBackup(tree, { received });
  const codes = findings.map(({ code }) => code);
  expect({ verdict, codes, proved: checkedBy.digest }, where).toEqual({
    verdict: 'whole',
    codes: [],
    proved: files,
  });
  return Buffer.concat(await Array.fromAsync(tree.read('Status.plist' as TreePath))).toString('hex');
}

/** Whole, put in place, with nothing left over, and with what the phone holds now. */
async function requireToday(home: WritableTree, where: string): Promise<void> {
  await requireWhole(home, where);
  const names = (await Array.fromAsync(home.list('' as TreePath))).map(({ path }) => path);
  expect(names.sort(), where).toEqual([stage.udid, `${stage.udid}.sha256`]);
  expect(await manifestOf(home), where).toEqual(await manifestOfToday());
}

/** Its rows: the pages of a database that is changed in place depend on what was in it before. */
async function manifestOf(home: WritableTree): Promise<readonly ManifestRow[]> {
  const manifest = await openManifest(subTree(home, stage.udid as TreePath));
  try {
    return [...manifest.rows()];
  } finally {
    await manifest.close();
  }
}

let today: readonly ManifestRow[] | undefined;
async function manifestOfToday(): Promise<readonly ManifestRow[]> {
  today ??= await manifestOf(await replayed(yesterday, secondChanges));
  return today;
}

async function exists(home: WritableTree): Promise<boolean> {
  return (await home.stat(stage.udid as TreePath)) !== undefined;
}

/** How many bytes come from the phone, over all connections, before its backup agent says that it is done. */
async function travelling(home: WritableTree): Promise<number> {
  let bytes = 0;
  let bytesAtEnd = 0;
  onMessage = (name) => {
    if (name === 'DLMessageProcessMessage') bytesAtEnd = bytes;
  };
  const connect = countedStream(stage.usbmux, (count) => {
    bytes += count;
  });
  await backUp(home, { ...stage.usbmux, connect });
  onMessage = () => {};
  return bytesAtEnd;
}

/** The names of the messages that a phone sends in a whole backup. */
async function messagesOf(home: WritableTree): Promise<readonly string[]> {
  const names: string[] = [];
  onMessage = (name) => names.push(name);
  await backUp(home);
  return names;
}

/** Pulls the cable when the phone is about to send this message, and plugs it in again. */
function cutBefore(index: number): void {
  let count = 0;
  onMessage = () => {
    if (count === index) {
      stage.phone.presence.setPlugged(false);
      stage.phone.presence.setPlugged(true);
    }
    count += 1;
  };
}

async function failing(home: WritableTree, arrange: () => void) {
  arrange();
  const outcome = await backUp(home).catch((error: unknown) => error);
  onMessage = () => {};
  if (!(outcome instanceof OperationFailure)) throw outcome;
  return outcome.report;
}

/** A phone makes 256 folders in a row: the first and the last of such a row stand for all. */
function isAmongMany(messages: readonly string[], index: number): boolean {
  const name = messages[index];
  return messages[index - 1] === name && messages[index + 1] === name;
}

/** Whole numbers from 1 to `limit`, evenly spread. */
function spread(limit: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => Math.max(1, Math.round(((i + 0.5) * limit) / count)));
}
