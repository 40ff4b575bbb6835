import { createDecipheriv } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Secret, treePath } from '@rootcellar/core';
import { backUpDevice, changeEncryption } from '@rootcellar/operations';
import {
  archiveRecord,
  type ExampleFile,
  exampleBackup,
  exampleBlobPath,
} from '../packages/backup/src/example-backup.ts';
import { fileIDOf } from '../packages/backup/src/folder/blob-path.ts';
import { openStage, pairStage } from '../tests/stage.ts';
import { type MeasuredRun, measuredRun } from './phone/measured-run.ts';

const ROOT = join(import.meta.dirname, '..');
const OURS = [process.execPath, join(ROOT, 'apps', 'cli', 'dist', 'program', 'main.js')];
const PYTHON = ['/usr/bin/python3', join(ROOT, 'tests', 'interop', 'read_backup.py')];
const PASSWORD = 'Boskoop';
const ENV = { ROOTCELLAR_BACKUP_PASSWORD: PASSWORD, BACKUP_PASSWORD: PASSWORD };

/** Pairs of runs, ours and theirs in turn; the median of their ratios counts. */
const PAIRS = Number(process.env['BENCH_PAIRS'] ?? 3);

const MANIFEST_ROWS = 500_000;
const LARGE_BYTES = 1024 ** 3;

/**
 * Reading backup folders: against a reader in Python with OpenSSL underneath, against `sha256sum`, and against the
 * cipher alone. A ratio above 1 means that ours takes less time.
 */
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-bench-'));
  try {
    const wanted = process.env['BENCH_CASES'] ?? 'abc';
    if (wanted.includes('a')) await openLargeManifest(join(folder, 'manifest'));
    if (wanted.includes('b')) await family(join(folder, 'family'));
    if (wanted.includes('c')) await largeFile(join(folder, 'large'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** (a) The first thousand files of a domain, from a list of half a million. */
async function openLargeManifest(folder: string): Promise<void> {
  console.log(`\n(a) first 1,000 of a domain out of ${MANIFEST_ROWS} rows (goal 1.5 s, 300 MB)`);
  await writeTree(folder, { files: [] });
  const database = new DatabaseSync(join(folder, 'Manifest.db'));
  database.exec('PRAGMA synchronous = OFF; BEGIN');
  const insert = database.prepare('INSERT INTO Files VALUES (?, ?, ?, ?, ?)');
  for (let row = 0; row < MANIFEST_ROWS; row += 1) {
    const domain = row % 3 === 0 ? 'CameraRollDomain' : `AppDomain-com.example.app${row % 300}`;
    const path = `Documents/${row}`;
    const record = archiveRecord({ RelativePath: path, Mode: 0o100644, Size: row });
    insert.run(fileIDOf(domain, path), domain, path, 1, record);
  }
  database.exec('COMMIT');
  database.close();
  const script = join(import.meta.dirname, 'folder', 'first-thousand.ts');
  const run = await measuredRun([process.execPath, '--conditions=source', script, folder], {});
  console.log(`  ${describeRun(run)}\n  ${run.output.trim()}`);
}

/** (b) A phone of usual size, encrypted. */
async function family(folder: string): Promise<void> {
  const stage = await openStage({ profile: 'family' });
  try {
    await pairStage(stage);
    const answer = async () => new Secret(PASSWORD);
    const { usbmux, dataFolder } = stage;
    await changeEncryption({ usbmux, dataFolder, change: 'on', askPassword: answer, askNewPassword: answer });
    const report = await backUpDevice({ usbmux, dataFolder, target: stage.target });
    console.log(`\n(b) family, encrypted: ${report.files} files, ${(report.bytes / 1e6).toFixed(0)} MB`);
    const backup = join(stage.backups, stage.udid);
    await mkdir(folder);
    await compare('extract', 3, {
      ours: (pair) => [...OURS, 'extract', backup, '--to', join(folder, `ours-${pair}`)],
      theirs: (pair) => [...PYTHON, '--extract', join(folder, `theirs-${pair}`), backup],
    });
    const readAll = ['sh', '-c', `find '${backup}' -type f -print0 | xargs -0 sha256sum > /dev/null`];
    await compare('verify against sha256sum', 1 / 1.5, {
      ours: () => [...OURS, 'verify', backup],
      theirs: () => readAll,
    });
  } finally {
    await stage.close();
  }
}

/** (c) One film of a gigabyte: is the cipher what limits it? */
async function largeFile(folder: string): Promise<void> {
  const film: ExampleFile = {
    domain: 'CameraRollDomain',
    relativePath: 'Media/DCIM/100APPLE/IMG_0001.MOV',
    content: Buffer.alloc(LARGE_BYTES, 'a film of nothing '),
  };
  await writeTree(folder, { files: [film], password: PASSWORD });
  console.log(`\n(c) extract one file of ${LARGE_BYTES / 1e9} GB`);
  const cipher = cipherBytesPerSecond();
  console.log(`  AES-256-CBC, one core, in memory: ${(cipher / 1e6).toFixed(0)} MB/s`);
  await compare('extract', 3, {
    ours: (pair) => [...OURS, 'extract', folder, '--to', join(folder, '..', `film-${pair}`)],
    theirs: (pair) => [...PYTHON, '--extract', join(folder, '..', `film-p-${pair}`), folder],
  });
  const run = await measuredRun([...OURS, 'extract', folder, '--to', join(folder, '..', 'film')], ENV);
  const speed = LARGE_BYTES / run.wallSeconds;
  console.log(
    `  ours ${(speed / 1e6).toFixed(0)} MB/s, ${((100 * speed) / cipher).toFixed(0)} % of the cipher (goal 60 %)`,
  );
}

function cipherBytesPerSecond(): number {
  const piece = Buffer.alloc(1024 * 1024);
  const decipher = createDecipheriv('aes-256-cbc', Buffer.alloc(32), Buffer.alloc(16));
  const beganAt = performance.now();
  let bytes = 0;
  for (; performance.now() - beganAt < 1000; bytes += piece.length) decipher.update(piece);
  return (bytes * 1000) / (performance.now() - beganAt);
}

async function compare(
  title: string,
  goal: number,
  commands: Readonly<Record<'ours' | 'theirs', (pair: number) => readonly string[]>>,
): Promise<void> {
  const ratios: number[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    await measuredRun(['sync'], {});
    const ours = await measuredRun(commands.ours(pair), ENV);
    await measuredRun(['sync'], {});
    const theirs = await measuredRun(commands.theirs(pair), ENV);
    console.log(`  ${title}: ours ${describeRun(ours)}; theirs ${describeRun(theirs)}`);
    ratios.push(theirs.wallSeconds / ours.wallSeconds);
  }
  ratios.sort((one, other) => one - other);
  const median = ratios[Math.floor(ratios.length / 2)] ?? 0;
  console.log(`  ratio ${median.toFixed(2)} (goal ${goal.toFixed(2)})`);
}

function describeRun({ wallSeconds, cpuSeconds, peakBytes }: MeasuredRun): string {
  return `${wallSeconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} s of CPU, ${(peakBytes / 1e6).toFixed(0)} MB at most`;
}

async function writeTree(folder: string, options: Parameters<typeof exampleBackup>[0]): Promise<void> {
  const tree = await exampleBackup(options);
  const paths = ['Info.plist', 'Status.plist', 'Manifest.plist', 'Manifest.db'].map(treePath);
  for (const path of [...paths, ...(options?.files ?? []).map(exampleBlobPath)]) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), tree.read(path));
  }
}
