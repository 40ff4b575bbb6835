import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, seededRandom, treePath } from '@rootcellar/core';
import {
  backUpDevice,
  checkPhoneVault,
  createVault,
  deleteKeptSnapshot,
  exportFolder,
  listKeptSnapshots,
  listVaults,
  prunePhoneVault,
  restoreDevice,
  vaultTarget,
  verifyDeviceBackup,
} from '@rootcellar/operations';
import { compareInventories, takeInventory } from '@rootcellar/simulator';
import {
  Contents,
  checkVault,
  createRepository,
  listSnapshots,
  openRepository,
  openSnapshot,
  type S3Place,
  s3Storage,
} from '@rootcellar/vault';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { describeStorage } from '../../packages/vault/src/storage/storage-contract.ts';
import { hashesBelow } from '../hashes-below.ts';
import { eraseAndPair, liveADay, openStage, pairStage, type Stage } from '../stage.ts';
import { CEPH_PROGRAMS, type CephCluster, startCeph } from './ceph-cluster.ts';
import { isMissing } from './required-program.ts';
import { runProgram } from './run-program.ts';

const START_MS_MAX = 250_000;
const PASSWORD = new Secret('correct horse');
const FILM = '/var/mobile/Media/DCIM/100APPLE/IMG_8000.MOV';
const SAME = { missing: [], added: [], changed: [] };

