import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attachment, download } from './download.ts';

describe('the name of a download', () => {
  test.each([
    ['IMG_0001.JPG', 'IMG_0001.JPG'],
    ['Äpfel.txt', '%C3%84pfel.txt'],
    ['a"b\\c/d', 'a%22b_c_d'],
    ['x\r\nSet-Cookie: y', 'x__Set-Cookie%3A%20y'],
    ['gpj.\u202eexe', 'gpj._exe'],
    ["it's", 'it%27s'],
  ])('%j', (name, encoded) => {
    expect(attachment(name).split("''")[1]).toBe(encoded);
  });

  test('is a header that holds together, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(attachment(name)).toMatch(
          /^attachment; filename="[\w. -]*"; filename\*=UTF-8''[\w.~%!$&+-]*$/,
        );
      }),
    );
  });
});

describe('a download', () => {
  const options = { contentType: 'x/y', name: 'n' };

  test('of what cannot be read is an error before anything is said, and lets go', async () => {
    let ended = 0;
    const unreadable = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('unreadable')) }),
    };
    await expect(download(unreadable, { ...options, onEnd: () => void ended++ })).rejects.toThrow(
      'unreadable',
    );
    expect(ended).toBe(1);
  });

  test('that breaks in the middle is broken for whoever reads it too, never short', async () => {
    let ended = 0;
    const content = (async function* () {
      yield Buffer.from('the beginning');
      throw new Error('broken');
    })();
    const response = await download(content, { ...options, onEnd: () => void ended++ });
    await expect(response.text()).rejects.toThrow('broken');
    expect(ended).toBe(1);
  });

  test('lets go once, when it was read or when nobody reads it any more', async () => {
    for (const isRead of [true, false]) {
      let ended = 0;
      const content = (async function* () {
        for (let count = 0; count < 100; count += 1) yield Buffer.alloc(100_000);
      })();
      const response = await download(content, { ...options, onEnd: () => void ended++ });
      if (isRead) expect((await response.arrayBuffer()).byteLength).toBe(10_000_000);
      else await response.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(ended).toBe(1);
    }
  });
});
