import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlistReal, type PlistValue } from '@rootcellar/codecs';
import { folderTree, KnownError, OperationFailure } from '@rootcellar/core';
import { requestBackup, type SessionResult } from '@rootcellar/device';
import { backUpDevice, folderTarget } from '@rootcellar/operations';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openStage, pairStage } from '../stage.ts';
import {
  HANG_MS,
  type HostilePhone,
  hostilePhone,
  hostileWire,
  NO_MORE_FILES,
  u32,
  uploaded,
} from './hostile-phone.ts';

const UDID = '00008110-000A1B2C3D4E801E';
const OTHER = '00008110-000000000000000E';
const SECRET = 'the diary of another phone';

/** A folder of our own with the backups in it, and around them what must not be touched or told. */
let around: string;
let home: string;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => unhandled.push(reason);

beforeAll(() => {
  process.on('unhandledRejection', onUnhandled);
});
afterAll(() => {
  process.off('unhandledRejection', onUnhandled);
});
beforeEach(async () => {
  around = await mkdtemp(join(tmpdir(), 'rootcellar-hostile-'));
  home = join(around, 'deep', 'home');
  await mkdir(join(home, OTHER), { recursive: true });
  await mkdir(join(home, UDID, 'folder'), { recursive: true });
  await mkdir(join(around, 'elsewhere'));
  for (const file of [
    join(around, 'x'),
    join(around, 'elsewhere', 'x'),
    join(home, OTHER, 'x'),
    join(home, 'x'),
  ]) {
    await writeFile(file, SECRET);
  }
  await writeFile(join(home, UDID, 'folder', 'own'), 'own');
  await symlink(join(around, 'elsewhere'), join(home, UDID, 'linked-folder'));
  await symlink(join(around, 'x'), join(home, UDID, 'linked-file'));
});
afterEach(async () => {
  await rm(around, { recursive: true, force: true });
  expect(unhandled).toEqual([]);
});

/** Everything outside the phone's own folder: names, kinds, contents and times of change. */
async function surroundings(): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const entry of await readdir(around, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (path.startsWith(join(home, UDID))) continue;
    const { mtimeMs, mode } = await lstat(path);
    if (entry.isDirectory()) seen[path] = `folder ${mode}`;
    else if (entry.isSymbolicLink()) seen[path] = `link ${await readlink(path)}`;
    else seen[path] = `${await readFile(path, 'utf8')} ${mode} ${mtimeMs}`;
  }
  return seen;
}

/**
 * Backs a phone up that does what `act` says after the request.
 *
 * @returns what came of it, and what the phone got to see
 */
async function face(
  act: (phone: HostilePhone) => Promise<unknown>,
  options: { readonly opened?: boolean } = {},
): Promise<{ outcome: SessionResult | KnownError; heard: Buffer }> {
  const before = await surroundings();
  const { ours, phone, close } = hostileWire();
  const backup = requestBackup({ channel: ours, tree: folderTree(home), udid: UDID }).catch(
    (error: unknown) => error,
  );
  const acted = (async () => {
    if (options.opened !== false) await phone.open();
    await act(phone);
    phone.breakOff();
  })();
  const outcome = await withinTime(backup);
  close();
  ours.destroy();
  await withinTime(acted);
  expect(await surroundings()).toEqual(before);
  expect(phone.heard.includes(SECRET)).toBe(false);
  if (outcome instanceof Error) expect(outcome).toBeInstanceOf(KnownError);
  return { outcome: outcome as SessionResult | KnownError, heard: phone.heard };
}

