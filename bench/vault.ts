import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import { backUpDevice } from '@rootcellar/operations';
import { fileIDOf } from '../packages/backup/src/folder/blob-path.ts';
import { openStage, pairStage, type Stage, setBackupPassword } from '../tests/stage.ts';
import { type MeasuredRun, measuredRun } from './phone/measured-run.ts';
import { type BytesByKind, growthOf } from './vault/growth.ts';
import { type BenchPhone, benchPhone } from './vault/phone-content.ts';
import { borg, bytesBelow, type Keeper, restic, rootcellar } from './vault/programs.ts';

/** 1 is a phone of 4 GB in 30,000 files; it needs 30 GB on the disk. */
const DIVISOR = Number(process.env['BENCH_DIVISOR'] ?? 1);
const WANTED = process.env['BENCH_CASES'] ?? 'plain,encrypted';
const BACKUP_PASSWORD = 'Holsteiner Cox';
const CAMERA_ROLL = '/var/mobile/';
const DESCRIBING = ['Manifest.db', 'Manifest.plist', 'Status.plist', 'Info.plist'];

/**
 * Two versions of a generated phone, plain and encrypted, kept by `rootcellar import` (encrypted ones small), `restic
 * backup` and `borg create`, all with compression: time, memory, and what each version adds, by kind.
 */
export async function run(): Promise<void> {
  for (const kind of ['plain', 'encrypted'] as const) if (WANTED.includes(kind)) await measure(kind);
}

interface Measured {
  readonly first: MeasuredRun;
  readonly second: MeasuredRun;
  readonly restored: MeasuredRun | undefined;
  readonly checked: MeasuredRun | undefined;
  readonly firstBytes: number;
  readonly grownBytes: number;
  /** By kind, of the second version; of borg it is not known. */
  readonly grown: BytesByKind;
}

async function measure(kind: 'plain' | 'encrypted'): Promise<void> {
  const phone = benchPhone(DIVISOR);
  const stage = await openStage({ fill: phone.fill });
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-bench-'));
  try {
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
    if (kind === 'encrypted') await setBackupPassword(stage, { new: BACKUP_PASSWORD });
    await backUp(stage);
    console.log(`\n${kind}: ${mb(await bytesBelow(stage.backups))} MB in the folder`);
    console.log('program · run · wall s · CPU s · peak MB · MB stored');
    const keepers = await keepersFor(stage, folder);
    const firsts = await inTurn(keepers, (keeper) => saved(keeper, 1));
    phone.liveOn(stage.phone);
    await backUp(stage);
    const seconds = await inTurn(keepers, (keeper) => saved(keeper, 2));
    const rest = await inTurn(keepers, async (keeper) => ({
      restored: keeper.restore && (await said(keeper, 'restore', await keeper.restore())),
      checked: keeper.check && (await said(keeper, 'check', await keeper.check())),
      grown: keeper.name === 'borg' ? new Map() : await growthOfSecond(keeper, stage, phone),
    }));
    tellRatios(
      kind,
      keepers.map((_, at) => together(firsts[at], seconds[at], rest[at])),
    );
  } finally {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  }
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

async function keepersFor(stage: Stage, folder: string): Promise<readonly Keeper[]> {
  const keepers: Keeper[] = [];
  for (const make of [rootcellar, restic, borg]) {
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
  const goal = (what: string, ratio: number, most: number): void =>
    console.log(
      `  ${ratio <= most ? 'reached' : 'MISSED '} ${what}: ${ratio.toFixed(2)} (goal ${most.toFixed(2)})`,
    );
  const databases = ({ grown }: Measured): number => grown.get('databases') ?? 0;
  // Borg's growth that is not of databases is taken to be as large as restic's.
  const ofBorg = borgRun.grownBytes - (resticRun.grownBytes - databases(resticRun));
  console.log(
    `  databases grow by MB: ours ${mb(databases(ours))}, restic ${mb(databases(resticRun))}, borg ${mb(ofBorg)}`,
  );
  if (kind === 'encrypted') {
    goal('growth of databases / restic', databases(ours) / databases(resticRun), 0.05);
    goal('growth of databases / borg', databases(ours) / ofBorg, 0.05);
  }
  goal(
    'CPU of the first / restic',
    ours.first.cpuSeconds / resticRun.first.cpuSeconds,
    kind === 'plain' ? 1 : 1.3,
  );
  goal('wall of the second / restic', ours.second.wallSeconds / resticRun.second.wallSeconds, 0.5);
  goal('restore / restic', wallRatio(ours.restored, resticRun.restored), 1);
  goal('check / restic', wallRatio(ours.checked, resticRun.checked), 1);
  goal('peak RSS / 350 MB', Math.max(ours.first.peakBytes, ours.second.peakBytes) / 350e6, 1);
}

function wallRatio(ours: MeasuredRun | undefined, others: MeasuredRun | undefined): number {
  return (ours?.wallSeconds ?? Number.NaN) / (others?.wallSeconds ?? Number.NaN);
}

function mb(bytes: number): string {
  const value = bytes / 1e6;
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}
