import { verifyBackup } from '@rootcellar/backup';
import { type DataState, joinPath, OperationFailure, ROOT, subTree } from '@rootcellar/core';
import { backUpDevice } from '@rootcellar/operations';
import { allErrorReplies, FAULTS } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { armFault, hurriedClock, liveADay, openStage, pairStage, type Stage } from '../stage.ts';

/** How our client ends: with an error of this code, or with a backup (`done`). */
type Ending = string;

interface Case {
  readonly fault: string;
  readonly ends: Ending;
  readonly dataState?: DataState;
  /** For waits that are minutes on the clocks of both. */
  readonly speed?: number;
}

const CASES: readonly Case[] = [
  { fault: 'disconnect-after-bytes:bytes=0', ends: 'device-link.not-ready' },
  { fault: 'disconnect-after-bytes:bytes=60000', ends: 'device-link.ended' },
  { fault: 'disconnect-after-bytes:bytes=2000,service=com.apple.mobile.installation_proxy', ends: 'done' },
  { fault: 'disconnect-after-messages:messages=0', ends: 'device-link.ended' },
  { fault: 'disconnect-after-messages:messages=300', ends: 'device-link.ended' },
  { fault: 'stall:bytes=60000', ends: 'device-link.silent', speed: 1000 },
  { fault: 'stall:bytes=60000,seconds=600', ends: 'done', speed: 1000 },
  { fault: 'slow-link:bytesPerSecond=4000000', ends: 'done', speed: 20 },
  { fault: 'jitter:msMax=20', ends: 'done', speed: 20 },
  { fault: 'agent-hangs', ends: 'device-link.not-ready', speed: 100 },
  { fault: 'late-service-tls:seconds=50', ends: 'done', speed: 100 },
  { fault: 'silence-before-first-message:seconds=62', ends: 'done', speed: 100 },
  { fault: 'silence-before-first-message:seconds=1140,at=midway', ends: 'done', speed: 1000 },
  { fault: 'reboot-midway', ends: 'device-link.ended' },
  { fault: 'screen-locks', ends: 'done' },
  { fault: 'screen-locks:fatal=yes', ends: 'mobilebackup2.items-not-copied' },
  { fault: 'no-room', ends: 'mobilebackup2.computer-full' },
  { fault: 'progress-falls-back', ends: 'done' },
  { fault: 'empty-download-list', ends: 'done' },
  { fault: 'payloads-missing-at-end', ends: 'mobilebackup2.backup-incomplete' },
  { fault: 'truncated-upload', ends: 'device-link.ended' },
  { fault: 'unreadable-file', ends: 'done' },
  { fault: 'unreadable-file:after=data', ends: 'done' },
  { fault: 'file-vanishes', ends: 'done' },
  { fault: 'file-grows', ends: 'done' },
  { fault: 'hostile-names:kind=climbing', ends: 'mobilebackup2.name-refused' },
  { fault: 'hostile-names:kind=absolute', ends: 'mobilebackup2.name-refused' },
  { fault: 'hostile-names:kind=foreign', ends: 'mobilebackup2.name-refused' },
  { fault: 'hostile-names:kind=nul', ends: 'mobilebackup2.name-refused' },
  { fault: 'hostile-names:kind=backslash', ends: 'mobilebackup2.name-refused' },
  { fault: 'hostile-names:kind=dots', ends: 'mobilebackup2.name-refused' },
  { fault: 'giant-manifest:rows=20000', ends: 'done' },
  { fault: 'clock-jump:minutes=-5000', ends: 'done' },
  { fault: 'snapshot-left-over', ends: 'mobilebackup2.half-finished-backup' },
  { fault: 'all-zero-disk-usage', ends: 'done' },
  { fault: 'error-code:code=208,at=begin', ends: 'mobilebackup2.passcode-not-entered' },
  { fault: 'error-code:code=104,at=end', ends: 'mobilebackup2.items-not-copied' },
];

/** Faults that a backup never meets, or that have their own test below. */
const ELSEWHERE = ['late-trust-dialogue'];

