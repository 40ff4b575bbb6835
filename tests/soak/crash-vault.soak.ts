import { type KillTally, killVaultManyTimes } from '../crash/kill-vault.ts';

/** In all, half of them of vaults that are kept small. */
const KILLS = Number(process.env['ROOTCELLAR_KILLS'] ?? 200);
const SAID_EVERY = 20;

/**
 * Kills processes that change a vault two hundred times: backups and imports, sealed and small, prunes, repairs of the
 * index. After each, the newest backup is whole and stock restic finds nothing wrong.
 */
export async function run(): Promise<void> {
  const seed = process.env['ROOTCELLAR_SEED'] ?? new Date().toISOString();
  console.log(`crash-vault: seed ${seed}; ROOTCELLAR_SEED repeats it`);
  const startedAt = performance.now();
  const each = Math.ceil(KILLS / 10);
  const kills = { backup: 2 * each, import: each, prune: each, repair: each };
  let total = 0;
  for (const keep of ['sealed', 'small'] as const) {
    const onKill = (soFar: number): void => {
      if (soFar % SAID_EVERY === 0)
        console.log(`${keep}: ${soFar} kills, ${seconds(startedAt)} s: nothing was lost`);
    };
    const tally = await killVaultManyTimes({ seed: `${seed}/${keep}`, keep, kills, onKill });
    total += tally.kills;
    tell(keep, tally);
  }
  console.log(`${total} kills, seed ${seed}, ${seconds(startedAt)} s`);
}

function tell(keep: string, { kills, endings }: KillTally): void {
  console.log(`${keep}: ${kills} kills; how runs ended:`);
  for (const [line, times] of [...endings].sort()) console.log(`  ${String(times).padStart(4)}  ${line}`);
}

function seconds(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(0);
}