/** Our S3 storage against a service that is not ours: Ceph's gateway. */
describe.skipIf(isMissing('restic', ...CEPH_PROGRAMS))('Ceph serves', () => {
  let ceph: CephCluster;
  let place: Omit<S3Place, 'prefix'>;
  let prefixes = 0;

  beforeAll(async () => {
    ceph = await startCeph();
    place = await ceph.bucket('cellar');
    for (const [name, value] of Object.entries(ceph.signIn)) vi.stubEnv(name, value);
  }, START_MS_MAX);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await ceph?.close();
  });

  const at = (prefix: string) => `s3:${ceph.endpoint}/cellar/${prefix}`;

  async function restic(
    vault: { readonly at: string; readonly password: Secret },
    ...args: readonly string[]
  ): Promise<string> {
    const env = { ...ceph.signIn, RESTIC_PASSWORD: vault.password.reveal(), RESTIC_REPOSITORY: vault.at };
    const run = await runProgram('restic', ['--no-cache', ...args], { env, timeoutMs: 120_000 });
    expect(run.exitCode, run.output).toBe(0);
    return run.stdout;
  }

  describeStorage('a bucket of Ceph', async () => {
    prefixes += 1;
    return s3Storage({ ...place, prefix: `contract/${prefixes}` });
  });

  test('a list of more files than one answer holds', async () => {
    const storage = s3Storage({ ...place, prefix: 'many' });
    const ids = Array.from({ length: 1005 }, (_, n) => createHash('sha256').update(`${n}`).digest('hex'));
    const waiting = ids.values();
    const put = async () => {
      for (const id of waiting) await storage.put(`snapshots/${id}`, Buffer.from('x'));
    };
    await Promise.all([put(), put(), put(), put()]);
    const listed = await Array.fromAsync(storage.list('snapshots'));
    expect(listed.map(({ id }) => id).sort()).toEqual([...ids].sort());
    await storage.close();
  });

  test('one vault, when two make one at the same place in the same moment', async () => {
    const make = () => createRepository(s3Storage({ ...place, prefix: 'race' }), { password: PASSWORD });
    const made = await Promise.allSettled([make(), make()]);
    expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const failure = made.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(failure.reason.code).toMatch(/^(?:storage\.exists|vault\.there-already)$/);
    expect((await restic({ at: at('race'), password: PASSWORD }, 'snapshots', '--json')).trim()).toMatch(
      /^(?:null|\[\])$/,
    );
  });

  test('nobody with a wrong key, and nothing from a bucket that is not there', async () => {
    const wrong = s3Storage({ ...place, secretAccessKey: new Secret('plums') });
    await expect(wrong.stat('config')).rejects.toMatchObject({ code: 'storage.not-signed-in' });
    const nowhere = s3Storage({ ...place, bucket: 'nowhere' });
    expect(await nowhere.stat('config')).toBeUndefined();
    await expect(nowhere.put('config', Buffer.from('x'))).rejects.toMatchObject({
      code: 'storage.place-missing',
    });
  });

  test('a vault of restic, which we find whole and read', async () => {
    const theirs = { at: at('theirs'), password: PASSWORD };
    await restic(theirs, 'init');
    await restic(theirs, 'backup', '--quiet', import.meta.filename);
    const storage = s3Storage({ ...place, prefix: 'theirs' });
    const contents = await Contents.open(await openRepository(storage, { password: PASSWORD }));
    const report = await checkVault(contents.repository, { readData: 'all' });
    expect(report).toMatchObject({ isWhole: true, findings: [], snapshots: 1 });
    const [snapshot] = await listSnapshots(contents.repository);
    if (snapshot === undefined) throw new Error('no snapshot');
    const saved = openSnapshot(contents, snapshot).read(treePath(import.meta.filename.slice(1)));
    expect(Buffer.concat(await Array.fromAsync(saved)).toString()).toContain('which we find whole and read');
    await storage.close();
  });

  describe('the vault of a phone', () => {
    let stage: Stage;
    let first: string;
    const backUp = async () =>
      (await backUpDevice({ ...stage, target: vaultTarget(stage.dataFolder) })).snapshot ?? 'none';
    const ours = async () => ({
      at: at('phone'),
      password: new Secret((await readFile(join(stage.dataFolder, 'keys', stage.udid), 'utf8')).trim()),
    });

    beforeAll(async () => {
      stage = await openStage();
      await pairStage(stage);
    });
    afterAll(() => stage.close());

    test('takes two backups, and restic finds them whole', async () => {
      const { dataFolder, udid } = stage;
      await createVault({ dataFolder, udid, location: at('phone'), adopt: false });
      stage.phone.files.writeFile(FILM, seededRandom('film').bytes(3_000_000), { protectionClass: 3 });
      first = await backUp();
      stage.phone.files.remove(FILM);
      liveADay(stage);
      const second = await backUp();
      expect((await listKeptSnapshots(dataFolder)).map(({ id }) => id)).toEqual([second, first]);
      expect(await listVaults(dataFolder)).toMatchObject([
        { udid, kind: 's3', location: at('phone'), backups: 2, key: 'file', problem: undefined },
      ]);
      expect(await restic(await ours(), 'check', '--read-data')).toContain('no errors were found');
    });

    test('is what stock restic gives back, to the byte', async () => {
      const { dataFolder, udid } = stage;
      const target = await mkdtemp(join(tmpdir(), 'rootcellar-restic-'));
      try {
        // It knows a snapshot by its newest record.
        const known = JSON.parse(await restic(await ours(), 'snapshots', '--json'));
        const { id } = known.find(({ original }: { readonly original?: string }) => original === first);
        await restic(await ours(), 'restore', id, '--target', target);
        const { folder } = await exportFolder({
          dataFolder,
          what: first,
          to: join(stage.folder, 'exported'),
        });
        expect(await hashesBelow(join(target, udid))).toEqual(await hashesBelow(folder));
      } finally {
        await rm(target, { recursive: true, force: true });
      }
    });

    test('is pruned and checked, and its phone restored from it', async () => {
      const { dataFolder } = stage;
      await deleteKeptSnapshot({ dataFolder, what: first });
      expect((await prunePhoneVault({ dataFolder })).freedBytes).toBeGreaterThan(0);
      expect(await checkPhoneVault({ dataFolder, readData: true })).toMatchObject({
        isWhole: true,
        snapshots: 1,
      });
      expect(await restic(await ours(), 'check', '--read-data')).toContain('no errors were found');
      expect(await verifyDeviceBackup('latest', { dataFolder })).toMatchObject({ verdict: 'whole' });
      const before = await takeInventory(stage.phone);
      await eraseAndPair(stage);
      await restoreDevice({
        ...stage,
        what: 'latest',
        askPassword: async () => undefined,
        consent: async () => true,
      });
      expect(compareInventories(before, await takeInventory(stage.phone))).toEqual(SAME);
    });
  });
});
