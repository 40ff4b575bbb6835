import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { chooseKept } from './remembered-kept.ts';

const UDID = '00008120-000000000000001E';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-kept-'));
  vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test('what the owner chose is how the next backups are kept, until they choose again', async () => {
  expect(await chooseKept(folder, UDID, undefined)).toBe('sealed');
  expect(await chooseKept(folder, UDID, 'small')).toBe('small');
  expect(await chooseKept(folder, UDID, undefined)).toBe('small');
  expect(await chooseKept(folder, `${UDID}X`, undefined)).toBe('sealed');
  expect(await chooseKept(folder, UDID, 'sealed')).toBe('sealed');
  expect(await chooseKept(folder, UDID, undefined)).toBe('sealed');
});

test('a note that cannot be understood is as good as none, and is replaced', async () => {
  await chooseKept(folder, UDID, 'small');
  const file = join(folder, 'phones', `${UDID}.json`);
  expect(await readFile(file, 'utf8')).toBe('{"version":1,"kept":"small"}\n');
  await writeFile(file, '{"version":1,"kept":"pickled"}');
  expect(await chooseKept(folder, UDID, undefined)).toBe('sealed');
  expect(await chooseKept(folder, UDID, 'small')).toBe('small');
});

test('a name that is no UDID is refused', async () => {
  await expect(chooseKept(folder, '../evil', 'small')).rejects.toMatchObject({
    code: 'operation.udid-invalid',
  });
});