async function withinTime<Value>(work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('It hangs')), HANG_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Every way for a phone to name a file. */
const WAYS: Readonly<Record<string, (phone: HostilePhone, name: string) => Promise<void>>> = {
  upload: async (phone, name) => {
    await phone.say(['DLMessageUploadFiles', {}, 0, 0]);
    await phone.raw(uploaded(name, Buffer.from('evil')), NO_MORE_FILES);
  },
  download: (phone, name) => phone.say(['DLMessageDownloadFiles', [name], {}, 0, 0]),
  list: (phone, name) => phone.say(['DLContentsOfDirectory', name]),
  'make a folder': (phone, name) => phone.say(['DLMessageCreateDirectory', name, {}, 0]),
  'move from': (phone, name) => phone.say(['DLMessageMoveItems', { [name]: `${UDID}/stolen` }, {}, 0]),
  'move to': (phone, name) => phone.say(['DLMessageMoveItems', { [`${UDID}/folder/own`]: name }, {}, 0]),
  remove: (phone, name) => phone.say(['DLMessageRemoveItems', [name], {}, 0]),
  'copy from': (phone, name) => phone.say(['DLMessageCopyItem', name, `${UDID}/stolen`]),
  'copy to': (phone, name) => phone.say(['DLMessageCopyItem', `${UDID}/folder`, name]),
};

describe.each(Object.keys(WAYS))('a phone that may %s', (way) => {
  const names: readonly (readonly [string, () => string])[] = [
    ['../../x', () => '../../x'],
    ['its folder and out of it', () => `${UDID}/../../../x`],
    ['the folder of another phone', () => `${OTHER}/x`],
    ['the folder of all phones', () => ''],
    ['a file beside its folder', () => 'x'],
    ['an absolute path', () => join(around, 'x')],
    ['an absolute path with two slashes', () => `/${join(around, 'x')}`],
    ['a backslash', () => `${UDID}\\..\\..\\x`],
    ['a NUL', () => `${UDID}/a\0/../../x`],
    ['a name of 10 MB', () => `${UDID}/${'a'.repeat(10_000_000)}`],
    ['a folder of 10 MB of slashes', () => `${UDID}${'/'.repeat(10_000_000)}a`],
    ['a dot', () => `${UDID}/./../${OTHER}/x`],
  ];
  test.each(names)('and names %s is refused', async (_, name) => {
    const { outcome } = await face(async (phone) => {
      await WAYS[way]?.(phone, name());
      await phone.finish();
    });
    // Names in uploads have a length before them: one of 10 MB is no name, and an empty one ends the upload,
    // so that its content is read as a message.
    expect(outcome).toMatchObject({
      code: expect.stringMatching(/^(mobilebackup2\.name-refused|device-link\.message-invalid|plist\..+)$/),
    });
  });

  test.each(['linked-folder', 'linked-folder/x', 'linked-folder/new/y', 'linked-file', 'linked-file/x'])(
    'and goes through %s gets nowhere',
    async (name) => {
      await face(async (phone) => {
        await WAYS[way]?.(phone, `${UDID}/${name}`);
        await phone.finish();
      });
    },
  );
});

describe('a phone whose folder is a link', () => {
  test('gets nowhere', async () => {
    await rm(join(home, UDID), { recursive: true });
    await symlink(join(around, 'elsewhere'), join(home, UDID));
    const before = await readFile(join(around, 'elsewhere', 'x'), 'utf8');
    for (const way of Object.keys(WAYS)) {
      await face(async (phone) => {
        await WAYS[way]?.(phone, `${UDID}/x`);
        await phone.finish();
      });
    }
    expect(await readdir(join(around, 'elsewhere'))).toEqual(['x']);
    expect(await readFile(join(around, 'elsewhere', 'x'), 'utf8')).toBe(before);
  });
});

