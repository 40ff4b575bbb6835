import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Storage, StoredFolder, StoredName } from './storage.ts';

/** What every storage promises. A new one must pass all of it. */
export function describeStorage(title: string, makeStorage: () => Promise<Storage>): void {
  describe(`the storage: ${title}`, () => {
    const stored = (text: string, folder: StoredFolder = 'data') => {
      const bytes = Buffer.from(text);
      return { bytes, name: named(folder, bytes) };
    };

    test('gives back what was put, whole or in part', async () => {
      const storage = await makeStorage();
      const { name, bytes } = stored('0123456789');
      await storage.put(name, bytes);
      const read = async (start: number, end?: number) =>
        Buffer.from(await storage.get(name, { start, ...(end !== undefined && { end }) })).toString();
      expect(Buffer.from(await storage.get(name)).toString()).toBe('0123456789');
      expect(await read(0, 10)).toBe('0123456789');
      expect(await read(3, 5)).toBe('34');
      expect(await read(9, 10)).toBe('9');
      expect(await read(7)).toBe('789');
      await storage.close();
    });

    test('gives bytes away: they may be changed, or moved to a thread', async () => {
      const storage = await makeStorage();
      const { name, bytes } = stored('0123456789');
      await storage.put(name, bytes);
      (await storage.get(name)).fill(0);
      structuredClone(null, { transfer: [(await storage.get(name)).buffer as ArrayBuffer] });
      expect(Buffer.from(await storage.get(name)).toString()).toBe('0123456789');
      await storage.close();
    });

    test('takes a file in parts, however many', async () => {
      const storage = await makeStorage();
      const parts = Array.from({ length: 3000 }, (_, at) => Buffer.from(`${at},`));
      const whole = Buffer.concat(parts);
      await storage.put(named('data', whole), [new Uint8Array(0), ...parts]);
      expect(whole.equals(await storage.get(named('data', whole)))).toBe(true);
      await storage.close();
    });

    test('never gives less than was asked for', async () => {
      const storage = await makeStorage();
      const { name, bytes } = stored('0123456789');
      await storage.put(name, bytes);
      await expect(storage.get(name, { start: 5, end: 11 })).rejects.toMatchObject({
        code: 'storage.cut-short',
      });
      await expect(storage.get(name, { start: 20, end: 21 })).rejects.toMatchObject({
        code: 'storage.cut-short',
      });
      await storage.close();
    });

    test('keeps files of several MiB', async () => {
      const storage = await makeStorage();
      const bytes = Buffer.alloc(5_000_000, 'pack');
      const name = named('data', bytes);
      await storage.put(name, bytes);
      expect(Buffer.compare(await storage.get(name), bytes)).toBe(0);
      expect(await storage.stat(name)).toEqual({ sizeBytes: 5_000_000 });
      await storage.close();
    });

    test('lists each folder by itself, with sizes', async () => {
      const storage = await makeStorage();
      const folders = ['data', 'index', 'keys', 'locks', 'snapshots'] as const;
      for (const folder of folders) {
        expect(await Array.fromAsync(storage.list(folder))).toEqual([]);
        for (const text of ['a', 'bb', 'ccc']) await put(storage, stored(`${folder} ${text}`, folder));
      }
      for (const folder of folders) {
        const expected = ['a', 'bb', 'ccc'].map((text) => {
          const { name, bytes } = stored(`${folder} ${text}`, folder);
          return { id: name.split('/')[1], sizeBytes: bytes.length };
        });
        const listed = await Array.fromAsync(storage.list(folder));
        expect(listed.sort(byID)).toEqual(expected.sort(byID));
      }
      await storage.close();
    });

    test('says of what is not there that it is not there', async () => {
      const storage = await makeStorage();
      const { name } = stored('never put');
      expect(await storage.stat(name)).toBeUndefined();
      expect(await storage.stat('config')).toBeUndefined();
      await expect(storage.get(name)).rejects.toMatchObject({ code: 'storage.not-found' });
      await expect(storage.get(name, { start: 0, end: 1 })).rejects.toMatchObject({
        code: 'storage.not-found',
      });
      await expect(storage.get('config')).rejects.toMatchObject({ code: 'storage.not-found' });
      await storage.close();
    });

    test('the same file may be put again, and deleted again', async () => {
      const storage = await makeStorage();
      const file = stored('twice', 'snapshots');
      await put(storage, file);
      await put(storage, file);
      expect(await Array.fromAsync(storage.list('snapshots'))).toHaveLength(1);
      await storage.delete(file.name);
      await storage.delete(file.name);
      expect(await storage.stat(file.name)).toBeUndefined();
      expect(await Array.fromAsync(storage.list('snapshots'))).toEqual([]);
      await put(storage, file);
      expect(await storage.stat(file.name)).toEqual({ sizeBytes: 5 });
      await storage.close();
    });

    test('a configuration is never replaced', async () => {
      const storage = await makeStorage();
      await storage.put('config', Buffer.from('first'));
      await expect(storage.put('config', Buffer.from('second'))).rejects.toMatchObject({
        code: 'storage.exists',
      });
      expect(Buffer.from(await storage.get('config')).toString()).toBe('first');
      expect(await storage.stat('config')).toEqual({ sizeBytes: 5 });
      await storage.close();
    });

    test('what was put does not change with the bytes it was put from', async () => {
      const storage = await makeStorage();
      const { name, bytes } = stored('mine');
      await storage.put(name, bytes);
      bytes.fill(0);
      expect(Buffer.from(await storage.get(name)).toString()).toBe('mine');
      await storage.close();
    });

    test('many calls at once do not disturb each other', async () => {
      const storage = await makeStorage();
      const files = Array.from({ length: 40 }, (_, n) => stored(`file ${n}`));
      await Promise.all(files.map((file) => put(storage, file)));
      const read = await Promise.all(files.map(({ name }) => storage.get(name)));
      expect(read.map((bytes) => Buffer.from(bytes).toString())).toEqual(files.map((_, n) => `file ${n}`));
      expect(await Array.fromAsync(storage.list('data'))).toHaveLength(40);
      await storage.close();
    });

    test.each([
      '../config',
      'data/..',
      'data/short',
      `data/${'A'.repeat(64)}`,
      `other/${'a'.repeat(64)}`,
      '',
    ])('a name that is none is refused: %s', async (text) => {
      const storage = await makeStorage();
      const name = text as StoredName;
      const refused = { code: 'storage.name-invalid' };
      await expect(storage.put(name, Buffer.from('x'))).rejects.toMatchObject(refused);
      await expect(storage.get(name)).rejects.toMatchObject(refused);
      await expect(storage.stat(name)).rejects.toMatchObject(refused);
      await expect(storage.delete(name)).rejects.toMatchObject(refused);
      await storage.close();
    });

    test('a call that is aborted does nothing', async () => {
      const storage = await makeStorage();
      const { name, bytes } = stored('x');
      const signal = AbortSignal.abort(new Error('stopped'));
      await expect(storage.put(name, bytes, { signal })).rejects.toThrow('stopped');
      await expect(storage.get(name, undefined, { signal })).rejects.toThrow('stopped');
      await expect(storage.stat(name, { signal })).rejects.toThrow('stopped');
      await expect(storage.delete(name, { signal })).rejects.toThrow('stopped');
      expect(await storage.stat(name)).toBeUndefined();
      await storage.close();
    });
  });
}

function named(folder: StoredFolder, bytes: Uint8Array): StoredName {
  return `${folder}/${createHash('sha256').update(bytes).digest('hex')}`;
}

async function put(storage: Storage, file: { readonly name: StoredName; readonly bytes: Uint8Array }) {
  await storage.put(file.name, file.bytes);
}

function byID(a: { readonly id: string | undefined }, b: { readonly id: string | undefined }): number {
  return (a.id ?? '') < (b.id ?? '') ? -1 : 1;
}
