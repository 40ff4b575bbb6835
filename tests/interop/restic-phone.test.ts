import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationFailure, type ReadableTree, Secret, type TreePath } from '@rootcellar/core';
import {
  type BackupTarget,
  backUpDevice,
  type CommitOptions,
  checkPhoneVault,
  deleteKeptSnapshot,
  exportFolder,
  type Kept,
  listKeptSnapshots,
  type OpenableBackup,
  prunePhoneVault,
  repairPhoneVault,
  type UnfinishedBackup,
  vaultLibrary,
  vaultTarget,
  verifyDeviceBackup,
} from '@rootcellar/operations';
import { liveDays } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, pairStage, type Stage, setBackupPassword } from '../stage.ts';
import { isMissing } from './required-program.ts';
import { runProgram } from './run-program.ts';
import { type StockRestic, stockRestic } from './stock-restic.ts';

const PASSWORD = 'Apfelwein 🍏';
const password = async () => new Secret(PASSWORD);
const PROFILE = process.env['ROOTCELLAR_PROFILE'] ?? 'family:16';
/** On a machine that does other things too. */
const TEN_VERSIONS_MS_MAX = 600_000;
const VERSIONS = 10;
const READER = join(import.meta.dirname, 'restored_phone.py');
const SQLITE = Buffer.from('SQLite format 3');

describe.skipIf(isMissing('restic', 'python3')).each<[what: string, encrypted: boolean, keep: Kept]>([
  ['a plain phone', false, 'sealed'],
  ['an encrypted phone, kept small', true, 'small'],
])('stock restic and %s', (_, encrypted, keep) => {
  let stage: Stage;
  let restic: StockRestic;
  const target = () => vaultTarget(stage.dataFolder, { keep });
  const backUp = (into: BackupTarget = target()) => backUpDevice({ ...stage, target: into, password });
  const snapshots = async () =>
    (await listKeptSnapshots(stage.dataFolder)).filter(({ kind }) => kind === 'snapshot');

  beforeAll(async () => {
    stage = await openStage({ profile: PROFILE });
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
    if (encrypted) await setBackupPassword(stage, { new: PASSWORD });
    restic = stockRestic(stage);
  });
  afterAll(() => stage.close());

  /** By restic, by our check, and file by file: the oldest backup and the newest. */
  async function expectAllWhole(): Promise<void> {
    expect(await restic('check', '--read-data')).toContain('no errors were found');
    const { dataFolder } = stage;
    const { isWhole, damagedSnapshots, findings } = await checkPhoneVault({ dataFolder, readData: true });
    expect({ isWhole, damagedSnapshots, findings }).toEqual({
      isWhole: true,
      damagedSnapshots: [],
      findings: [],
    });
    const [newest, ...others] = await snapshots();
    expect(await verified(newest?.id)).toEqual({ verdict: 'whole', findings: [], isEachProved: true });
    const oldest = others.at(-1);
    if (oldest) expect((await verified(oldest.id)).verdict).toBe('whole-but-old');
  }

  async function verified(id = 'latest') {
    const { dataFolder } = stage;
    const { verdict, findings, files, checkedBy } = await verifyDeviceBackup(id, { dataFolder, password });
    return { verdict, findings, isEachProved: checkedBy.digest === files };
  }

  /** What befalls the vault after some of the versions. */
  const upkeepAfter: Readonly<Record<number, () => Promise<unknown>>> = {
    4: async () => {
      const { dataFolder } = stage;
      const [, , second] = (await snapshots()).toReversed();
      await deleteKeptSnapshot({ dataFolder, what: second?.id ?? '' });
      const { packsRemoved, packsRepacked } = await prunePhoneVault({ dataFolder });
      expect(packsRemoved + packsRepacked).toBeGreaterThan(0);
    },
    6: async () => {
      const { dataFolder, udid } = stage;
      await rm(join(dataFolder, 'vaults', udid, 'index'), { recursive: true });
      expect(await repairPhoneVault({ dataFolder })).toMatchObject({ unreadablePacks: [], lostPacks: [] });
    },
    8: async () => {
      const [, third] = (await snapshots()).toReversed();
      await restic('forget', await recordOf(third?.id), '--prune', '--max-unused', '0');
    },
  };

  /** Restic knows records; ours may have been tagged since, and then has another. */
  async function recordOf(id: string | undefined): Promise<string> {
    const records: readonly { readonly id: string; readonly original?: string }[] = JSON.parse(
      await restic('snapshots', '--json'),
    );
    return records.find((record) => (record.original ?? record.id) === id)?.id ?? 'none';
  }

  let restored: string | undefined;
  /** The newest backup, as somebody restores it who has restic only. @returns its backup folder */
  async function restoredByRestic(): Promise<string> {
    if (restored !== undefined) return restored;
    const folder = join(stage.folder, 'restored');
    const [newest] = await snapshots();
    await restic('restore', await recordOf(newest?.id), '--target', folder);
    restored = join(folder, stage.udid);
    return restored;
  }

  async function vaultBytes(): Promise<number> {
    const folder = join(stage.dataFolder, 'vaults', stage.udid);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const sizes = entries.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size);
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }

  test(
    'agree on ten versions, over two prunes and the repair of a lost index',
    async () => {
      for (let version = 1; version <= VERSIONS; version += 1) {
        if (version > 1) await liveDays(stage.phone, 1);
        await backUp();
        const upkeep = upkeepAfter[version];
        await upkeep?.();
        if (version === VERSIONS || upkeep) await expectAllWhole();
      }
      expect(await snapshots()).toHaveLength(VERSIONS - 2);
    },
    TEN_VERSIONS_MS_MAX,
  );

  test('agree on the photos that are in it: they are the photos of the phone', async () => {
    const { output, stdout } = await runProgram('python3', [READER, await restoredByRestic()]);
    expect(output).toBe(stdout);
    const { files, photos } = JSON.parse(stdout);
    expect(files).toBeGreaterThan(300);
    expect(photos).toEqual(await photosOnPhone(stage));
  });

  test('store nothing twice: what restic restored, it can back up again for next to nothing', async () => {
    const folder = await restoredByRestic();
    const before = await vaultBytes();
    await restic('backup', '--quiet', folder);
    // Databases are cut along their pages by us, by restic where their content says.
    const databaseBytes = await bytesOfDatabases(folder);
    expect((await vaultBytes()) - before).toBeLessThan(databaseBytes + 1_000_000);
    expect(await restic('check', '--read-data')).toContain('no errors were found');
    // It is no backup of the phone, so the newest one is still ours.
    expect((await verified()).verdict).toBe('whole');
  });

  test('keep each other out: restic prunes nothing while a backup is read', async () => {
    const { dataFolder, folder } = stage;
    const [newest] = await snapshots();
    const kept = vaultLibrary({ dataFolder }).openable(newest?.id ?? '');
    let pruned: Promise<string> | undefined;
    const pruning: OpenableBackup = {
      lockName: () => kept.lockName(),
      open: async () => {
        const source = await kept.open();
        const read = (path: TreePath) => afterPrune(source.tree, path);
        return { ...source, tree: Object.assign(Object.create(source.tree), { read }) };
      },
    };
    async function* afterPrune(tree: ReadableTree, path: TreePath) {
      // Several files are read at the same time.
      pruned ??= restic('prune').catch((error: Error) => error.message);
      await pruned;
      yield* tree.read(path);
    }
    await exportFolder({ dataFolder, what: pruning, to: join(folder, 'exported') });
    expect(await pruned).toContain('already locked');
    await restic('prune');
  });

  test('lose nothing when restic prunes while a phone is backed up', async () => {
    await liveDays(stage.phone, 1);
    const [, third] = (await snapshots()).toReversed();
    const record = await recordOf(third?.id);
    const outcome = await backUp({
      ...target(),
      open: async (options) => {
        const unfinished = await target().open(options);
        // From now on we believe to know where everything lies; then most of it is moved to other packs.
        await restic('forget', record, '--prune', '--max-unused', '0');
        return pruningMeanwhile(unfinished, restic);
      },
    }).then(() => 'done', reasonOf);
    expect(['done', 'vault.locked']).toContain(outcome);
    // What was received is stored by the next run, if restic kept this one out.
    await backUp();
    expect((await snapshots()).map(({ id }) => id)).not.toContain(third?.id);
    await expectAllWhole();
  });
});

