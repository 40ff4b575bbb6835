import { describe, expect, test } from 'vitest';
import type { TreeEntry, WritableTree } from './tree.ts';
import { ROOT, type TreePath, treePath } from './tree-path.ts';

/**
 * What every tree promises. A new kind of tree runs this suite and needs no other excuse.
 *
 * @param makeTree gives an empty tree each time
 */
export function describeWritableTree(name: string, makeTree: () => Promise<WritableTree>): void {
  const path = treePath;

  describe(`${name} keeps the promises of a tree`, () => {
    test('an empty tree has a root and nothing in it', async () => {
      const tree = await makeTree();
      expect((await tree.stat(ROOT))?.kind).toBe('folder');
      expect(await names(tree, ROOT)).toEqual([]);
    });

    test('what was written is read back, whole and in parts', async () => {
      const tree = await makeTree();
      const bytes = Uint8Array.from({ length: 700_001 }, (_, i) => i % 251);
      await tree.write(path('a/b/large'), [bytes.subarray(0, 3), bytes.subarray(3)]);
      await tree.write(path('a/empty'), []);

      expect(await content(tree, 'a/b/large')).toEqual(Buffer.from(bytes));
      expect(await content(tree, 'a/b/large', { start: 699_990 })).toEqual(
        Buffer.from(bytes.subarray(699_990)),
      );
      expect(await content(tree, 'a/b/large', { start: 5, end: 300_000 })).toEqual(
        Buffer.from(bytes.subarray(5, 300_000)),
      );
      expect(await content(tree, 'a/b/large', { start: 800_000 })).toEqual(Buffer.alloc(0));
      expect(await content(tree, 'a/empty')).toEqual(Buffer.alloc(0));
    });

    test('pieces that are lent say the same, also to two readers in turn', async () => {
      const tree = await makeTree();
      const files = [path('one'), path('other')] as const;
      const bytes = files.map((_, at) => Buffer.alloc(700_001, `number ${at}`));
      for (const [at, file] of files.entries()) await tree.write(file, [bytes[at] as Buffer]);
      const readers = files.map((file) => tree.read(file, undefined, { lent: true })[Symbol.asyncIterator]());
      const seen: Buffer[][] = files.map(() => []);
      for (let isDone = false; !isDone; ) {
        const lent = [];
        for (const reader of readers) lent.push(await reader.next());
        for (const [at, { value }] of lent.entries()) if (value) seen[at]?.push(Buffer.from(value));
        isDone = lent.every(({ done }) => done);
      }
      expect(seen.map((pieces, at) => bytes[at]?.equals(Buffer.concat(pieces)))).toEqual([true, true]);
    });

    test('what is written may be lent, also to two files in turn', async () => {
      const tree = await makeTree();
      const pieceBytes = 300_000;
      const said = (name: string, at: number) => Buffer.alloc(pieceBytes, `${name} ${at}`);
      const lend = async function* (name: string, pieces: number) {
        const memory = Buffer.alloc(pieceBytes);
        for (let at = 0; at < pieces; at += 1, memory.fill('no longer')) yield memory.fill(`${name} ${at}`);
      };
      await Promise.all([
        tree.write(path('one'), lend('one', 12)),
        tree.write(path('other'), lend('other', 1)),
      ]);
      const whole = Buffer.concat(Array.from({ length: 12 }, (_, at) => said('one', at)));
      expect((await content(tree, 'one')).equals(whole)).toBe(true);
      expect((await content(tree, 'other')).equals(said('other', 0))).toBe(true);
    });

    test('stat and list agree', async () => {
      const tree = await makeTree();
      await tree.write(path('x/file'), [Buffer.from('12345')]);
      await tree.makeFolder(path('x/folder/below'));

      expect(await names(tree, path('x'))).toEqual(['x/file:file:5', 'x/folder:folder:0']);
      expect(await tree.stat(path('x/file'))).toMatchObject({ path: 'x/file', kind: 'file', sizeBytes: 5 });
      expect((await tree.stat(path('x/folder')))?.kind).toBe('folder');
    });

    test('what does not exist has no stat, lists nothing, and cannot be read', async () => {
      const tree = await makeTree();
      await tree.write(path('file'), [Buffer.from('x')]);
      expect(await tree.stat(path('nothing'))).toBeUndefined();
      expect(await tree.stat(path('file/below'))).toBeUndefined();
      expect(await names(tree, path('nothing'))).toEqual([]);
      await expect(content(tree, 'nothing')).rejects.toMatchObject({ code: 'tree.not-found' });
    });

    test('a file and a folder cannot stand in for each other', async () => {
      const tree = await makeTree();
      await tree.write(path('file'), [Buffer.from('x')]);
      await tree.makeFolder(path('folder'));
      await expect(names(tree, path('file'))).rejects.toMatchObject({ code: 'tree.not-a-folder' });
      await expect(content(tree, 'folder')).rejects.toMatchObject({ code: 'tree.is-a-folder' });
      await expect(tree.write(path('folder'), [])).rejects.toMatchObject({ code: 'tree.is-a-folder' });
      await expect(tree.write(path('file/below'), [])).rejects.toMatchObject({ code: 'tree.not-a-folder' });
      await expect(tree.makeFolder(path('file/below'))).rejects.toMatchObject({ code: 'tree.not-a-folder' });
      await expect(tree.makeFolder(path('file'))).rejects.toMatchObject({ code: 'tree.not-a-folder' });
    });

    test('a second write replaces the first', async () => {
      const tree = await makeTree();
      await tree.write(path('file'), [Buffer.from('the first and longer one')]);
      await tree.write(path('file'), [Buffer.from('second')]);
      expect((await content(tree, 'file')).toString()).toBe('second');
    });

    test('a write that fails hands on what its content threw', async () => {
      const tree = await makeTree();
      const cut = (async function* () {
        yield Buffer.from('begun');
        throw new Error('cable');
      })();
      await expect(tree.write(path('file'), cut)).rejects.toThrow('cable');
    });

    test('a file moves over a file, over a folder, and into folders that do not exist', async () => {
      const tree = await makeTree();
      await tree.write(path('from/1'), [Buffer.from('one')]);
      await tree.write(path('from/2'), [Buffer.from('two')]);
      await tree.write(path('to/1'), [Buffer.from('old')]);
      await tree.write(path('to/2/below'), [Buffer.from('old')]);

      await tree.move(path('from/1'), path('to/1'));
      await tree.move(path('from/2'), path('to/2'));
      await tree.move(path('to/1'), path('new/deep/1'));

      expect(await everything(tree)).toEqual({ 'new/deep/1': 'one', 'to/2': 'two' });
      expect(await names(tree, path('from'))).toEqual([]);
    });

    test('a folder moves with everything below it', async () => {
      const tree = await makeTree();
      await tree.write(path('from/a/1'), [Buffer.from('one')]);
      await tree.write(path('from/2'), [Buffer.from('two')]);
      await tree.write(path('to/old'), [Buffer.from('old')]);
      await tree.move(path('from'), path('to'));
      expect(await everything(tree)).toEqual({ 'to/a/1': 'one', 'to/2': 'two' });
      await tree.write(path('from/a/1'), [Buffer.from('again')]);
      expect(await everything(tree)).toEqual({ 'from/a/1': 'again', 'to/a/1': 'one', 'to/2': 'two' });
    });

    test('a move that would lose data is refused', async () => {
      const tree = await makeTree();
      await tree.write(path('a/b/file'), [Buffer.from('x')]);
      await expect(tree.move(path('a/nothing'), path('c'))).rejects.toMatchObject({ code: 'tree.not-found' });
      await expect(tree.move(path('a'), path('a/b/c'))).rejects.toMatchObject({ code: 'tree.path-unsafe' });
      await expect(tree.move(path('a/b'), path('a'))).rejects.toMatchObject({ code: 'tree.path-unsafe' });
      await tree.move(path('a/b/file'), path('a/b/file'));
      expect(await everything(tree)).toEqual({ 'a/b/file': 'x' });
    });

    test('what is removed is gone, and may be removed again', async () => {
      const tree = await makeTree();
      await tree.write(path('a/b/1'), [Buffer.from('one')]);
      await tree.write(path('a/2'), [Buffer.from('two')]);
      await tree.remove(path('a/b'));
      await tree.remove(path('a/b'));
      await tree.remove(path('nothing/at/all'));
      expect(await everything(tree)).toEqual({ 'a/2': 'two' });
      expect(await tree.stat(path('a/b/1'))).toBeUndefined();
      await tree.write(path('a/b/3'), [Buffer.from('three')]);
      expect(await everything(tree)).toEqual({ 'a/2': 'two', 'a/b/3': 'three' });
      await tree.remove(ROOT);
      expect(await everything(tree)).toEqual({});
    });

    test('names keep their Unicode form', async () => {
      const tree = await makeTree();
      await tree.write(path('é'.normalize('NFC')), [Buffer.from('composed')]);
      await tree.write(path('é'.normalize('NFD')), [Buffer.from('decomposed')]);
      await tree.write(path('👩‍👩‍👧 family'), [Buffer.from('emoji')]);
      expect(Object.values(await everything(tree)).sort()).toEqual(['composed', 'decomposed', 'emoji']);
    });

    test('it can be flushed and knows what is free', async () => {
      const tree = await makeTree();
      await tree.write(path('a/file'), [Buffer.from('x')]);
      await tree.move(path('a/file'), path('b'));
      await tree.remove(path('a'));
      await tree.flush();
      await tree.flush();
      expect(await tree.freeBytes()).toBeGreaterThan(0);
    });
  });
}

async function names(tree: WritableTree, folder: TreePath): Promise<string[]> {
  const found: TreeEntry[] = [];
  for await (const entry of tree.list(folder)) found.push(entry);
  return found.map((entry) => `${entry.path}:${entry.kind}:${entry.sizeBytes}`).sort();
}

async function content(
  tree: WritableTree,
  name: string,
  range?: { readonly start: number; readonly end?: number },
): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(tree.read(treePath(name), range)));
}

async function everything(tree: WritableTree, folder: TreePath = ROOT): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const entry of tree.list(folder)) {
    if (entry.kind === 'folder') Object.assign(found, await everything(tree, entry.path));
    else found[entry.path] = (await content(tree, entry.path)).toString();
  }
  return found;
}
