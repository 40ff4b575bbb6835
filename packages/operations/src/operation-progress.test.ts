import { manualClock, type ProgressEvent } from '@rootcellar/core';
import { expect, test } from 'vitest';
import { operationProgress } from './operation-progress.ts';

function listening() {
  const events: ProgressEvent[] = [];
  const clock = manualClock(new Date('2026-05-03T10:00:00Z'));
  const begins = { message: 'DLMessageUploadFiles', phase: 'receiving' };
  const progress = operationProgress({ listener: (event) => events.push(event), clock, begins });
  const session = (message: string, bytes: number, fraction?: number) =>
    progress.session({ message, bytes, files: 0, ...(fraction !== undefined && { fraction }) });
  return { events, clock, progress, session };
}

test('content that travels begins its phase, and nothing of the phone ends it', () => {
  const { events, clock, progress, session } = listening();
  progress.phase('preparing');
  session('DLMessageDownloadFiles', 1);
  for (const message of ['DLMessageUploadFiles', 'DLMessageMoveItems', 'DLMessageDownloadFiles']) {
    clock.advance(1000);
    session(message, 2);
  }
  expect(events.map(({ phase }) => phase)).toEqual(['preparing', 'receiving', 'receiving', 'receiving']);
});

test('progress never runs backwards', () => {
  const { events, clock, session } = listening();
  for (const fraction of [0.2, 0.85, 0.65, Number.NaN, 7]) {
    clock.advance(1000);
    session('DLMessageUploadFiles', 1, fraction);
  }
  expect(events.map(({ fraction }) => fraction)).toEqual([0.2, 0.85, 0.85, 0.85, 1]);
});

test('a thousand blocks in a second are told ten times, and a new phase at once', () => {
  const { events, clock, progress, session } = listening();
  progress.phase('preparing');
  for (let block = 0; block < 1000; block += 1) {
    session('DLMessageUploadFiles', block);
    clock.advance(1);
  }
  progress.phase('verifying');
  expect(events.length).toBeGreaterThanOrEqual(11);
  expect(events.length).toBeLessThanOrEqual(13);
  expect(events.at(-1)).toMatchObject({ phase: 'verifying', bytes: expect.any(Number) });
});

test('a note stays until the phase changes', () => {
  const { events, clock, progress, session } = listening();
  progress.phase('waiting-for-passcode', 'Enter the passcode.');
  clock.advance(1000);
  session('DLMessageDownloadFiles', 1);
  progress.phase('preparing');
  expect(events.map(({ note }) => note)).toEqual(['Enter the passcode.', 'Enter the passcode.', undefined]);
});
