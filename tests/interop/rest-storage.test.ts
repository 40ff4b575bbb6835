import { memoryTree, Secret, seededRandom, treePath } from '@rootcellar/core';
import {
  Contents,
  checkVault,
  createRepository,
  deleteSnapshot,
  listSnapshots,
  openRepository,
  openSnapshot,
  patientStorage,
  prune,
  restStorage,
  saveSnapshot,
} from '@rootcellar/vault';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeStorage } from '../../packages/vault/src/storage/storage-contract.ts';
import { freePort } from './free-port.ts';
import { type RcloneServer, startRclone } from './rclone-server.ts';
import { isMissing } from './required-program.ts';
import { runProgram } from './run-program.ts';

const PASSWORD = 'correct horse';
const USER = { username: 'owner', password: new Secret('of the server') };

/** Our REST storage against a server that is not ours. */
describe.skipIf(isMissing('restic', 'rclone'))('rclone serves', () => {
  let server: RcloneServer;
  let repositories = 0;

  beforeAll(async () => {
    server = await startRclone(USER);
  });
  afterAll(() => server.close());

  const urlOf = (name: string) => server.url(name);

  async function restic(name: string, ...args: readonly string[]): Promise<string> {
    const login = `${USER.username}:${encodeURIComponent(USER.password.reveal())}@`;
    const env = {
      RESTIC_PASSWORD: PASSWORD,
      RESTIC_REPOSITORY: `rest:${urlOf(name).replace('//', `//${login}`)}`,
    };
    const { exitCode, stdout, output } = await runProgram('restic', ['--no-cache', ...args], {
      env,
      timeoutMs: 120_000,
    });
    expect(exitCode, output).toBe(0);
    return stdout;
  }

  describeStorage('a REST server', async () => {
    repositories += 1;
    return restStorage({ url: urlOf(`contract-${repositories}`), ...USER });
  });

  test('a vault of ours, which restic finds whole through the same server', async () => {
    const storage = patientStorage(restStorage({ url: urlOf('ours'), ...USER }));
    const contents = await Contents.open(await createRepository(storage, { password: new Secret(PASSWORD) }));
    const tree = memoryTree();
    await tree.write(treePath('a/large'), [seededRandom('rest').bytes(3_000_000)]);
    await tree.write(treePath('small'), [Buffer.from('small')]);
    const options = { tree, paths: ['/phone'], hostname: 'hub' };
    const first = await saveSnapshot(contents, options);
    await tree.write(treePath('a/large'), [seededRandom('other').bytes(1_000_000)]);
    const second = await saveSnapshot(contents, { ...options, parent: first });
    await deleteSnapshot(contents.repository, first.id);
    await prune(contents.repository);
    expect(await restic('ours', 'check', '--read-data')).toContain('no errors were found');
    expect(JSON.parse(await restic('ours', 'snapshots', '--json'))).toMatchObject([{ id: second.id }]);
    await storage.close();
  });

  test('a vault of restic, which we find whole and read', async () => {
    await restic('theirs', 'init');
    await restic('theirs', 'backup', '--quiet', import.meta.filename);
    const storage = restStorage({ url: urlOf('theirs'), ...USER });
    const contents = await Contents.open(await openRepository(storage, { password: new Secret(PASSWORD) }));
    const report = await checkVault(contents.repository, { readData: 'all' });
    expect(report).toMatchObject({ isWhole: true, findings: [], snapshots: 1 });
    const [snapshot] = await listSnapshots(contents.repository);
    if (snapshot === undefined) throw new Error('no snapshot');
    const saved = openSnapshot(contents, snapshot).read(treePath(import.meta.filename.slice(1)));
    expect(Buffer.concat(await Array.fromAsync(saved)).toString()).toContain('which we find whole and read');
    await storage.close();
  });

  test('nobody without a password', async () => {
    const storage = restStorage({ url: urlOf('ours') });
    await expect(storage.stat('config')).rejects.toMatchObject({ code: 'storage.not-signed-in' });
    await storage.close();
  });

  test('nothing where nobody listens', async () => {
    const storage = restStorage({ url: `http://127.0.0.1:${await freePort()}/` });
    await expect(storage.stat('config')).rejects.toMatchObject({ code: 'storage.not-reached', retry: 'now' });
    await storage.close();
  });
});
