import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, seededRandom } from '@rootcellar/core';
import {
  blobId,
  type CipherRecord,
  type CipherVerdict,
  type Cut,
  compressIfWorth,
  cutContent,
  decompress,
  decryptProvably,
  encryptAgain,
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

/** Rounds of all programs, each in turn. */
const ROUNDS = Number(process.env['BENCH_PAIRS'] ?? 3);

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
 * same bytes. Single steps are told by processor time, which other programs disturb less. A ratio above 1 means that
 * ours takes less time.
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
  await measureCipher();
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
  let chunks: Uint8Array[] = [];
  await tell('cut by content', async () => {
    chunks = await Array.fromAsync(cutContent(inPieces(bytes), { polynomial: POLYNOMIAL, cut: 'rabin' }));
  });
  if (cut !== 'rabin') {
    await tell('cut by pages', async () => {
      chunks = await Array.fromAsync(cutContent(inPieces(bytes), { polynomial: POLYNOMIAL, cut }));
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

/** An encrypted file of a phone, on its way in and out. */
async function measureCipher(): Promise<void> {
  console.log('\nencrypted file: MiB per second of one core');
  const key = new Secret<Uint8Array>(randomBytes(32));
  const cipher = createCipheriv('aes-256-cbc', key.reveal(), Buffer.alloc(16));
  const encrypted = Buffer.concat([cipher.update(randomBytes(CONTENT_BYTES)), cipher.final()]);
  const source = () => inPieces(encrypted);
  let content: Uint8Array[] = [];
  let record: Omit<CipherRecord, 'file'> | undefined;
  const onEnd = (verdict: CipherVerdict): void => {
    record = verdict.kind === 'equal' ? verdict.record : undefined;
  };
  await tell('decrypt, encrypt again and compare', async () => {
    content = await Array.fromAsync(decryptProvably({ key, source: source(), onEnd }));
  });
  if (record === undefined) throw new Error('The file could not be encrypted again.');
  const whole = { file: 'a', ...record };
  const plain = Buffer.concat(content);
  await tell('encrypt again', async () => {
    const readContent = () => inPieces(plain);
    for await (const _ of encryptAgain(whole, { contentBytes: plain.length, readContent }));
  });
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
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

/** Ours with one and with two threads, and theirs, in turn into fresh folders; the median of the ratios counts. */
async function compareWithRestic({ bytes, cut }: Content): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-bench-'));
  const ratios = new Map<string, number[]>([1, 2].map((threads) => [`ours, threads: ${threads}`, []]));
  try {
    const file = join(folder, 'content');
    await writeFile(file, bytes);
    for (let round = 0; round < ROUNDS; round += 1) {
      const theirs = await resticSeconds(folder, file);
      for (const [at, [name, ofOurs]] of [...ratios].entries()) {
        const options = JSON.stringify({ file, into: join(folder, 'ours'), cut, threads: at + 1 });
        const ours = await tellRun(name, [process.execPath, ...FROM_SOURCE, PIPELINE, options], {});
        ofOurs.push(theirs / ours);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  for (const [name, ofOurs] of ratios) {
    ofOurs.sort((a, b) => a - b);
    const median = ofOurs[Math.floor(ofOurs.length / 2)] ?? 0;
    console.log(
      `  ${name}: ratio ${median.toFixed(2)}, of ${ofOurs.map((each) => each.toFixed(2)).join(', ')}`,
    );
  }
}

/** Opening a repository, about half a second, is part of it: ours opens none. */
async function resticSeconds(folder: string, file: string): Promise<number> {
  const repository = await mkdtemp(join(folder, 'restic-'));
  const env = {
    RESTIC_REPOSITORY: join(repository, 'vault'),
    RESTIC_CACHE_DIR: join(repository, 'cache'),
    RESTIC_PASSWORD: 'x',
  };
  await measuredRun(['restic', 'init'], env);
  await tellRun('restic, opening only', ['restic', 'snapshots'], env);
  const seconds = await tellRun('restic backup', ['restic', 'backup', file], env);
  await rm(repository, { recursive: true });
  return seconds;
}

async function tellRun(
  name: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const { wallSeconds, cpuSeconds, peakBytes } = await measuredRun(command, env);
  const figures = `${wallSeconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} s CPU`;
  console.log(`  ${name.padEnd(22)} ${figures}, peak ${(peakBytes / MEBIBYTE).toFixed(0)} MiB`);
  return wallSeconds;
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(0)} %`;
}