describe('a phone that', () => {
  const deep = (levels: number): PlistValue => {
    let value: PlistValue = 'x';
    for (let level = 0; level < levels; level += 1) value = [value];
    return value;
  };

  test.each<[string, (phone: HostilePhone) => Promise<unknown>]>([
    ['claims a message of 4 GB', (phone) => phone.raw(u32(2 ** 32 - 1))],
    ['claims a message of nothing', (phone) => phone.raw(u32(0))],
    ['nests its message 500 times', (phone) => phone.say(['DLMessageRemoveItems', deep(500)])],
    ['breaks off in a message', (phone) => phone.raw(u32(100), Buffer.from('bplist00'))],
    [
      'breaks off in a file',
      async (phone) => {
        await phone.say(['DLMessageUploadFiles', {}, 0, 0]);
        await phone.raw(uploaded(`${UDID}/a`, Buffer.alloc(100)).subarray(0, 80));
      },
    ],
    [
      'sends a block of 4 GB',
      async (phone) => {
        await phone.say(['DLMessageUploadFiles', {}, 0, 0]);
        const name = Buffer.from(`${UDID}/a`);
        await phone.raw(
          u32(1),
          Buffer.from('x'),
          u32(name.length),
          name,
          u32(2 ** 32 - 1),
          Uint8Array.of(0x0c),
        );
      },
    ],
    [
      'has a name of 4 GB',
      async (phone) => {
        await phone.say(['DLMessageUploadFiles', {}, 0, 0]);
        await phone.raw(u32(2 ** 32 - 1));
      },
    ],
    [
      'has files of negative sizes',
      async (phone) => {
        await phone.say(['DLMessageUploadFiles', {}, new PlistReal(-1e300), -(2n ** 63n)]);
        await phone.raw(NO_MORE_FILES);
        await phone.say(['DLMessagePurgeDiskSpace', -1, -4]);
        await phone.finish();
      },
    ],
    [
      'moves what does not exist',
      async (phone) => {
        await phone.say(['DLMessageMoveItems', { [`${UDID}/never`]: `${UDID}/folder` }, {}, 0]);
        await phone.finish();
      },
    ],
    [
      'moves its folder into itself and over itself',
      async (phone) => {
        await phone.say([
          'DLMessageMoveItems',
          { [UDID]: `${UDID}/folder/inner`, [`${UDID}/folder`]: UDID },
          {},
          0,
        ]);
        await phone.finish();
      },
    ],
    [
      'copies its folder into itself',
      async (phone) => {
        await phone.say(['DLMessageCopyItem', UDID, `${UDID}/folder/inner`]);
        await phone.finish();
      },
    ],
    [
      'goes on after the end',
      async (phone) => {
        await phone.finish();
        await phone.say(['DLMessageRemoveItems', [`${UDID}/folder`], {}, 0]);
        await phone.raw(Buffer.alloc(100_000, 0xff));
      },
    ],
    [
      'says that it failed in words of another kind',
      (phone) =>
        phone.say([
          'DLMessageProcessMessage',
          { MessageName: 'Response', ErrorCode: 'no', ErrorDescription: [] },
        ]),
    ],
    ['is a goodbye from the start', (phone) => phone.say(['DLMessageDisconnect'])],
  ])('%s does no harm', async (_, act) => {
    await face(act);
    expect(await readFile(join(home, UDID, 'folder', 'own'), 'utf8')).toBe('own');
  });

  test('never says anything but pings is left', async () => {
    let isOver = false;
    const { outcome } = await face(async (phone) => {
      for (let n = 0; n < 11_000; n += 1) {
        await phone.say(['DLMessagePing', 'x']);
        if (n % 100 === 0) await new Promise(setImmediate);
      }
      isOver = true;
    });
    expect(outcome).toMatchObject({ code: 'device-link.message-invalid' });
    expect(isOver || outcome instanceof KnownError).toBe(true);
  });

  test.each([0, 1, 2, 3])(
    'hangs up after %d words of greeting is an ended or unready phone',
    async (words) => {
      const greeting: readonly PlistValue[] = [
        ['DLMessageVersionExchange', 400, 0],
        ['DLMessageDeviceReady'],
        ['DLMessageProcessMessage', { MessageName: 'Response', ErrorCode: 0 }],
      ];
      const { outcome } = await face(
        async (phone) => {
          for (const word of greeting.slice(0, words)) await phone.say(word);
        },
        { opened: false },
      );
      expect(outcome).toMatchObject({ code: expect.stringMatching(/^device-link\.(not-ready|ended)$/) });
    },
  );
});

