import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import { backUpDevice } from '@rootcellar/operations';
import { fileIDOf } from '../packages/backup/src/folder/blob-path.ts';
import { openStage, pairStage, type Stage, setBackupPassword } from '../tests/stage.ts';
import { type MeasuredRun, measuredRun } from './phone/measured-run.ts';
import { type BytesByKind, growthOf } from './vault/growth.ts';
import { type BenchPhone, benchPhone, phoneOfManyFiles } from './vault/phone-content.ts';
import { borg, bytesBelow, type Keeper, type KeeperOptions, restic, rootcellar } from './vault/programs.ts';

/** 1 is a phone of 4 GB in 30,000 files; it needs 30 GB on the disk. */
const DIVISOR = Number(process.env['BENCH_DIVISOR'] ?? 1);
const WANTED = process.env['BENCH_CASES'] ?? 'plain,encrypted';
const BACKUP_PASSWORD = 'Holsteiner Cox';
const CAMERA_ROLL = '/var/mobile/';
const DESCRIBING = ['Manifest.db', 'Manifest.plist', 'Status.plist', 'Info.plist'];

/** What describes the files of a backup, as against the files. */
const DESCRIPTION = ['manifest', 'trees', 'beside'];

/**
 * Two versions of a generated phone, plain and encrypted, kept by `rootcellar import` (encrypted ones small), `restic
 * backup` and `borg create`, all with compression: time, memory, and what each version adds, by kind. The case `many`
 * is of 300,000 files: what does their description add?
 */
export async function run(): Promise<void> {
  for (const kind of ['plain', 'encrypted'] as const) if (WANTED.includes(kind)) await measure(kind);
  if (WANTED.includes('many')) await measureDescription();
}

interface Measured {
  readonly first: MeasuredRun;
  readonly second: MeasuredRun;
  readonly restored: MeasuredRun;
  readonly checked: MeasuredRun;
  readonly firstBytes: number;
  readonly grownBytes: number;
  /** By kind, of the second version; of borg it is not known. */
  readonly grown: BytesByKind;
}

interface Bench {
  readonly phone: BenchPhone;
  readonly stage: Stage;
  readonly folder: string;
}

