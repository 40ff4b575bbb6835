import { type FindingCode, verifyBackup } from '@rootcellar/backup';
import { type DataState, joinPath, OperationFailure, ROOT, subTree, systemClock } from '@rootcellar/core';
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
  /** Minutes pass on the clocks of both once the fault has struck. */
  readonly takesLong?: boolean;
  /** What is not as it was on the phone, in the backup that is made all the same. */
  readonly leaves?: FindingCode;
}

const CASES: readonly Case[] = [
  { fault: 'disconnect-after-bytes:bytes=0', ends: 'device-link.not-ready' },
  { fault: 'disconnect-after-bytes:bytes=60000', ends: 'device-link.ended' },
  { fault: 'disconnect-after-bytes:bytes=2000,service=com.apple.mobile.installation_proxy', ends: 'done' },
  { fault: 'disconnect-after-messages:messages=0', ends: 'device-link.ended' },
  { fault: 'disconnect-after-messages:messages=300', ends: 'device-link.ended' },
  { fault: 'stall:bytes=60000', ends: 'device-link.silent', takesLong: true },
  { fault: 'stall:bytes=60000,seconds=600', ends: 'done', takesLong: true },
  { fault: 'slow-link:bytesPerSecond=4000000', ends: 'done' },
  { fault: 'jitter:msMax=20', ends: 'done' },
  { fault: 'agent-hangs', ends: 'device-link.not-ready', takesLong: true },
  { fault: 'late-service-tls:seconds=50', ends: 'done', takesLong: true },
  { fault: 'silence-before-first-message:seconds=62', ends: 'done', takesLong: true },
  { fault: 'silence-before-first-message:seconds=1140,at=midway', ends: 'done', takesLong: true },
  { fault: 'reboot-midway', ends: 'device-link.ended' },
  { fault: 'screen-locks', ends: 'done' },
  { fault: 'screen-locks:fatal=yes', ends: 'mobilebackup2.items-not-copied' },
  { fault: 'no-room', ends: 'mobilebackup2.computer-full' },
  { fault: 'progress-falls-back', ends: 'done' },
  { fault: 'empty-download-list', ends: 'done' },
  { fault: 'payloads-missing-at-end', ends: 'mobilebackup2.backup-incomplete' },
  { fault: 'truncated-upload', ends: 'device-link.ended' },
  { fault: 'unreadable-file', ends: 'done', leaves: 'blob-empty' },
  { fault: 'unreadable-file:after=data', ends: 'done', leaves: 'length-differs' },
  { fault: 'file-vanishes', ends: 'done', leaves: 'blob-empty' },
  { fault: 'file-grows', ends: 'done', leaves: 'length-differs' },
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

const MOMENTS = ['begin', 'midway', 'end'] as const;

/** What our client makes of each number; of several texts in their order, where they mean different things. */
const MEANINGS: Readonly<Record<number, readonly string[]>> = {
  1: ['keychain-failed', 'backup-encrypted-by-policy'],
  2: ['file-not-found'],
  3: ['half-finished-backup'],
  4: ['file-not-found'],
  11: ['backup-incomplete'],
  100: ['computer-unreadable'],
  102: ['restart-first'],
  103: ['backup-incomplete'],
  104: ['items-not-copied'],
  105: ['computer-full', 'device-full'],
  205: ['backup-incomplete'],
  207: ['wrong-password'],
  208: ['passcode-not-entered'],
  211: ['find-my-on'],
  212: ['setup-not-finished'],
};

/** So that nobody waits for the owner who reacts after half a second. */
const SPEED = 20;

const clock = hurriedClock(SPEED);
let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ clock });
  await pairStage(stage);
  await backUp();
});
afterAll(() => stage.close());

const backUp = (options: { readonly full?: boolean } = {}) => backUpDevice({ ...stage, ...options, clock });

async function endingOf(): Promise<{ readonly ending: Ending; readonly dataState?: DataState }> {
  try {
    await backUp();
    return { ending: 'done' };
  } catch (error) {
    if (!(error instanceof OperationFailure)) throw error;
    return { ending: error.report.code, dataState: error.report.dataState };
  }
}

/** What a check of every byte finds in the backup in place, if it is not simply whole. */
async function findings(): Promise<readonly FindingCode[]> {
  const { verdict, findings: found } = await verifyBackup(subTree(stage.home, joinPath(ROOT, stage.udid)));
  const odd = found.filter(({ severity }) => severity !== 'information').map(({ code }) => code);
  expect(verdict === 'whole').toBe(odd.length === 0);
  return odd;
}

/** Lets half an hour pass in two seconds, but not before: time-outs of what goes well are short by then. */
async function hurryOnceStruck(signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (stage.phone.faults.list()[0]?.struck ?? 0) === 0) {
    await systemClock.sleep(10, signal);
  }
  if (!signal.aborted) clock.setSpeed(1000);
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
    const { fault, ends, leaves, dataState = 'earlier-snapshots-intact', takesLong = false } = each;
    liveADayOrMore();
    const disarm = armFault(stage, fault);
    const over = new AbortController();
    if (takesLong) void hurryOnceStruck(over.signal);
    try {
      const outcome = await endingOf();
      expect(outcome).toMatchObject({ ending: ends, ...(ends !== 'done' && { dataState }) });
      expect(stage.phone.faults.list()).toMatchObject([{ struck: expect.toSatisfy(isStruck(fault)) }]);
      expect(await findings()).toEqual(leaves === undefined ? [] : [leaves]);
    } finally {
      over.abort();
      clock.setSpeed(SPEED);
      disarm();
      await recover();
    }
    await backUp({ full: leaves !== undefined });
    expect(await findings()).toEqual([]);
  });

  test('every fault of the registry has been tried', () => {
    const tried = CASES.map(({ fault }) => fault.split(':')[0]);
    expect([...new Set([...tried, ...ELSEWHERE])].sort()).toEqual(FAULTS.map(({ name }) => name).sort());
  });
});

describe('a phone that ends a backup with an error', () => {
  const replies = allErrorReplies().map((reply, index) => ({
    ...reply,
    at: MOMENTS[index % MOMENTS.length],
  }));

  test.each(replies)('of number $code in text $text, $at, is understood', async ({ code, text, at }) => {
    liveADayOrMore();
    const disarm = armFault(stage, `error-code:code=${code},text=${text},at=${at}`);
    const meanings = MEANINGS[code] ?? [];
    const ending = `mobilebackup2.${meanings[Math.min(text, meanings.length) - 1]}`;
    expect(await endingOf()).toEqual({ ending, dataState: 'earlier-snapshots-intact' });
    disarm();
  });

  test('can be backed up afterwards', async () => {
    await backUp();
    expect(await findings()).toEqual([]);
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
