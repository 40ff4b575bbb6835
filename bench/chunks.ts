import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@rootcellar/core';
import {
  blobId,
  type Cut,
  compressIfWorth,
  cutContent,
  decompress,
  newPolynomial,
  openBytes,
  type SealKey,
  sealBytes,
} from '@rootcellar/vault';
import { measuredRun } from './phone/measured-run.ts';

const MEBIBYTE = 1024 * 1024;
const CONTENT_BYTES = 128 * MEBIBYTE;

const POLYNOMIAL = newPolynomial(randomBytes);
const KEY: SealKey = { encrypt: randomBytes(32), macK: randomBytes(16), macR: randomBytes(16) };

/** How our pipeline is started: a process of its own, so that its time and memory can be told. */
const PIPELINE = join(import.meta.dirname, 'chunks', 'pipeline.ts');
const FROM_SOURCE = ['--conditions=source', '--disable-warning=ExperimentalWarning'];

interface Content {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly cut: Cut;
}

/**
 * What each step of storing content costs, all steps together with one and two threads, and `restic backup` of the
 * same bytes. Single steps are told by processor time, which other programs disturb less.
 */
export async function run(): Promise<void> {
  const contents: readonly Content[] = [
    { name: 'photos', bytes: randomBytes(CONTENT_BYTES), cut: 'rabin' },
    { name: 'database', bytes: databaseLike(CONTENT_BYTES), cut: { pageBytes: 16 * 1024 } },
  ];
  for (const content of contents) {
    await measureSteps(content);
    await compareWithRestic(content);
  }
}

/** Pages of 4 KiB: words, numbers and a third of zeros. Compresses to about a third. */
function databaseLike(bytes: number): Uint8Array {
  const random = seededRandom('database');
  const words = Array.from({ length: 4000 }, () => random.bytes(2 + random.below(8)));
  const content = Buffer.alloc(bytes);
  for (let page = 0; page < bytes; page += 4096) {
    for (let at = page; at < page + 2700; ) {
      const word = random.below(5) === 0 ? random.bytes(6) : random.pick(words);
      content.set(word, at);
      at += word.length;
    }
  }
  return content;
}

async function measureSteps({ name, bytes, cut }: Content): Promise<void> {
  console.log(`\n${name}: ${bytes.length / MEBIBYTE} MiB, MiB per second of one core`);
  const pieces = Array.from({ length: bytes.length / 65_536 }, (_, at) =>
    bytes.subarray(at * 65_536, (at + 1) * 65_536),
  );
  let chunks: Uint8Array[] = [];
  await tell('cut by content', async () => {
    chunks = await Array.fromAsync(cutContent(pieces, { polynomial: POLYNOMIAL, cut: 'rabin' }));
  });
  if (cut !== 'rabin') {
    await tell('cut by pages', async () => {
      chunks = await Array.fromAsync(cutContent(pieces, { polynomial: POLYNOMIAL, cut }));
    });
  }
  await tell('hash', () => void chunks.map(blobId));
  let compressed: (Uint8Array | undefined)[] = [];
  await tell('compress, or see that it is of no use', () => {
    compressed = chunks.map(compressIfWorth);
  });
  let sealed: Uint8Array[] = [];
  await tell('seal, not compressed', () => {
    sealed = chunks.map((chunk) => sealBytes(KEY, chunk));
  });
  await tell('open, not compressed', () => void sealed.map((each) => openBytes(KEY, each)));
  if (compressed.some((each) => each !== undefined)) {
    await tell('decompress', () => {
      for (const [at, each] of compressed.entries()) if (each) decompress(each, chunks[at]?.length ?? 0);
    });
  }
  const storedBytes = compressed.reduce((sum, each, at) => sum + (each ?? chunks[at] ?? []).length, 0);
  console.log(`  ${chunks.length} chunks, ${percent(storedBytes / bytes.length)} of the size`);
}

/** The best of three. */
async function tell(step: string, work: () => void | Promise<void>): Promise<void> {
  let best = 0;
  for (let round = 0; round < 3; round += 1) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, CONTENT_BYTES / MEBIBYTE / ((user + system) / 1e6));
  }
  console.log(`  ${step.padEnd(40)} ${best.toFixed(0).padStart(6)}`);
}

async function compareWithRestic({ bytes, cut }: Content): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-bench-'));
  try {
    const file = join(folder, 'content');
    await writeFile(file, bytes);
    const wall = new Map<string, number>();
    for (const threads of [1, 2]) {
      const options = JSON.stringify({ file, into: join(folder, 'ours'), cut, threads });
      const name = `ours, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
      wall.set(name, await tellRun(name, [process.execPath, ...FROM_SOURCE, PIPELINE, options], {}));
    }
    const env = {
      RESTIC_REPOSITORY: join(folder, 'theirs'),
      RESTIC_PASSWORD: 'x',
      RESTIC_CACHE_DIR: join(folder, 'cache'),
    };
    await measuredRun(['restic', 'init'], env);
    const theirs = await tellRun('restic backup', ['restic', 'backup', file], env);
    for (const [name, seconds] of wall)
      console.log(`  ${name}: ratio ${(theirs / seconds).toFixed(2)} to restic (above 1: less time)`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tellRun(
  name: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const { wallSeconds, cpuSeconds, peakBytes } = await measuredRun(command, env);
  const figures = `${wallSeconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} s CPU`;
  console.log(`  ${name.padEnd(20)} ${figures}, peak ${(peakBytes / MEBIBYTE).toFixed(0)} MiB`);
  return wallSeconds;
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(0)} %`;
}
