import { accessSync, constants } from 'node:fs';
import {
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  statfs,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { SimulatedPhone } from '@rootcellar/simulator';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openStage, pairStage, type Stage } from '../stage.ts';
import { isMissing } from './required-program.ts';
import { runProgram } from './run-program.ts';

/** Containers often have none, and then nothing can be mounted, in CI neither. */
function cannotMount(): boolean {
  try {
    if (process.getuid?.() !== 0) throw new Error('not root');
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return false;
  } catch {
    console.warn('SKIPPED – mounting a phone needs /dev/fuse and root');
    return true;
  }
}

/** Node's own file functions on a mounted phone: whoever mounts is a file manager in the end. */
describe.skipIf(isMissing('ifuse', 'fusermount') || cannotMount())('ifuse', () => {
  let stage: Stage;
  let mount: string;
  let mounted = 0;
  const media = '/var/mobile/Media';
  /** Linux closes a file of a mount a moment after the program did: what was written is waited for. */
  const contentOf = async (files: SimulatedPhone['files'], path: string) =>
    Buffer.concat(await Array.fromAsync(files.stat(path)?.content?.read() ?? [])).toString();

  beforeAll(async () => {
    stage = await openStage();
    await pairStage(stage);
  });
  afterEach(async () => {
    await runProgram('fusermount', ['-u', '-z', mount]);
  });
  afterAll(() => stage.close());

  async function mountPhone(...options: readonly string[]): Promise<void> {
    mounted += 1;
    mount = join(stage.folder, `mount-${mounted}`);
    await mkdir(mount);
    const { exitCode, output } = await runProgram('ifuse', [mount, ...options], { env: stage.env });
    if (exitCode !== 0) throw new Error(`ifuse did not mount: ${output}`);
  }

  test('lists and reads what is on the phone', async () => {
    const { files } = stage.phone;
    await mountPhone();
    expect((await readdir(mount)).sort()).toEqual([...files.list(media)]);
    const [photo = ''] = files.list(`${media}/DCIM/100APPLE`);
    const read = await readFile(join(mount, 'DCIM', '100APPLE', photo));
    expect(read.length).toBe(files.stat(`${media}/DCIM/100APPLE/${photo}`)?.sizeBytes);
  });

  test('writes, renames, cuts off, links and removes', async () => {
    const { files } = stage.phone;
    await mountPhone();
    const at = (...names: readonly string[]) => join(mount, 'from-a-mount', ...names);
    await mkdir(at());
    const large = Buffer.alloc(300_000, 'apples ');
    await writeFile(at('large'), large);
    expect((await readFile(at('large'))).equals(large)).toBe(true);
    await writeFile(at('grüße.txt'), 'from here');
    await rename(at('grüße.txt'), at('greetings.txt'));
    await truncate(at('greetings.txt'), 4);
    await symlink('greetings.txt', at('link'));
    expect(await readlink(at('link'))).toBe('greetings.txt');
    expect(await readFile(at('link'), 'utf8')).toBe('from');
    await expect.poll(() => contentOf(files, `${media}/from-a-mount/greetings.txt`)).toBe('from');
    expect(files.stat(`${media}/from-a-mount/link`)?.target).toBe('greetings.txt');
    await rm(at(), { recursive: true });
    expect(files.stat(`${media}/from-a-mount`)).toBeUndefined();
  });

  test('tells how full the phone is', async () => {
    await mountPhone();
    const { capacityBytes } = stage.phone.files;
    const { blocks, bsize, bfree } = await statfs(mount);
    expect(Math.abs(blocks * bsize - capacityBytes)).toBeLessThan(bsize);
    const freeBytes = capacityBytes - stage.phone.files.usedBytes();
    expect(Math.abs(bfree * bsize - freeBytes)).toBeLessThan(bsize);
    const { stdout } = await runProgram('df', ['--output=fstype,target', mount]);
    expect(stdout).toContain('fuse.ifuse');
  });

  test('is gone after it was unmounted', async () => {
    await mountPhone();
    await writeFile(join(mount, 'last.txt'), 'kept');
    expect((await runProgram('fusermount', ['-u', mount])).exitCode).toBe(0);
    expect(await readdir(mount)).toEqual([]);
    await expect.poll(() => contentOf(stage.phone.files, `${media}/last.txt`)).toBe('kept');
  });

  test('mounts the documents of an app, and nothing else of it', async () => {
    const app = stage.phone.apps.find(({ kind }) => kind === 'User');
    if (app === undefined) throw new Error('A phone without apps');
    const { stdout } = await runProgram('ifuse', ['--list-apps'], { env: stage.env });
    expect(stdout).toContain(app.bundleID);
    await mountPhone('--documents', app.bundleID);
    await writeFile(join(mount, 'note.txt'), 'for the app');
    const documents = `/var/mobile/Containers/Data/Application/${app.containerUUID}/Documents`;
    await expect.poll(() => contentOf(stage.phone.files, `${documents}/note.txt`)).toBe('for the app');
    expect((await readdir(mount)).sort()).toEqual([...stage.phone.files.list(documents)]);
  });

  test('cannot mount the container of an app from the store', async () => {
    const bought = stage.phone.apps.find(({ sinf }) => sinf !== undefined);
    if (bought === undefined) throw new Error('A phone without apps of the store');
    await expect(mountPhone('--container', bought.bundleID)).rejects.toThrow(/did not mount/);
  });
});
