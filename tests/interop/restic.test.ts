import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryTree, Secret, seededRandom, treePath, type WritableTree } from '@rootcellar/core';
import { Contents, createRepository, folderStorage, saveSnapshot } from '@rootcellar/vault';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isMissing } from './required-program.ts';
import { runProgram } from './run-program.ts';

const PASSWORD = 'correct horse 🐴';

/** What a phone leaves: deep folders, empty files, large ones, names that need quoting. */
async function fillTree(tree: WritableTree, seed: string): Promise<void> {
  const random = seededRandom(seed);
  const files: Readonly<Record<string, Uint8Array>> = {
    'Manifest.plist': Buffer.from('<plist/>'),
    empty: new Uint8Array(),
    'ab/abcdef': random.bytes(3_000_000),
    'ab/text': Buffer.from('the same line\n'.repeat(200_000)),
    'ac/<b>&"é\u2028.txt': Buffer.from('quoted'),
    'ac/new\nline\u007f': Buffer.from('controlled'),
    'ac/👩‍👩‍👧\u00a0family': Buffer.from('joined'),
    'ac/\uffee': Buffer.from('sorts before the next'),
    'ac/🐴': Buffer.from('sorts after the one before'),
    'deep/a/b/c/d/e': random.bytes(100),
  };
  for (const [name, bytes] of Object.entries(files)) await tree.write(treePath(name), [bytes]);
  await tree.makeFolder(treePath('nothing/below'));
}

describe.skipIf(isMissing('restic'))('stock restic', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rootcellar-restic-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function restic(...args: readonly string[]): Promise<string> {
    const env = { RESTIC_PASSWORD: PASSWORD, RESTIC_REPOSITORY: join(folder, 'vault') };
    const run = await runProgram('restic', ['--no-cache', ...args], { env, timeoutMs: 120_000 });
    if (run.exitCode !== 0) throw new Error(`restic ${args.join(' ')} failed:\n${run.output}`);
    return run.stdout;
  }

  async function newVault() {
    const storage = folderStorage(join(folder, 'vault'));
    const repository = await createRepository(storage, { password: new Secret(PASSWORD) });
    return Contents.open(repository);
  }

  test('finds what we saved whole, and restores it byte for byte', async () => {
    const contents = await newVault();
    const tree = memoryTree();
    await fillTree(tree, 'first');
    const snapshot = await saveSnapshot(contents, {
      tree,
      paths: ['/phone'],
      hostname: 'hub',
      tags: ['device:1'],
    });

    expect(await restic('check', '--read-data')).toContain('no errors were found');
    await restic('restore', snapshot.id, '--target', join(folder, 'restored'));
    expect(await filesBelow(join(folder, 'restored'))).toEqual(await filesOf(tree));
    expect(JSON.parse(await restic('snapshots', '--json'))).toMatchObject([
      { id: snapshot.id, paths: ['/phone'], hostname: 'hub', tags: ['device:1'], tree: snapshot.tree },
    ]);
  });
});

async function filesBelow(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of await readdir(folder, { recursive: true })) {
    const isFile = (await stat(join(folder, name))).isFile();
    found[name] = isFile ? (await readFile(join(folder, name))).toString('base64') : 'folder';
  }
  return found;
}

async function filesOf(tree: WritableTree, folder = treePath('')): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { path, kind } of tree.list(folder)) {
    if (kind === 'folder') Object.assign(found, { [path]: 'folder' }, await filesOf(tree, path));
    else found[path] = Buffer.concat(await Array.fromAsync(tree.read(path))).toString('base64');
  }
  return found;
}