/** While the backup is put away, restic prunes again and again: it waits for no lock, and neither do we. */
function pruningMeanwhile(unfinished: UnfinishedBackup, restic: StockRestic): UnfinishedBackup {
  return Object.assign(Object.create(unfinished), {
    commit: async (options: CommitOptions) => {
      let isOver = false;
      const over = () => {
        isOver = true;
      };
      const committed = unfinished.commit(options);
      committed.then(over, over);
      while (!isOver) await restic('prune', '--max-unused', '0').catch(unlessLocked);
      return committed;
    },
  });
}

function unlessLocked(error: Error): void {
  if (!error.message.includes('already locked')) throw error;
}

const reasonOf = (error: unknown): string =>
  error instanceof OperationFailure ? error.report.code : String(error);

async function photosOnPhone({ phone: { files } }: Stage): Promise<Record<string, string>> {
  const photos: Record<string, string> = {};
  for (const { path, content } of files.walk('/var/mobile/Media/DCIM')) {
    if (content) photos[path] = await digestOf(content.read());
  }
  return photos;
}

async function digestOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const digest = createHash('sha256');
  for await (const piece of pieces) digest.update(piece);
  return digest.digest('hex');
}

/** Of those that are large enough to be cut along their pages. */
async function bytesOfDatabases(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const content = await readFile(join(entry.parentPath, entry.name));
    if (content.length >= 2 ** 20 && content.subarray(0, 15).equals(SQLITE)) bytes += content.length;
  }
  return bytes;
}
