import { seededRandom } from '@rootcellar/core';
import { describe, expect, it } from 'vitest';
import type { PhoneContent } from '../content/phone-content.ts';
import { bytesContent } from '../file-system/file-content.ts';
import { type BenchPhone, backupRequest, benchPhone, converse, UDID } from './test-bench/bench-phone.ts';
import { findFaults } from './test-bench/check-backup.ts';
import { type Cut, StrictHost } from './test-bench/strict-host.ts';

const PREFERENCES = '/var/mobile/Library/Preferences';

/** A dozen files, so that hundreds of runs stay quick. */
const SMALL: PhoneContent = {
  apps: [],
  fill: (files) => {
    const random = seededRandom(3);
    for (let index = 0; index < 12; index += 1) {
      files.writeFile(`${PREFERENCES}/file-${index}.plist`, random.bytes(50 + index));
    }
  },
};

/** Changes of every kind: content, metadata, new, renamed, removed. */
function change(phone: BenchPhone, round: number): void {
  const { files } = phone;
  for (let index = 0; index < 5; index += 1) {
    files.writeFile(
      `${PREFERENCES}/file-${index}.plist`,
      bytesContent(Buffer.from(`round ${round} of ${index}`)),
    );
  }
  files.setAttributes(`${PREFERENCES}/file-6.plist`, { flags: round });
  files.writeFile(`${PREFERENCES}/new-${round}.plist`, Buffer.from(`new ${round}`));
  files.rename(`${PREFERENCES}/file-${7 + round}.plist`, `${PREFERENCES}/renamed-${round}.plist`);
  files.remove(`${PREFERENCES}/file-${10 + round}.plist`);
}

/** Every first and last message of a kind, and how the host can die there. */
function cutsOf(messages: readonly string[]): readonly Cut[] {
  return messages.flatMap((name, atMessage) => {
    const edge = name !== messages[atMessage - 1] || name !== messages[atMessage + 1];
    if (!edge || name === 'DLMessageProcessMessage') return [];
    const before: Cut = { atMessage, when: 'before' };
    const after: Cut = { atMessage, when: 'after' };
    const half: Cut = { atMessage, when: 'half' };
    return name === 'DLMessageMoveItems' ? [before, half, after] : [before, after];
  });
}

function copyOf(host: StrictHost): StrictHost {
  const copy = new StrictHost();
  for (const [path, bytes] of host.files) copy.files.set(path, bytes);
  for (const folder of host.folders) copy.folders.add(folder);
  return copy;
}

describe('a backup that is cut', () => {
  it('at any message of a first run is completed by the next, from the beginning', async () => {
    const phone = await benchPhone({ content: SMALL });
    const { messages } = await converse(phone, new StrictHost(), backupRequest());
    for (const cut of cutsOf(messages)) {
      const host = new StrictHost();
      expect((await converse(phone, host, backupRequest(), { cut })).answer).toBeUndefined();
      const next = await converse(phone, host, backupRequest());
      expect([cut, next.answer?.['ErrorCode'], await findFaults(phone, host)]).toEqual([cut, 0, []]);
    }
  });

  it('at any message of an incremental run is completed by the next, whatever changed meanwhile', async () => {
    const template = new StrictHost();
    const original = await benchPhone({ content: SMALL });
    await converse(original, template, backupRequest());
    change(original, 0);
    const { messages } = await converse(original, copyOf(template), backupRequest());
    for (const cut of cutsOf(messages)) {
      const phone = await benchPhone({ content: SMALL });
      const host = copyOf(template);
      change(phone, 0);
      await converse(phone, host, backupRequest(), { cut });
      change(phone, 1);
      const next = await converse(phone, host, backupRequest());
      expect([cut, next.answer?.['ErrorCode'], await findFaults(phone, host)]).toEqual([cut, 0, []]);
    }
  });

  it('between moves is completed by the next, also if the host moved the manifest first', async () => {
    for (const movesBackwards of [false, true]) {
      const phone = await benchPhone({ content: SMALL });
      const host = Object.assign(new StrictHost(), { movesBackwards });
      for (const round of [0, 1]) {
        const { messages } = await converse(phone, copyOf(host), backupRequest());
        const cut: Cut = { atMessage: messages.indexOf('DLMessageMoveItems'), when: 'half' };
        expect((await converse(phone, host, backupRequest(), { cut })).answer).toBeUndefined();
        expect((await converse(phone, host, backupRequest())).answer?.['ErrorCode']).toBe(0);
        expect(await findFaults(phone, host)).toEqual([]);
        change(phone, round);
      }
    }
  });

  it('is right even if the phone goes back to its old state after a cut between moves', async () => {
    const phone = await benchPhone({ content: SMALL });
    const host = new StrictHost();
    await converse(phone, host, backupRequest());
    const before = [...phone.files.walk(PREFERENCES)];
    change(phone, 0);
    const { messages } = await converse(phone, copyOf(host), backupRequest());
    const atMessage = messages.indexOf('DLMessageMoveItems');
    await converse(phone, host, backupRequest(), { cut: { atMessage, when: 'half' } });
    phone.files.remove(PREFERENCES);
    for (const { path, kind, content, attributes, inode } of before) {
      if (kind === 'folder') phone.files.makeFolder(path, { ...attributes, inode });
      else phone.files.writeFile(path, content ?? new Uint8Array(), { ...attributes, inode });
    }
    // Cut once more before anything is sent: the doubt must survive that.
    const early =
      messages.indexOf('DLMessageRemoveItems') > 0 ? messages.indexOf('DLMessageUploadFiles') + 1 : 0;
    await converse(phone, host, backupRequest(), { cut: { atMessage: early, when: 'before' } });
    expect((await converse(phone, host, backupRequest())).answer?.['ErrorCode']).toBe(0);
    expect(await findFaults(phone, host)).toEqual([]);
  });

  it('while it uploads leaves the old generation as it was, and goes on incrementally', async () => {
    const phone = await benchPhone({ content: SMALL });
    const host = new StrictHost();
    await converse(phone, host, backupRequest());
    const manifest = host.files.get(`${UDID}/Manifest.db`);
    change(phone, 0);
    const { messages } = await converse(phone, copyOf(host), backupRequest());
    const atMessage =
      messages.lastIndexOf('DLMessageUploadFiles', messages.indexOf('DLMessageMoveItems')) - 3;
    await converse(phone, host, backupRequest(), { cut: { atMessage, when: 'after' } });
    expect(host.files.get(`${UDID}/Manifest.db`)).toBe(manifest);
    const next = await converse(phone, host, backupRequest());
    const payloads = next.uploaded.filter((path) => /[0-9a-f]{40}$/.test(path));
    expect(payloads).toHaveLength(8);
    expect(await findFaults(phone, host)).toEqual([]);
  });
});
