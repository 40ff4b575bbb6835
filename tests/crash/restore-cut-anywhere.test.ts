import { createHash } from 'node:crypto';
import { OperationFailure, type TreePath } from '@rootcellar/core';
import { backUpDevice, restoreDevice } from '@rootcellar/operations';
import { compareInventories, type Inventory, takeInventory } from '@rootcellar/simulator';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eraseAndPair, openStage, pairStage, type Stage } from '../stage.ts';

const SAME = { missing: [], added: [], changed: [] };

let stage: Stage;
let onMessage: (name: string) => void = () => {};
let original: Inventory;
let backup: string;

const restore = () => restoreDevice({ ...stage, what: stage.backups, consent: async () => true });

beforeAll(async () => {
  stage = await openStage({ backupAgent: { onMessage: (name) => onMessage(name) } });
  await pairStage(stage);
  await backUpDevice(stage);
  original = await takeInventory(stage.phone);
  backup = await digestOf(stage, '' as TreePath);
});
afterEach(() => {
  onMessage = () => {};
});
afterAll(() => stage.close());

describe('a restore whose cable is pulled', () => {
  test('leaves the phone as it was, the backup untouched, and can be run again', async () => {
    await eraseAndPair(stage);
    const messages: string[] = [];
    onMessage = (name) => messages.push(name);
    await restore();
    const last = messages.length - 1;

    for (const index of [3, 4, Math.round(last / 2), last - 1]) {
      await eraseAndPair(stage);
      const erased = await takeInventory(stage.phone);
      pullBefore(index);
      const outcome = await restore().catch((error: unknown) => error);
      onMessage = () => {};
      const where = `pulled before message ${index} of ${last}, ${messages[index]}`;
      const hasTaken = messages.slice(0, index).includes('DLMessageDownloadFiles');
      if (!(outcome instanceof OperationFailure)) throw outcome;
      expect(outcome.report, where).toMatchObject({
        code: 'device-link.ended',
        dataState: hasTaken ? 'device-half-changed' : 'unchanged',
        yourData: expect.stringContaining('The backup is as it was.'),
      });
      expect(compareInventories(erased, await takeInventory(stage.phone)), where).toEqual(SAME);
      expect(await digestOf(stage, '' as TreePath), where).toBe(backup);
    }

    await restore();
    expect(compareInventories(original, await takeInventory(stage.phone))).toEqual(SAME);
  });

  test('before the phone has said that all is done, is not called complete', async () => {
    await eraseAndPair(stage);
    let answers = 0;
    onMessage = (name) => {
      if (name === 'DLMessageProcessMessage') answers += 1;
      if (answers === 2) pull();
    };
    const outcome = await restore().catch((error: unknown) => error);
    onMessage = () => {};
    expect(outcome).toMatchObject({
      report: { code: 'device-link.ended', dataState: 'device-half-changed' },
    });
    expect(await digestOf(stage, '' as TreePath)).toBe(backup);
    await expect.poll(() => stage.phone.presence.connections.length, { timeout: 20_000 }).toBe(1);
  });
});

test('a phone that refuses at once is unchanged, and says so', async () => {
  // Lockdown's answer is no proof, so the phone has the last word: Find My goes on after the plan.
  onMessage = (name) => {
    if (name === 'DLMessageVersionExchange') stage.phone.condition.findMy = true;
  };
  const outcome = await restore().catch((error: unknown) => error);
  stage.phone.condition.findMy = false;
  expect(outcome).toMatchObject({ report: { code: 'mobilebackup2.find-my-on', dataState: 'unchanged' } });
});

function pullBefore(index: number): void {
  let count = 0;
  onMessage = () => {
    if (count === index) pull();
    count += 1;
  };
}

function pull(): void {
  stage.phone.presence.setPlugged(false);
  stage.phone.presence.setPlugged(true);
}

async function digestOf({ home }: Stage, folder: TreePath): Promise<string> {
  const hash = createHash('sha256');
  const entries = await Array.fromAsync(home.list(folder));
  for (const entry of entries.sort((a, b) => (a.path < b.path ? -1 : 1))) {
    hash.update(entry.path);
    if (entry.kind === 'folder') hash.update(await digestOf(stage, entry.path));
    else for await (const piece of home.read(entry.path)) hash.update(piece);
  }
  return hash.digest('hex');
}
