import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kitFile, writeKit } from './write-kit.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-kit-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a recovery kit', () => {
  test('goes to the home folder, or where somebody says, and is named in full', () => {
    expect(kitFile(undefined, 'UDID', '/home/ann')).toBe('/home/ann/recovery-kit-UDID.html');
    expect(kitFile('/mnt/stick/kit.html', 'UDID')).toBe('/mnt/stick/kit.html');
    expect(isAbsolute(kitFile('kit.html', 'UDID'))).toBe(true);
  });

  test('is for its owner alone, and never overwrites another', async () => {
    const file = join(folder, 'kit.html');
    await writeKit(file, 'first');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await expect(writeKit(file, 'second')).rejects.toMatchObject({
      code: 'recovery-kit.file-exists',
      next: expect.stringContaining('--to'),
    });
    expect(await readFile(file, 'utf8')).toBe('first');
  });

  test('that cannot be written says why, and what to do', async () => {
    await expect(writeKit(join(folder, 'none', 'kit.html'), '')).rejects.toMatchObject({
      code: 'recovery-kit.file-unwritable',
      details: { systemCode: 'ENOENT' },
    });
  });
});
