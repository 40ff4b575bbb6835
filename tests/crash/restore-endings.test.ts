import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlistReal } from '@rootcellar/codecs';
import { backUpDevice, restoreDevice } from '@rootcellar/operations';
import type { Service } from '@rootcellar/simulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStage, pairStage, type Stage } from '../stage.ts';
import { hostilePhone, u32 } from './hostile-phone.ts';

let stage: Stage;
let vandal: Stage;
let sleepy: Stage;
beforeAll(async () => {
  stage = await openStage();
  await pairStage(stage);
  await backUpDevice(stage);
  vandal = await openStage({ services: () => [vandalism(stage.udid)] });
  await pairStage(vandal);
  sleepy = await openStage({ services: () => [cutOffLastWord] });
  await pairStage(sleepy);
});
afterAll(async () => {
  await stage.close();
  await vandal.close();
  await sleepy.close();
});

/** An agent that does to the folder it is restored from whatever a backup may do, and says that all is well. */
function vandalism(udid: string): Service {
  return {
    name: 'com.apple.mobilebackup2',
    async serve({ channel, phone }) {
      const agent = hostilePhone(channel);
      await agent.open();
      await agent.say(['DLMessageRemoveItems', [`${udid}/Manifest.db`, `${udid}/3d`], {}, 0]);
      await agent.say(['DLMessageMoveItems', { [`${udid}/Info.plist`]: `${udid}/Status.plist` }, {}, 0]);
      await agent.say(['DLMessageCopyItem', `${udid}/Manifest.plist`, `${udid}/copy`]);
      await agent.say(['DLMessageCreateDirectory', `${udid}/new/folder`, {}, 0]);
      await agent.say(['DLMessageUploadFiles', {}, 0, 0]);
      await agent.raw(
        u32(1),
        Buffer.from('x'),
        ...named(`${udid}/Info.plist`),
        u32(3),
        Buffer.from('\u000cno'),
      );
      await agent.raw(u32(1), Buffer.of(0), u32(0));
      await agent.finish();
      setImmediate(() => void phone.restart());
    },
  };
}

/** A restart that comes before the answer: everything was sent, and nobody says that it is done. */
const cutOffLastWord: Service = {
  name: 'com.apple.mobilebackup2',
  async serve({ channel }) {
    const agent = hostilePhone(channel);
    await agent.open();
    await agent.say(['DLMessageDownloadFiles', [], {}, new PlistReal(100), 0]);
    agent.breakOff();
  },
};

function named(name: string): readonly Uint8Array[] {
  return [u32(Buffer.byteLength(name)), Buffer.from(name)];
}

test('a phone cannot change the backup it is restored from', async () => {
  const folder = join(stage.backups, stage.udid);
  const before = await digestOf(folder);
  await restoreDevice({ ...vandal, what: folder, consent: async () => true });
  expect(await digestOf(folder)).toEqual(before);
  expect(before.size).toBeGreaterThan(100);
});

test('a restart that cuts the last word off is called a restore that may be complete', async () => {
  const outcome = await restoreDevice({ ...sleepy, what: stage.backups, consent: async () => true }).catch(
    (error: unknown) => error,
  );
  expect(outcome).toMatchObject({ report: { code: 'operation.maybe-restored' } });
});

async function digestOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const digest = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const content = entry.isFile() ? await readFile(path) : 'folder';
    digest.set(path, createHash('sha256').update(content).digest('hex'));
  }
  return digest;
}
