import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderTree, type Random, Secret, seededRandom } from '@rootcellar/core';
import { backUpDevice, createVault, exportFolder, folderTarget } from '@rootcellar/operations';
import type { CephCluster } from '../interop/ceph-cluster.ts';
import { runProgram } from '../interop/run-program.ts';
import { openStage, pairStage, type Stage } from '../stage.ts';
import { type RunningCommand, startCommand } from './running-command.ts';

export interface TwoWritersOptions {
  readonly ceph: CephCluster;
  readonly seed: string;
  readonly rounds: number;
  readonly onRound?: (round: number, tally: TwoWritersTally) => void;
}

export interface TwoWritersTally {
  /** Backups that were stored to the end. */
  readonly finished: number;
  /** How often each disturbance ended in each way: `gateway done` → 7. */
  readonly endings: ReadonlyMap<string, number>;
}

/** What happens while both write. */
const DISTURBANCES = ['nothing', 'one killed', 'both killed', 'gateway', 'prune killed'] as const;
type Disturbance = (typeof DISTURBANCES)[number];

/** Node alone takes so much of a run: whatever is killed before has done nothing. */
const STARTING_PART = 0.2;
const GATEWAY_AWAY_MS = 2_000;
const PHOTO_BYTES = 3_000_000;
const RESTIC_MS_MAX = 300_000;

/** A computer that keeps backups of the phone in the vault that both share. */
interface Writer {
  readonly stage: Stage;
  /** From where it imports. */
  readonly folder: string;
}

/**
 * Two computers store backups of one phone into one vault in a bucket at the same time, round after round, and are
 * killed meanwhile; so is the server, and who prunes. After each round stock restic finds nothing wrong and every
 * backup that was stored to the end is there; after the last one each comes back to the byte, by restic and by us.
 *
 * @throws what does not hold, as a sentence with the seed that repeats it
 */
export async function killTwoWriters(options: TwoWritersOptions): Promise<TwoWritersTally> {
  const stage = await openStage();
  try {
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
    return await new TwoWriters(stage, options).run();
  } finally {
    await stage.close();
  }
}

class TwoWriters {
  readonly #options: TwoWritersOptions;
  readonly #random: Random;
  readonly #writers: readonly [Writer, Writer];
  readonly #pruner: Stage;
  readonly #location: string;
  /** What each finished snapshot must give back: a hash over all files of the folder it was imported from. */
  readonly #finished = new Map<string, string>();
  readonly #endings = new Map<string, number>();
  #runMs = 0;
  #photos = 0;

  constructor(stage: Stage, options: TwoWritersOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#location = `s3:${options.ceph.endpoint}/cellar/${stage.udid}`;
    const writer = (name: string): Writer => ({
      stage: { ...stage, dataFolder: join(stage.folder, `data-${name}`) },
      folder: join(stage.folder, `folder-${name}`),
    });
    this.#writers = [writer('one'), writer('two')];
    this.#pruner = writer('three').stage;
  }

