import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyBackup } from '@rootcellar/backup';
import { type ReadableTree, ROOT, seededRandom, type TreePath } from '@rootcellar/core';
import { openFinishedBackup } from '@rootcellar/operations';
import { compareInventories, type Inventory, liveDays, takeInventory } from '@rootcellar/simulator';
import { eraseAndPair, hurriedClock, openStage, pairStage, type Stage } from '../stage.ts';
import { type Cut, type Extent, pickCut } from './cuts.ts';
import { type RunningCommand, startCommand } from './running-command.ts';

/** Two seconds of a restart are a tenth. */
const HURRY = 20;

/** So many runs between two days on the phone: some backups find much that is new, some nothing. */
const RUNS_PER_DAY = 3;

const PHONE_BACK_MS_MAX = 20_000;

export interface CutRun {
  readonly cut: Cut;
  /** How the run ended that was to be cut: `done` if the cut came too late. */
  readonly ending: string;
}

/** A phone, its backup, and somebody who stops our command line whenever they like. */
export interface CutStage {
  /** Cuts a backup; then what is there must be whole, and the next run must complete. */
  cutBackup(seed: string): Promise<CutRun>;
  /**
   * Cuts a restore onto the erased phone; then the backup must be as it was, byte for byte, and a second
   * restore must bring everything back.
   */
  cutRestore(seed: string): Promise<CutRun>;
  close(): Promise<void>;
}

/** @throws what is not as it must be, as a sentence with the seed */
export async function openCutStage(ios: string): Promise<CutStage> {
  const agent = { messages: 0 };
  const stage = await openStage({
    ios,
    clock: hurriedClock(HURRY),
    backupAgent: { onMessage: () => (agent.messages += 1) },
  });
  await pairStage(stage);
  stage.phone.condition.passcode = undefined;
  let backups = 0;
  let kept: Inventory = new Map();

  const backUp = (full = false) =>
    startCommand(stage, ['backup', '--folder', stage.backups, ...(full ? ['--full'] : [])]);
  const restore = () => startCommand(stage, ['restore', stage.backups, stage.udid, '--yes', stage.udid]);
  const measured = async (start: () => RunningCommand): Promise<Extent> => {
    const messagesBefore = agent.messages;
    const command = start();
    await command.begun;
    const beganAt = performance.now();
    requireDone(await command.ended, 'an undisturbed run');
    const runMs = performance.now() - beganAt;
    return { runMs, messages: agent.messages - messagesBefore, bytes: await sizeOf(stage.home) };
  };

  const backupExtent = await measured(backUp);
  kept = await takeInventory(stage.phone);
  await eraseAndPair(stage);
  const restoreExtent = await measured(restore);

  return {
    async cutBackup(seed) {
      const random = seededRandom(seed);
      if (backups % RUNS_PER_DAY === 0) await liveDays(stage.phone, 1, random);
      backups += 1;
      const full = random.below(4) === 0;
      const run = await cutRun(stage, seed, backupExtent, () => backUp(full));
      await requireWhole(stage, `${run.cut.how} (${run.ending}), seed ${seed}`);
      requireDone(await backUp().ended, `the backup after one that was ${run.cut.how}, seed ${seed}`);
      await requireWhole(stage, `the backup after one that was ${run.cut.how}, seed ${seed}`);
      kept = await takeInventory(stage.phone);
      return run;
    },
    async cutRestore(seed) {
      await eraseAndPair(stage);
      const before = await digestOf(stage.home);
      const run = await cutRun(stage, seed, restoreExtent, restore);
      const what = `a restore that was ${run.cut.how} (${run.ending}), seed ${seed}`;
      if ((await digestOf(stage.home)) !== before) throw new Error(`${what} changed the backup`);
      requireDone(await restore().ended, `the restore after ${what}`);
      await phoneIsBack(stage);
      if ((await digestOf(stage.home)) !== before)
        throw new Error(`The restore after ${what} changed the backup`);
      requireSame(kept, await takeInventory(stage.phone), what);
      return run;
    },
    close: () => stage.close(),
  };
}

async function cutRun(
  stage: Stage,
  seed: string,
  extent: Extent,
  start: () => RunningCommand,
): Promise<CutRun> {
  const random = seededRandom(`${seed}/cut`);
  const cut = pickCut(random);
  const starting = Promise.withResolvers<RunningCommand>();
  const mend = cut.arm({ stage, random, extent, command: starting.promise });
  const command = start();
  starting.resolve(command);
  try {
    return { cut, ending: await command.ended };
  } catch (error) {
    throw new Error(`A run that was ${cut.how}, seed ${seed}`, { cause: error });
  } finally {
    await mend();
    await phoneIsBack(stage);
  }
}

async function phoneIsBack({ phone }: Stage): Promise<void> {
  const until = performance.now() + PHONE_BACK_MS_MAX;
  while (phone.presence.connections.length === 0 || phone.condition.locked) {
    if (performance.now() > until) throw new Error('The phone did not come back');
    await sleep(10);
  }
}

async function requireWhole({ home, udid }: Stage, what: string): Promise<void> {
  const { verdict, findings } = await verifyBackup(await openFinishedBackup(home, udid));
  if (verdict === 'whole' && findings.length === 0) return;
  throw new Error(`${what}: ${verdict}, ${JSON.stringify(findings.slice(0, 5))}`);
}

function requireDone(ending: string, what: string): void {
  if (ending !== 'done') throw new Error(`${what} ended with ${ending}`);
}

function requireSame(before: Inventory, after: Inventory, what: string): void {
  const { missing, added, changed } = compareInventories(before, after);
  if (missing.length + added.length + changed.length === 0) return;
  throw new Error(`${what}: phone and backup differ: ${JSON.stringify({ missing, added, changed })}`);
}

/** Names and contents of everything below a folder. */
async function digestOf(tree: ReadableTree, folder: TreePath = ROOT): Promise<string> {
  const hash = createHash('sha256');
  const entries = await Array.fromAsync(tree.list(folder));
  for (const entry of entries.sort((a, b) => (a.path < b.path ? -1 : 1))) {
    hash.update(entry.path);
    if (entry.kind === 'folder') hash.update(await digestOf(tree, entry.path));
    else for await (const piece of tree.read(entry.path)) hash.update(piece);
  }
  return hash.digest('hex');
}

async function sizeOf(tree: ReadableTree, folder: TreePath = ROOT): Promise<number> {
  let bytes = 0;
  for await (const entry of tree.list(folder)) {
    bytes += entry.kind === 'folder' ? await sizeOf(tree, entry.path) : entry.sizeBytes;
  }
  return bytes;
}