describe('a phone that says anything', () => {
  const names = fc.constantFrom(
    ...[
      'DLMessageDownloadFiles',
      'DLMessageUploadFiles',
      'DLMessageGetFreeDiskSpace',
      'DLMessagePurgeDiskSpace',
    ],
    ...['DLContentsOfDirectory', 'DLMessageCreateDirectory', 'DLMessageMoveItems', 'DLMessageMoveFiles'],
    ...[
      'DLMessageRemoveItems',
      'DLMessageCopyItem',
      'DLMessageProcessMessage',
      'DLMessagePing',
      'DLMessageX',
      '',
    ],
  );
  const path = fc.constantFrom(
    ...['', '/', '..', '../../x', UDID, `${UDID}/folder`, `${UDID}/folder/own`, `${UDID}/linked-folder/x`],
    ...[
      `${OTHER}/x`,
      `${UDID}/../x`,
      `${UDID}/new/deep`,
      '__proto__',
      `${UDID}/a\0b`,
      'MessageName',
      'ErrorCode',
    ],
  );
  const leaf: fc.Arbitrary<PlistValue> = fc.oneof(
    path,
    path,
    fc.integer(),
    fc.constantFrom<PlistValue>(2n ** 63n, -(2n ** 63n), true, new Date(0), new PlistReal(Number.NaN)),
    fc.uint8Array({ maxLength: 4 }),
  );
  const element: fc.Arbitrary<PlistValue> = fc.oneof(
    leaf,
    leaf,
    fc.array(leaf, { maxLength: 4 }),
    fc.dictionary(path, leaf, { maxKeys: 4 }),
  );
  const message = fc.tuple(names, fc.array(element, { maxLength: 5 })).map(([name, rest]) => [name, ...rest]);
  const junk = fc.oneof(
    fc.constantFrom(
      NO_MORE_FILES,
      uploaded(`${UDID}/a`, Buffer.from('x')),
      uploaded(`${OTHER}/x`, Buffer.from('x')),
    ),
    fc.uint8Array({ maxLength: 12 }),
  );
  const utterance: fc.Arbitrary<PlistValue> = fc.oneof(message, message, message, junk, element);

  test('does no harm, and ends in a success or a known error', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(utterance, { maxLength: 8 }),
        fc.boolean(),
        fc.constantFrom<'binary' | 'XML'>('binary', 'XML'),
        async (utterances, opened, form) => {
          await face(
            async (phone) => {
              for (const each of utterances) {
                if (each instanceof Uint8Array) await phone.raw(each);
                else await phone.say(each, form);
              }
            },
            { opened },
          );
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('a hostile phone behind a real cable', () => {
  const act = new Map<string, (phone: HostilePhone) => Promise<void>>();
  let way = '';

  for (const [name, hostile] of Object.entries(WAYS)) {
    act.set(name, async (phone) => {
      await phone.open();
      await hostile(phone, '../../x');
      await phone.finish();
    });
  }
  act.set('break off', async (phone) => phone.open());

  test('fails the backup, in words for its owner, and touches nothing', async () => {
    const stage = await openStage({
      services: () => [
        {
          name: 'com.apple.mobilebackup2',
          async serve({ channel }) {
            const phone = hostilePhone(channel);
            await act.get(way)?.(phone);
            await new Promise((resolve) => setTimeout(resolve, 100));
          },
        },
      ],
    });
    try {
      await pairStage(stage);
      stage.phone.condition.passcode = undefined;
      for (way of act.keys()) {
        const before = await surroundings();
        const failed = await withinTime(
          backUpDevice({ ...stage, target: folderTarget(folderTree(home)) }).catch((error: unknown) => error),
        );
        expect(failed, way).toBeInstanceOf(OperationFailure);
        expect(changesOutside(before, await surroundings(), stage.udid), way).toEqual([]);
      }
    } finally {
      await stage.close();
    }
  }, 120_000);

  /** The operation keeps a working folder of its own beside the backups. */
  function changesOutside(
    before: Record<string, string>,
    after: Record<string, string>,
    udid: string,
  ): string[] {
    const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...paths].filter(
      (path) =>
        before[path] !== after[path] && !path.startsWith(join(home, '.rootcellar')) && !path.includes(udid),
    );
  }
});