  async run(): Promise<TwoWritersTally> {
    const { ceph, rounds } = this.#options;
    await ceph.bucket('cellar');
    Object.assign(process.env, ceph.signIn);
    await this.#shareVault();
    await this.#round('nothing', 'first');
    for (let round = 1; round <= rounds; round += 1) {
      const disturbance =
        DISTURBANCES[Math.floor(this.#random.fraction() * DISTURBANCES.length)] ?? 'nothing';
      await this.#round(disturbance, `seed ${this.#options.seed}, round ${round}, ${disturbance}`);
      this.#options.onRound?.(round, this.#tally());
    }
    await this.#round('nothing', 'last');
    await this.#prune().ended;
    await this.#requireWhole('in the end', ['--read-data']);
    await this.#requireAllComeBack();
    return this.#tally();
  }

  #tally(): TwoWritersTally {
    return { finished: this.#finished.size, endings: this.#endings };
  }

  async #shareVault(): Promise<void> {
    const [one, two] = this.#writers;
    const { udid } = one.stage;
    await createVault({ ...one.stage, location: this.#location, adopt: false });
    const key = async () => new Secret(await this.#key());
    // Who prunes has a data folder of its own: the lock of a phone is in there, that of the vault keeps them apart.
    for (const dataFolder of [two.stage.dataFolder, this.#pruner.dataFolder])
      await createVault({ dataFolder, udid, location: this.#location, adopt: true, key });
  }

  async #key(): Promise<string> {
    const { dataFolder, udid } = this.#writers[0].stage;
    return (await readFile(join(dataFolder, 'keys', udid), 'utf8')).trim();
  }

  async #round(disturbance: Disturbance, where: string): Promise<void> {
    for (const { stage, folder } of this.#writers) {
      this.#takePhoto(stage);
      await backUpDevice({ ...stage, target: folderTarget(folderTree(folder)) });
    }
    const beganAt = performance.now();
    const imports = this.#writers.map((writer) => this.#import(writer));
    await this.#disturb(disturbance, imports);
    for (const [at, { ended, last }] of imports.entries()) {
      const ending = await ended;
      this.#count(`${disturbance}: import ${ending}`);
      if (ending !== 'done') continue;
      const { snapshot, udid } = last() as { readonly snapshot: string; readonly udid: string };
      this.#finished.set(snapshot, await hashBelow(join(this.#writers[at]?.folder ?? '', udid)));
    }
    if (disturbance === 'nothing') this.#runMs = performance.now() - beganAt;
    await this.#requireWhole(where);
  }

  async #disturb(disturbance: Disturbance, imports: readonly RunningCommand[]): Promise<void> {
    if (disturbance === 'nothing') return;
    const part = STARTING_PART + (1 - STARTING_PART) * this.#random.fraction();
    const pruning = disturbance === 'prune killed' ? this.#prune() : undefined;
    await sleep(this.#runMs * part);
    if (disturbance === 'one killed') imports[this.#random.fraction() < 0.5 ? 0 : 1]?.kill();
    if (disturbance === 'both killed') for (const { kill } of imports) kill();
    pruning?.kill();
    if (pruning) this.#count(`${disturbance}: prune ${await pruning.ended}`);
    if (disturbance !== 'gateway') return;
    await this.#options.ceph.killGateway();
    await sleep(GATEWAY_AWAY_MS);
    await this.#options.ceph.startGateway();
  }

  #import({ stage, folder }: Writer): RunningCommand {
    return startCommand(stage, ['import', folder]);
  }

  #prune(): RunningCommand {
    return startCommand(this.#pruner, ['vault', 'prune']);
  }

  #count(line: string): void {
    this.#endings.set(line, (this.#endings.get(line) ?? 0) + 1);
  }

  #takePhoto({ phone }: Stage): void {
    this.#photos += 1;
    const path = `/var/mobile/Media/DCIM/100APPLE/IMG_${5000 + this.#photos}.JPG`;
    phone.files.writeFile(path, this.#random.bytes(PHOTO_BYTES), { protectionClass: 3 });
  }

  async #restic(...args: readonly string[]): Promise<string> {
    const env = { RESTIC_PASSWORD: await this.#key(), RESTIC_REPOSITORY: this.#location };
    const run = await runProgram('restic', ['--no-cache', '--no-lock', ...args], {
      env,
      timeoutMs: RESTIC_MS_MAX,
    });
    if (run.exitCode !== 0) throw new Error(`restic ${args[0]} failed:\n${run.output}`);
    return run.stdout;
  }

  async #requireWhole(where: string, options: readonly string[] = []): Promise<void> {
    const said = await this.#restic('check', ...options);
    if (!said.includes('no errors were found')) throw new Error(`${said}\n${where}`);
    const there = new Set((await this.#snapshots()).map(({ id, original }) => original ?? id));
    const lost = [...this.#finished.keys()].filter((id) => !there.has(id));
    if (lost.length > 0) throw new Error(`${lost.length} finished backups are gone: ${where}`);
  }

  async #snapshots(): Promise<readonly { readonly id: string; readonly original?: string }[]> {
    return JSON.parse(await this.#restic('snapshots', '--json')) ?? [];
  }

  async #requireAllComeBack(): Promise<void> {
    const { stage } = this.#writers[0];
    const records = await this.#snapshots();
    for (const [what, expected] of this.#finished) {
      const to = join(stage.folder, 'given-back');
      const { folder } = await exportFolder({ dataFolder: stage.dataFolder, what, to });
      if ((await hashBelow(folder)) !== expected) throw new Error(`Ours gives back something else: ${what}`);
      await rm(to, { recursive: true });
      const record = records.find(({ id, original }) => (original ?? id) === what);
      await this.#restic('restore', record?.id ?? what, '--target', to);
      if ((await hashBelow(join(to, stage.udid))) !== expected)
        throw new Error(`Restic gives back something else: ${what}`);
      await rm(to, { recursive: true });
    }
  }
}

/** Over the names and contents of all files. */
async function hashBelow(folder: string): Promise<string> {
  const whole = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  for (const file of files.sort()) {
    const content = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    whole.update(`${file.slice(folder.length)}\0${content}\n`);
  }
  return whole.digest('hex');
}
