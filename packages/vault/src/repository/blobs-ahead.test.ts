import { expect, test } from 'vitest';
import { BlobsAhead, type OpenedTogether } from './blobs-ahead.ts';

/** Blobs of one call, and how often their memory was given back. */
function group(...ids: readonly string[]) {
  const said = { freed: 0 };
  const opened: OpenedTogether = {
    plain: new Map(ids.map((id) => [id, Buffer.from(`content of ${id}`)])),
    free: () => {
      said.freed += 1;
    },
  };
  return { opened, said, coming: ids.map((id) => ({ id, bytes: 1 })) };
}

async function read(ahead: BlobsAhead, id: string): Promise<string | undefined> {
  const taken = await ahead.take(id);
  const text = taken?.plain && Buffer.from(taken.plain).toString();
  taken?.done();
  return text;
}

test('each is there for as many readers as were announced, then no more', async () => {
  const ahead = new BlobsAhead();
  const { opened, coming } = group('a', 'b');
  ahead.add(coming, Promise.resolve(opened));
  expect(ahead.join('a')).toBe(true);
  expect(ahead.join('c')).toBe(false);
  expect([await read(ahead, 'a'), await read(ahead, 'a'), await read(ahead, 'a')]).toEqual([
    'content of a',
    'content of a',
    undefined,
  ]);
  expect(ahead.has('b')).toBe(true);
});

test('memory is given back once, when the last reader is done or does not come', async () => {
  const ahead = new BlobsAhead();
  const { opened, coming, said } = group('a', 'b');
  ahead.add(coming, Promise.resolve(opened));
  ahead.join('b');
  const kept = await ahead.take('a');
  await read(ahead, 'b');
  ahead.forgo('b');
  expect(said.freed).toBe(0);
  kept?.done();
  await Promise.resolve();
  expect(said.freed).toBe(1);
});

test('whoever keeps what was given does not lose it', async () => {
  const ahead = new BlobsAhead();
  const { opened, coming, said } = group('a', 'b');
  ahead.add(coming, Promise.resolve(opened));
  await ahead.take('a');
  await read(ahead, 'b');
  await Promise.resolve();
  expect(said.freed).toBe(0);
});

test('what cannot be fetched is for the reader to find out', async () => {
  const ahead = new BlobsAhead();
  ahead.add([{ id: 'a', bytes: 1 }], Promise.reject(new Error('gone')));
  expect(await ahead.take('a')).toMatchObject({ plain: undefined });
});

test('what nobody reads gives way to what comes later', async () => {
  const ahead = new BlobsAhead();
  for (let n = 0; n < 100; n += 1) {
    const { opened } = group(`${n}`);
    ahead.add([{ id: `${n}`, bytes: 1024 * 1024 }], Promise.resolve(opened));
  }
  expect(ahead.has('0')).toBe(false);
  expect(ahead.has('99')).toBe(true);
  expect(await read(ahead, '0')).toBeUndefined();
  expect(await read(ahead, '99')).toBe('content of 99');
});
