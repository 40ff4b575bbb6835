import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AtOnce } from './at-once.ts';

describe('AtOnce', () => {
  it('runs no more at a time than it may', async () => {
    const work = new AtOnce(3);
    let running = 0;
    let most = 0;
    for (let index = 0; index < 20; index++) {
      await work.start(async () => {
        most = Math.max(most, ++running);
        await setImmediate();
        running--;
      });
    }
    await work.end();
    expect({ most, running }).toEqual({ most: 3, running: 0 });
  });

  it('takes no more after a failure, but lets what runs come to its end', async () => {
    const work = new AtOnce(2);
    const ended: string[] = [];
    await work.start(async () => {
      await setImmediate();
      await setImmediate();
      ended.push('slow');
    });
    await work.start(() => Promise.reject(new Error('first')));
    await expect(work.start(async () => void ended.push('late'))).rejects.toThrow('first');
    await expect(work.end()).rejects.toThrow('first');
    expect(ended).toEqual(['slow']);
  });
});
