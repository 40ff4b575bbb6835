import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, Secret, seededRandom } from '@rootcellar/core';
import {
  backUpDevice,
  forgetInPhoneVault,
  type Kept,
  repairPhoneVault,
  verifyDeviceBackup,
} from '@rootcellar/operations';
import { type StockRestic, stockRestic } from '../interop/stock-restic.ts';
import { openStage, pairStage, type Stage, setBackupPassword } from '../stage.ts';
import { startCommand } from './running-command.ts';

/** What changes a vault, and is killed meanwhile. */
export type VaultWork = 'backup' | 'import' | 'prune' | 'repair';

export interface KillOptions {
  readonly seed: string;
  /** Kills of each work; runs that were done before they could be killed do not count. */
  readonly kills: Readonly<Partial<Record<VaultWork, number>>>;
  /** `small`: the phone encrypts, and its backups are kept decrypted. */
  readonly keep: Kept;
  readonly onKill?: (kills: number) => void;
}

export interface KillTally {
  readonly kills: number;
  /** How often each work ended in each way: `prune SIGKILL` → 12. */
  readonly endings: ReadonlyMap<string, number>;
}

/** A kill may come too late; when most of them do, something is wrong with the choice of moments. */
const TRIES_PER_KILL = 6;

/** Every so often restic reads each byte; otherwise it looks whether all is there. */
const DEEP_EVERY = 10;

/** Node alone takes so much of a short run: whatever is killed before has done nothing. */
const STARTING_PART = 0.25;

const KEPT_BY_FORGET = 3;
const PASSWORD = 'Most und Wein';

/**
 * Kills processes that change a vault, at moments drawn from a seed. After each kill the newest backup is whole and
 * restic finds nothing wrong; at the end of each work its next run completes.
 *
 * @throws what does not hold, as a sentence with the seed that repeats it
 */
export async function killVaultManyTimes(options: KillOptions): Promise<KillTally> {
  const stage = await openStage();
  try {
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
    if (options.keep === 'small') await setBackupPassword(stage, { new: PASSWORD });
    return await new Killer(stage, options).run();
  } finally {
    await stage.close();
  }
}

class Killer {
  readonly #stage: Stage;
  readonly #options: KillOptions;
  readonly #random: Random;
  readonly #restic: StockRestic;
  readonly #endings = new Map<string, number>();
  #kills = 0;
  #photos = 0;

  constructor(stage: Stage, options: KillOptions) {
    this.#stage = stage;
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#restic = stockRestic(stage);
  }

  async run(): Promise<KillTally> {
    await this.#finish('backup');
    for (const [work, kills] of Object.entries(this.#options.kills))
      await this.#kill(work as VaultWork, kills);
    await this.#finish('backup');
    await this.#requireWhole('in the end', true);
    await this.#requireNothingUnfinished();
    return { kills: this.#kills, endings: this.#endings };
  }

  async #kill(work: VaultWork, kills: number): Promise<void> {
    await this.#prepare(work);
    let runMs = await this.#finish(work);
    const enough = this.#kills + kills;
    for (let run = 0; this.#kills < enough; run += 1) {
      const where = `seed ${this.#options.seed}, ${this.#options.keep}, ${work} ${run}`;
      if (run >= kills * TRIES_PER_KILL) throw new Error(`Too few runs were killed: ${where}`);
      await this.#prepare(work);
      const delayMs = runMs * (STARTING_PART + (1 - STARTING_PART) * this.#random.fraction());
      const { ending, tookMs } = await this.#runFor(work, delayMs);
      const line = `${work} ${ending}`;
      this.#endings.set(line, (this.#endings.get(line) ?? 0) + 1);
      if (ending === 'done') runMs = (runMs + tookMs) / 2;
      if (ending === 'SIGKILL') this.#kills += 1;
      // An index that was lost before the kill may be lost still: the next run finishes the job.
      if (work === 'repair') await repairPhoneVault(this.#stage);
      await this.#requireWhole(where, this.#kills % DEEP_EVERY === 0);
      if (ending === 'SIGKILL') this.#options.onKill?.(this.#kills);
    }
    await this.#finish(work);
    await this.#requireWhole(`${work}, the run that nobody killed`, true);
  }

  /** Something that is worth being done. */
  async #prepare(work: VaultWork): Promise<void> {
    const { dataFolder, udid, target } = this.#stage;
    if (work !== 'repair') this.#takePhoto();
    if (work === 'import') await backUpDevice({ ...this.#stage, target });
    if (work === 'prune') {
      await this.#finish('backup');
      await forgetInPhoneVault({ dataFolder, policy: { last: KEPT_BY_FORGET }, dryRun: false });
    }
    if (work === 'repair') await rm(join(dataFolder, 'vaults', udid, 'index'), { recursive: true });
  }

  /** @returns how long it took */
  async #finish(work: VaultWork): Promise<number> {
    const { ending, tookMs } = await this.#runFor(work, undefined);
    if (ending !== 'done') throw new Error(`${work} ended with ${ending}, and nobody killed it`);
    return tookMs;
  }

  async #runFor(work: VaultWork, delayMs: number | undefined) {
    const beganAt = performance.now();
    const command = startCommand(this.#stage, this.#argumentsOf(work), {
      ROOTCELLAR_BACKUP_PASSWORD: PASSWORD,
    });
    const over = new AbortController();
    if (delayMs !== undefined)
      sleep(delayMs, undefined, { signal: over.signal }).then(command.kill, () => {});
    const ending = await command.ended.finally(() => over.abort());
    return { ending, tookMs: performance.now() - beganAt };
  }

  #argumentsOf(work: VaultWork): readonly string[] {
    const { keep } = this.#options;
    if (work === 'backup') return ['backup', '--keep', keep];
    if (work === 'import') return ['import', join(this.#stage.backups, this.#stage.udid), '--keep', keep];
    return ['vault', work];
  }

  #takePhoto(): void {
    this.#photos += 1;
    const path = `/var/mobile/Media/DCIM/100APPLE/IMG_${5000 + this.#photos}.JPG`;
    this.#stage.phone.files.writeFile(path, this.#random.bytes(200_000), { protectionClass: 3 });
  }

  async #requireWhole(where: string, deep: boolean): Promise<void> {
    const { dataFolder } = this.#stage;
    const password = async () => new Secret(PASSWORD);
    const { verdict, findings } = await verifyDeviceBackup('latest', { dataFolder, password });
    if (verdict !== 'whole' || findings.length > 0)
      throw new Error(`The newest backup is ${verdict}, ${findings.length} findings: ${where}`);
    // Locks of those that were killed are stale, and restic does not take them away by itself.
    await this.#restic('unlock', '--remove-all');
    const said = await this.#restic('check', ...(deep ? ['--read-data'] : []));
    if (!said.includes('no errors were found')) throw new Error(`${said}\n${where}`);
  }

  async #requireNothingUnfinished(): Promise<void> {
    const snapshots: readonly { readonly tags?: readonly string[] }[] = JSON.parse(
      await this.#restic('snapshots', '--json'),
    );
    const left = snapshots.filter(({ tags }) => tags?.includes('incomplete'));
    if (left.length > 0) throw new Error(`${left.length} snapshots are incomplete still`);
  }
}
