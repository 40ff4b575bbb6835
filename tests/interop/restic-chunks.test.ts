import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@rootcellar/core';
import { blobId, cutContent, parsePolynomial } from '@rootcellar/vault';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isMissing } from './required-program.ts';
import { runProgram } from './run-program.ts';

const MEBIBYTE = 1024 * 1024;

/** What we read of what restic prints. Ids are SHA-256 in hexadecimal. */
interface ResticTree {
  readonly nodes: readonly { readonly subtree?: string; readonly content?: readonly string[] }[];
}

/** restic's chunks of a file, and ours of the same bytes with the same polynomial, are the same. */
describe.skipIf(isMissing('restic'))('restic cuts content', () => {
  let folder: string;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rootcellar-'));
    const cache = join(folder, 'cache');
    env = { RESTIC_REPOSITORY: join(folder, 'vault'), RESTIC_PASSWORD: 'x', RESTIC_CACHE_DIR: cache };
    await restic('init');
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function restic(...args: readonly string[]): Promise<string> {
    const { exitCode, stdout, output } = await runProgram('restic', args, { env, timeoutMs: 120_000 });
    expect(exitCode, output).toBe(0);
    return stdout;
  }

  async function contentAfter(subtree: string): Promise<readonly string[]> {
    const { nodes }: ResticTree = JSON.parse(await restic('cat', 'blob', subtree));
    const node = nodes[0];
    return node?.subtree === undefined ? (node?.content ?? []) : await contentAfter(node.subtree);
  }

  test('where we do: random bytes, zeros, and what never ends by itself', async () => {
    const random = seededRandom(`restic ${new Date().toISOString().slice(0, 10)}`);
    const content = Buffer.concat([
      random.bytes(30 * MEBIBYTE),
      new Uint8Array(2 * MEBIBYTE),
      new Uint8Array(9 * MEBIBYTE).fill(0x55),
      random.bytes(1000),
    ]);
    await writeFile(join(folder, 'content'), content);
    await restic('backup', join(folder, 'content'));
    const [{ tree }]: [{ tree: string }] = JSON.parse(await restic('snapshots', '--json'));
    const { chunker_polynomial }: { chunker_polynomial: string } = JSON.parse(await restic('cat', 'config'));
    const polynomial = parsePolynomial(chunker_polynomial);

    const ours = await Array.fromAsync(cutContent([content], { polynomial, cut: 'rabin' }), blobId);
    expect(ours.length).toBeGreaterThan(10);
    expect(ours).toEqual(await contentAfter(tree));
  });
});
