import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measuredRun } from './phone/measured-run.ts';
import { startPhone } from './phone/start-phone.ts';

const PROGRAM = join(import.meta.dirname, '..', 'bin', 'rootcellar');
const FILES = Number(process.env['BENCH_FILES'] ?? 300_000);
const BYTES_EACH = 4096;
const CHANGED = 0.01;
const GOAL_MB = 350;

/** Peak memory of backups of many files from a phone into its vault, and of their verification. There is no peer that does this. */
export async function run(): Promise<void> {
  console.log(`${FILES} files of ${BYTES_EACH} bytes\nrun · wall s · CPU s · peak MB`);
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-bench-'));
  const phone = await startPhone({ files: FILES, bytesEach: BYTES_EACH });
  const env = { ...phone.env, ROOTCELLAR_DATA: folder, ROOTCELLAR_VAULT_PASSWORD: 'Boskoop' };
  const measure = async (...args: readonly string[]) => {
    const { wallSeconds, cpuSeconds, peakBytes } = await measuredRun(
      [process.execPath, PROGRAM, ...args, '--json'],
      env,
    );
    const mb = peakBytes / 1e6;
    const numbers = [wallSeconds.toFixed(1), cpuSeconds.toFixed(1), mb.toFixed(0)];
    console.log(`  ${args.join(' ')} ${numbers.join(' ')} ${mb <= GOAL_MB ? 'reached' : 'MISSED'}`);
  };
  try {
    await measure('backup');
    await phone.ask({ change: CHANGED });
    await measure('backup');
    await measure('verify', 'latest');
  } finally {
    await phone.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