/** What our client makes of each number, wherever in the run it comes. */
const MEANINGS: Readonly<Record<number, string>> = {
  2: 'file-not-found',
  3: 'half-finished-backup',
  4: 'file-not-found',
  11: 'backup-incomplete',
  100: 'computer-unreadable',
  102: 'restart-first',
  103: 'backup-incomplete',
  104: 'items-not-copied',
  205: 'backup-incomplete',
  207: 'wrong-password',
  208: 'passcode-not-entered',
  211: 'find-my-on',
  212: 'setup-not-finished',
};

/** Of the same number, but of another text. */
const MEANINGS_OF_TEXTS: Readonly<Record<number, readonly string[]>> = {
  1: ['keychain-failed', 'backup-encrypted-by-policy'],
  105: ['computer-full', 'device-full'],
};

const clock = hurriedClock();
let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ clock });
  await pairStage(stage);
  await backUp();
});
afterAll(() => stage.close());

const backUp = () => backUpDevice({ ...stage, clock });

async function endingOf(): Promise<{ readonly ending: Ending; readonly dataState?: DataState }> {
  try {
    await backUp();
    return { ending: 'done' };
  } catch (error) {
    if (!(error instanceof OperationFailure)) throw error;
    return { ending: error.report.code, dataState: error.report.dataState };
  }
}

async function verdict(): Promise<string> {
  return (await verifyBackup(subTree(stage.home, joinPath(ROOT, stage.udid)))).verdict;
}

/** Some faults are there without a blow that could be counted. */
function isStruck(fault: string): (struck: number) => boolean {
  return (struck) => struck > 0 || /^(clock-jump|snapshot-left-over)/.test(fault);
}

/** Puts right what a fault has left on the phone, and waits until one that restarts is back. */
async function recover(): Promise<void> {
  const { phone } = stage;
  phone.condition.leftoverSnapshot = false;
  await expect.poll(() => phone.presence.connections.length, { timeout: 10_000 }).toBe(1);
  phone.unlock();
}

describe('a backup of a phone with a fault', () => {
  test.each(CASES)('$fault ends with $ends, harms nothing, and works without the fault', async (each) => {
    const { fault, ends, dataState = 'earlier-snapshots-intact', speed = 1 } = each;
    liveADayOrMore();
    const disarm = armFault(stage, fault);
    clock.speed = speed;
    try {
      const outcome = await endingOf();
      expect(outcome).toMatchObject({ ending: ends, ...(ends !== 'done' && { dataState }) });
      expect(stage.phone.faults.list()).toMatchObject([{ struck: expect.toSatisfy(isStruck(fault)) }]);
      if (ends !== 'done') expect(await verdict()).toBe('whole');
    } finally {
      clock.speed = 1;
      disarm();
      await recover();
    }
    await backUp();
    expect(await verdict()).toBe('whole');
  });

  test('every fault of the registry has been tried', () => {
    const tried = CASES.map(({ fault }) => fault.split(':')[0]);
    expect([...new Set([...tried, ...ELSEWHERE])].sort()).toEqual(FAULTS.map(({ name }) => name).sort());
  });
});

describe('a phone that ends a backup with an error', () => {
  test.each(allErrorReplies())(
    'of number $code in text $text is understood, whenever it says so',
    async (reply) => {
      const { code, text } = reply;
      for (const at of ['begin', 'midway', 'end']) {
        liveADayOrMore();
        const disarm = armFault(stage, `error-code:code=${code},text=${text},at=${at}`);
        const { ending, dataState } = await endingOf();
        disarm();
        const meaning = typeof MEANINGS[code] === 'string' ? [MEANINGS[code]] : MEANINGS_OF_TEXTS[code];
        expect(ending, at).toBe(`mobilebackup2.${meaning?.[Math.min(text, meaning.length) - 1]}`);
        expect(dataState, at).toBe('earlier-snapshots-intact');
      }
      expect(await verdict()).toBe('whole');
    },
  );

  test('can be backed up afterwards', async () => {
    await backUp();
    expect(await verdict()).toBe('whole');
  });
});

let day = 0;

/** Something of every kind changes, enough for two batches of files. */
function liveADayOrMore(): void {
  day += 1;
  for (let index = 0; index < 140; index += 1) {
    const photo = `/var/mobile/Media/DCIM/100APPLE/DAY_${index}.JPG`;
    stage.phone.files.writeFile(photo, Buffer.from(`day ${day} ${index}`));
  }
  liveADay(stage);
}
