import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  memoryTree,
  type ReadableTree,
  Secret,
  seededRandom,
  treePath,
  type WritableTree,
} from '@rootcellar/core';
import {
  addKey,
  Contents,
  checkVault,
  createRepository,
  deleteSnapshot,
  folderStorage,
  listKeys,
  listSnapshots,
  openRepository,
  openSnapshot,
  prune,
  repairIndex,
  retagSnapshot,
  saveSnapshot,
  takeLock,
} from '@rootcellar/vault';
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

  const storage = () => folderStorage(join(folder, 'vault'));

  async function newVault(): Promise<Contents> {
    return Contents.open(await createRepository(storage(), { password: new Secret(PASSWORD) }));
  }

  async function openVault(password = PASSWORD): Promise<Contents> {
    return Contents.open(await openRepository(storage(), { password: new Secret(password) }));
  }

  const options = { paths: ['/phone'], hostname: 'hub', tags: ['device:1'] };

  async function expectResticFindsAllWhole(): Promise<void> {
    expect(await restic('check', '--read-data')).toContain('no errors were found');
  }

  async function restored(snapshotID: string, below = ''): Promise<Record<string, string>> {
    const target = join(folder, `restored-${snapshotID.slice(0, 8)}`);
    await restic('restore', snapshotID, '--target', target);
    return filesBelow(join(target, below));
  }

  /** A folder on the disk for restic to save, with what `filesBelow` says of it. */
  async function folderToSave(seed: string): Promise<string> {
    const source = join(folder, `source-${seed}`);
    await mkdir(join(source, 'nothing', 'below'), { recursive: true });
    await mkdir(join(source, 'ab'));
    const files = {
      'ab/large': seededRandom(seed).bytes(3_000_000),
      'ab/<é>&\n"': Buffer.from('x'),
      empty: Buffer.alloc(0),
    };
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(source, name), bytes);
    return source;
  }

  test('finds what we saved whole, and restores it byte for byte', async () => {
    const contents = await newVault();
    const tree = memoryTree();
    await fillTree(tree, 'first');
    const snapshot = await saveSnapshot(contents, { ...options, tree });
    await expectResticFindsAllWhole();
    expect(await restored(snapshot.id)).toEqual(await filesOf(tree));
    expect(JSON.parse(await restic('snapshots', '--json'))).toMatchObject([
      { id: snapshot.id, paths: ['/phone'], hostname: 'hub', tags: ['device:1'], tree: snapshot.tree },
    ]);
  });

  test('is read by us, whatever it saved into a vault that it made', async () => {
    await restic('init');
    const source = await folderToSave('a');
    await restic('backup', '--quiet', source);
    const contents = await openVault();
    expect(await checkVault(contents.repository, { readData: 'all' })).toMatchObject({
      isWhole: true,
      snapshots: 1,
    });
    const [snapshot] = await listSnapshots(contents.repository);
    if (snapshot === undefined) throw new Error('no snapshot');
    const found = await filesOf(openSnapshot(contents, snapshot));
    const below = `${source.slice(1)}/`;
    const inside = Object.entries(found).filter(([name]) => name.startsWith(below));
    expect(Object.fromEntries(inside.map(([name, content]) => [name.slice(below.length), content]))).toEqual(
      await filesBelow(source),
    );
  });

  test('stores nothing again that we have stored, and we nothing that it has', async () => {
    const contents = await newVault();
    const source = await folderToSave('b');
    const tree = memoryTree();
    await tree.write(treePath('elsewhere'), [await readFile(join(source, 'ab/large'))]);
    await saveSnapshot(contents, { ...options, tree });
    const before = await dataBytes();
    await restic('backup', '--quiet', source);
    expect((await dataBytes()) - before).toBeLessThan(20_000);

    const other = await folderToSave('c');
    await restic('backup', '--quiet', other);
    await tree.write(treePath('more'), [await readFile(join(other, 'ab/large'))]);
    const saved = await saveSnapshot(contents, { ...options, tree });
    expect(saved.summary?.addedBytes).toBeLessThan(20_000);
    await expectResticFindsAllWhole();
  });

  test('and we prune the same vault in turns', async () => {
    const contents = await newVault();
    const trees = [memoryTree(), memoryTree(), memoryTree()];
    const saved = [];
    for (const [n, tree] of trees.entries()) {
      await fillTree(tree, `prune ${n}`);
      saved.push(await saveSnapshot(contents, { ...options, tree }));
    }
    const [first, second, third] = saved;
    if (!first || !second || !third) throw new Error('not saved');
    await deleteSnapshot(contents.repository, first.id);
    expect((await prune(contents.repository)).freedBytes).toBeGreaterThan(3_000_000);
    await expectResticFindsAllWhole();
    expect(await restored(second.id)).toEqual(await filesOf(trees[1] as WritableTree));

    await restic('forget', second.id, '--prune');
    await contents.refresh();
    expect(await checkVault(contents.repository, { readData: 'all' })).toMatchObject({
      isWhole: true,
      findings: [],
    });
    expect(await filesOf(openSnapshot(contents, third))).toEqual(await filesOf(trees[2] as WritableTree));
  });

  test('works with an index that we made anew, and we with one that it made', async () => {
    const contents = await newVault();
    const tree = memoryTree();
    await fillTree(tree, 'index');
    const snapshot = await saveSnapshot(contents, { ...options, tree });
    await rm(join(folder, 'vault', 'index'), { recursive: true });
    await repairIndex(contents.repository);
    await expectResticFindsAllWhole();
    expect(await restored(snapshot.id)).toEqual(await filesOf(tree));
    await restic('rebuild-index', '--read-all-packs');
    expect(await checkVault(contents.repository)).toMatchObject({ isWhole: true, findings: [] });
  });

  test('opens with passwords that we added, and we with those that it added', async () => {
    const { repository } = await newVault();
    await addKey(repository, { password: new Secret('ours') });
    await writeFile(join(folder, 'new'), 'theirs');
    await restic('key', 'add', '--new-password-file', join(folder, 'new'));
    expect((await openVault('ours')).repository.config).toEqual(repository.config);
    expect((await openVault('theirs')).repository.config).toEqual(repository.config);
    expect(await listKeys(repository)).toHaveLength(3);
    expect(JSON.parse(await restic('key', 'list', '--json'))).toHaveLength(3);
  });

  test('knows a snapshot again whose tags we changed, and we one whose tags it changed', async () => {
    const contents = await newVault();
    const tree = memoryTree();
    await fillTree(tree, 'tags');
    const saved = await saveSnapshot(contents, { ...options, tree });
    await retagSnapshot(contents.repository, saved, ['device:1', 'archived'], { recordedAt: new Date() });
    expect(JSON.parse(await restic('snapshots', '--json', '--tag', 'archived'))).toMatchObject([
      { original: saved.id, tags: ['device:1', 'archived'] },
    ]);
    await restic('tag', '--add', 'theirs');
    const listed = await listSnapshots(contents.repository);
    expect(listed.map(({ id, tags }) => ({ id, tags }))).toEqual([
      { id: saved.id, tags: ['device:1', 'archived', 'theirs'] },
    ]);
  });

  test("and we respect each other's locks", async () => {
    const { repository } = await newVault();
    const shared = await takeLock(repository);
    expect(await restic('list', 'locks')).toContain('\n');
    await expect(restic('prune')).rejects.toThrow('already locked');
    await shared.release();
    await restic('prune');
    const exclusive = await takeLock(repository, { exclusive: true });
    await expect(restic('backup', folder)).rejects.toThrow('already locked');
    await exclusive.release();
  });

  async function dataBytes(): Promise<number> {
    let bytes = 0;
    for await (const { sizeBytes } of storage().list('data')) bytes += sizeBytes;
    return bytes;
  }
});

async function filesBelow(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of await readdir(folder, { recursive: true })) {
    const isFile = (await stat(join(folder, name))).isFile();
    found[name] = isFile ? (await readFile(join(folder, name))).toString('base64') : 'folder';
  }
  return found;
}

async function filesOf(tree: ReadableTree, folder = treePath('')): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { path, kind } of tree.list(folder)) {
    if (kind === 'folder') Object.assign(found, { [path]: 'folder' }, await filesOf(tree, path));
    else found[path] = Buffer.concat(await Array.fromAsync(tree.read(path))).toString('base64');
  }
  return found;
}
