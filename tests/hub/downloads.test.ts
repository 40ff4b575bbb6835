import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { api } from '@rootcellar/api';
import { exportFolder, verifyDeviceBackup } from '@rootcellar/operations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isMissing } from '../interop/required-program.ts';
import { runProgram } from '../interop/run-program.ts';
import {
  backUpThroughHub,
  backupOf,
  type HubStage,
  openHubStage,
  pairThroughHub,
  type Visitor,
} from './hub-stage.ts';

const PHOTOS = '/var/mobile/Media/DCIM/100APPLE';

/** What a hostile person could call a file on their phone. */
const HOSTILE = [
  '<img src=x onerror=alert(1)>.jpg',
  'gpj.\u202eexe',
  'a"b;filename=evil.html',
  'x\ny\r\nSet-Cookie: z',
];

let stage: HubStage;
let ann: Visitor;
let folder: string;
let backup: string;
let browse: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-downloads-'));
  stage = await openHubStage();
  for (const name of HOSTILE)
    stage.phone.files.writeFile(`${PHOTOS}/${name}`, Buffer.from(`content of ${name}`));
  stage.phone.files.writeFile(`${PHOTOS}/page.html`, Buffer.from('<script>alert(1)</script>'));
  stage.phone.files.writeFile(`${PHOTOS}/large.bin`, Buffer.alloc(3_000_000, 7));
  ann = await stage.signInByLink();
  await pairThroughHub(ann, stage.udid);
  backup = backupOf(await backUpThroughHub(ann, stage.udid));
  const params = { id: backup };
  browse = (await ann.call(api.browse.openBackup, { params, body: {} })).browse.id;
});
afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true, force: true });
});

async function fileNamed(name: string) {
  const query = { domain: 'CameraRollDomain', limit: 1000 };
  const { files } = await ann.call(api.browse.listFiles, { params: { browse }, query });
  const file = files.find(({ path }) => path.endsWith(`/${name}`));
  if (file === undefined) throw new Error(`No file is called ${JSON.stringify(name)}`);
  return file;
}