async function withPhone(
  phone: BenchPhone,
  kind: 'plain' | 'encrypted',
  work: (bench: Bench) => Promise<void>,
): Promise<void> {
  const stage = await openStage({ fill: phone.fill });
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-bench-'));
  try {
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
    if (kind === 'encrypted') await setBackupPassword(stage, { new: BACKUP_PASSWORD });
    await backUp(stage);
    await work({ phone, stage, folder });
  } finally {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Goal: what describes 300,000 files takes less than 40 MB a version. */
function measureDescription(): Promise<void> {
  return withPhone(phoneOfManyFiles(), 'encrypted', async ({ phone, stage, folder }) => {
    const keepers = await keepersFor(stage, folder, [rootcellar, restic]);
    console.log('\nmany: 300,000 files, encrypted\nprogram · run · wall s · CPU s · peak MB · MB stored');
    await inTurn(keepers, (keeper) => saved(keeper, 1));
    phone.liveOn(stage.phone);
    await backUp(stage);
    await inTurn(keepers, (keeper) => saved(keeper, 2));
    const [ours = new Map()] = await inTurn(keepers, (keeper) => growthOfSecond(keeper, stage, phone));
    const bytes = DESCRIPTION.reduce((sum, kind) => sum + (ours.get(kind) ?? 0), 0);
    tellGoal('manifest, trees and what lies beside, in MB of version 2', bytes / 1e6, 40);
  });
}

function measure(kind: 'plain' | 'encrypted'): Promise<void> {
  return withPhone(benchPhone(DIVISOR), kind, async ({ phone, stage, folder }) => {
    console.log(`\n${kind}: ${mb(await bytesBelow(stage.backups))} MB in the folder`);
    console.log('program · run · wall s · CPU s · peak MB · MB stored');
    const keepers = await keepersFor(stage, folder, [rootcellar, restic, borg]);
    const firsts = await inTurn(keepers, (keeper) => saved(keeper, 1));
    phone.liveOn(stage.phone);
    await backUp(stage);
    const seconds = await inTurn(keepers, (keeper) => saved(keeper, 2));
    const rest = await inTurn(keepers, async (keeper) => ({
      restored: await said(keeper, 'restore', await keeper.restore()),
      checked: await said(keeper, 'check', await keeper.check()),
      grown: keeper.name === 'borg' ? new Map() : await growthOfSecond(keeper, stage, phone),
    }));
    tellRatios(
      kind,
      keepers.map((_, at) => together(firsts[at], seconds[at], rest[at])),
    );
  });
}

interface Saved {
  readonly run: MeasuredRun;
  readonly bytes: number;
}

function together(
  first: Saved | undefined,
  second: Saved | undefined,
  rest: Pick<Measured, 'restored' | 'checked' | 'grown'> | undefined,
): Measured {
  if (!first || !second || !rest) throw new Error('A program was not measured');
  return {
    first: first.run,
    second: second.run,
    firstBytes: first.bytes,
    grownBytes: second.bytes - first.bytes,
    ...rest,
  };
}

/** Into a plain folder, as Finder and others make it. */
async function backUp(stage: Stage): Promise<void> {
  await backUpDevice({ ...stage, password: async () => new Secret(BACKUP_PASSWORD) });
}

async function keepersFor(
  stage: Stage,
  folder: string,
  programs: readonly ((options: KeeperOptions) => Keeper)[],
): Promise<readonly Keeper[]> {
  const keepers: Keeper[] = [];
  for (const make of programs) {
    const own = join(folder, make.name);
    await mkdir(own);
    const source = join(stage.backups, stage.udid);
    keepers.push(make({ folder: own, source, udid: stage.udid, backupPassword: BACKUP_PASSWORD }));
  }
  for (const keeper of keepers) await keeper.prepare();
  return keepers;
}

async function inTurn<Value>(
  keepers: readonly Keeper[],
  work: (keeper: Keeper) => Promise<Value>,
): Promise<readonly Value[]> {
  const values: Value[] = [];
  for (const keeper of keepers) {
    // What an earlier run left for the disk to do must not be paid by the next.
    await measuredRun(['sync'], {});
    values.push(await work(keeper));
  }
  return values;
}

async function saved(keeper: Keeper, version: number): Promise<Saved> {
  const run = await keeper.save(version);
  const bytes = await bytesBelow(keeper.store);
  await said(keeper, `save ${version}`, run, bytes);
  return { run, bytes };
}

async function said(keeper: Keeper, what: string, run: MeasuredRun, bytes?: number): Promise<MeasuredRun> {
  const numbers = [run.wallSeconds, run.cpuSeconds].map((value) => value.toFixed(1).padStart(7));
  const stored = bytes === undefined ? '' : mb(bytes).padStart(8);
  console.log(
    `  ${keeper.name.padEnd(11)} ${what.padEnd(8)} ${numbers.join(' ')} ${mb(run.peakBytes).padStart(6)} ${stored}`,
  );
  return run;
}

/** What the second version added, by what it is of. */
async function growthOfSecond(
  keeper: Keeper,
  { phone: { files } }: Stage,
  phone: BenchPhone,
): Promise<BytesByKind> {
  const kinds = new Map<string, string>(DESCRIBING.map((name) => [name, 'manifest']));
  for (const { path, kind } of files.walk(`${CAMERA_ROLL}Media`)) {
    if (kind === 'file')
      kinds.set(fileIDOf('CameraRollDomain', path.slice(CAMERA_ROLL.length)), phone.kindOf(path));
  }
  const versions = await growthOf(keeper.store, (name) => kinds.get(name) ?? 'beside');
  for (const [at, kindBytes] of versions.entries()) {
    const words = [...kindBytes].map(([kind, bytes]) => `${kind} ${mb(bytes)}`);
    console.log(`  ${keeper.name.padEnd(11)} version ${at + 1}, MB stored: ${words.sort().join(', ')}`);
  }
  return versions[1] ?? new Map();
}

function tellRatios(kind: 'plain' | 'encrypted', [ours, resticRun, borgRun]: readonly Measured[]): void {
  if (!ours || !resticRun || !borgRun) return;
  const databases = ({ grown }: Measured): number => grown.get('databases') ?? 0;
  // Borg's growth that is not of databases is taken to be as large as restic's.
  const ofBorg = borgRun.grownBytes - (resticRun.grownBytes - databases(resticRun));
  console.log(
    `  databases grow by MB: ours ${mb(databases(ours))}, restic ${mb(databases(resticRun))}, borg ${mb(ofBorg)}`,
  );
  if (kind === 'encrypted') {
    tellGoal('growth of databases / restic', databases(ours) / databases(resticRun), 0.05);
    tellGoal('growth of databases / borg', databases(ours) / ofBorg, 0.05);
  }
  tellGoal(
    'CPU of the first / restic',
    ours.first.cpuSeconds / resticRun.first.cpuSeconds,
    kind === 'plain' ? 1 : 1.3,
  );
  tellGoal('wall of the second / restic', ours.second.wallSeconds / resticRun.second.wallSeconds, 0.5);
  tellGoal('restore / restic', wallRatio(ours.restored, resticRun.restored), 1);
  tellGoal('check / restic', wallRatio(ours.checked, resticRun.checked), 1);
  const peaks = [ours.first, ours.second, ours.restored, ours.checked].map(({ peakBytes }) => peakBytes);
  tellGoal('peak RSS of the largest / 350 MB', Math.max(...peaks) / 350e6, 1);
}

function tellGoal(what: string, value: number, most: number): void {
  const verdict = value <= most ? 'reached' : 'MISSED ';
  console.log(`  ${verdict} ${what}: ${value.toFixed(2)} (goal ${most.toFixed(2)})`);
}

function wallRatio(ours: MeasuredRun, others: MeasuredRun): number {
  return ours.wallSeconds / others.wallSeconds;
}

function mb(bytes: number): string {
  const value = bytes / 1e6;
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}