describe('looking into a backup', () => {
  test('lists all files page by page, each once and in order, whatever they are called', async () => {
    const seen: string[] = [];
    let after: string | undefined;
    let total: number | null = null;
    do {
      const page = await ann.call(api.browse.listFiles, { params: { browse }, query: { limit: 50, after } });
      seen.push(...page.files.map(({ domain, path }) => `${domain}/${path}`));
      after = page.next ?? undefined;
      total = page.total;
    } while (after !== undefined);
    expect(seen).toHaveLength(total ?? 0);
    expect(new Set(seen).size).toBe(seen.length);
    for (const name of HOSTILE) expect(seen).toContain(`CameraRollDomain/Media/DCIM/100APPLE/${name}`);
  });

  test('one file is an attachment with its content, under a name that cannot do anything', async () => {
    for (const name of [...HOSTILE, 'page.html', 'large.bin']) {
      const { fileID } = await fileNamed(name);
      const answer = await ann.ask(`/api/browse/${browse}/files/${fileID}/content`);
      const disposition = answer.headers.get('content-disposition') ?? '';
      expect(disposition).toMatch(
        /^attachment; filename="[A-Za-z0-9._ -]*"; filename\*=UTF-8''[A-Za-z0-9._~%!$&+-]*$/,
      );
      expect(disposition).not.toContain('%E2%80%AE');
      expect(answer.headers.get('content-type')).toBe('application/octet-stream');
      expect(answer.headers.get('content-security-policy')).toMatch(/^sandbox/);
      const content = Buffer.from(await answer.arrayBuffer());
      expect(content).toEqual(await contentOnPhone(name));
    }
  });

  test('a page of a phone is shown as text, and never served as a page', async () => {
    const { fileID } = await fileNamed('page.html');
    const { preview } = await ann.call(api.browse.previewFile, { params: { browse, fileID } });
    expect(preview).toEqual({ kind: 'text', text: '<script>alert(1)</script>', isCutShort: false });
    const picture = await ann.ask(`/api/browse/${browse}/files/${fileID}/picture`);
    expect(picture.status).toBe(415);
  });

  test('a photo is shown as what its content is', async () => {
    const { fileID } = await fileNamed('IMG_0001.JPG');
    const answer = await ann.ask(`/api/browse/${browse}/files/${fileID}/picture`);
    expect(answer.headers.get('content-type')).toBe('image/jpeg');
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(await contentOnPhone('IMG_0001.JPG'));
  });

  test.skipIf(isMissing('python3'))(
    'a selection is a zip that other programs read, with safe names',
    async () => {
      const chosen = await ann.call(api.browse.selectFiles, {
        params: { browse },
        body: { domain: 'CameraRollDomain' },
      });
      const { selection } = chosen;
      const answer = await ann.ask(`/api/browse/${browse}/selections/${selection}/zip`);
      expect(answer.headers.get('content-disposition')).toMatch(/^attachment/);
      const path = join(folder, 'chosen.zip');
      await writeFile(path, Buffer.from(await answer.arrayBuffer()));
      const script = [
        'import json, sys, zipfile',
        'z = zipfile.ZipFile(sys.argv[1])',
        'assert z.testzip() is None',
        'print(json.dumps({n: len(z.read(n)) for n in z.namelist()}))',
      ].join('\n');
      const { exitCode, stdout, output } = await runProgram('python3', ['-c', script, path]);
      expect(exitCode, output).toBe(0);
      const files = JSON.parse(stdout) as Record<string, number>;
      expect(Object.keys(files)).toHaveLength(chosen.files);
      expect(files['CameraRollDomain/Media/DCIM/100APPLE/large.bin']).toBe(3_000_000);
      for (const name of Object.keys(files))
        expect(name).not.toMatch(/[\u0000-\u001f\u202a-\u202e\\]|\.\.\/|^\//);
    },
  );

  test.skipIf(isMissing('python3'))(
    'the folder of a backup is a zip that gives it back, byte for byte',
    async () => {
      const answer = await ann.ask(`/api/backups/${backup}/folder`);
      expect(answer.headers.get('content-disposition')).toContain(`filename="${stage.udid}.zip"`);
      const path = join(folder, 'folder.zip');
      await writeFile(path, Buffer.from(await answer.arrayBuffer()));
      const unpacked = join(folder, 'unpacked');
      const unpack = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])';
      expect(await runProgram('python3', ['-c', unpack, path, unpacked])).toMatchObject({ exitCode: 0 });

      const exported = join(folder, 'exported');
      await exportFolder({ dataFolder: stage.dataFolder, what: backup, to: exported });
      expect(await contentOf(unpacked)).toEqual(await contentOf(exported));
      expect(await verifyDeviceBackup(join(unpacked, stage.udid))).toMatchObject({ verdict: 'whole' });
    },
  );

  test('the folder of a backup is for its owner alone', async () => {
    const ben = await stage.newPerson('Ben');
    expect((await ben.ask(`/api/backups/${backup}/folder`)).status).toBe(404);
    expect((await ann.ask('/api/backups/nothing/folder')).status).toBe(404);
  });

  test('a download goes on when the backup is closed meanwhile, and no new one begins', async () => {
    const params = { id: backup };
    const other = (await ann.call(api.browse.openBackup, { params, body: {} })).browse.id;
    const { fileID } = await fileNamed('large.bin');
    const answer = await ann.ask(`/api/browse/${other}/files/${fileID}/content`);
    await ann.call(api.browse.closeBackup, { params: { browse: other } });
    expect((await answer.arrayBuffer()).byteLength).toBe(3_000_000);
    const late = ann.call(api.browse.listFiles, { params: { browse: other }, query: {} });
    await expect(late).rejects.toMatchObject({ status: 404, error: { code: 'hub.browse-closed' } });
  });

  test('a vault that lost its content says so, with the four facts', async () => {
    const packs = join(stage.dataFolder, 'vaults', stage.udid, 'data');
    for (const entry of await readdir(packs, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) await truncate(join(entry.parentPath, entry.name), 100);
    }
    const opening = ann.call(api.browse.openBackup, { params: { id: backup }, body: {} });
    await expect(opening).rejects.toMatchObject({
      status: 409,
      error: { code: expect.stringMatching(/^(vault|storage)\./), next: expect.stringMatching(/./) },
    });
  });
});

/** Digests of all files, by their path. */
async function contentOf(place: string): Promise<Record<string, string>> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const digest = async (path: string) =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  return Object.fromEntries(
    await Promise.all(files.map(async (path) => [path.slice(place.length), await digest(path)])),
  );
}

async function contentOnPhone(name: string): Promise<Buffer> {
  const node = stage.phone.files.stat(`${PHOTOS}/${name}`);
  if (node?.content === undefined) throw new Error('Not on the phone');
  return Buffer.concat(await Array.fromAsync(node.content.read()));
}
