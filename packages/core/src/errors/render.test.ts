import { describe, expect, test } from 'vitest';
import type { FailureReport } from './data-state.ts';
import { failureToJson, renderCatalogue, renderFailure } from './render.ts';

const REPORT: FailureReport = {
  code: 'usbmux.frame-cut-short',
  happened: 'The USB connection closed in the middle of a message.',
  next: 'Check the cable, then run the backup again.',
  retry: 'now',
  details: { receivedBytes: 3, expectedBytes: 16n, waited: undefined },
  dataState: 'earlier-snapshots-intact',
  yourData: 'Your backup of 3 May is intact.',
};

describe('a failure on a terminal', () => {
  test('gives its four facts in three lines', () => {
    expect(renderFailure(REPORT)).toBe(
      [
        'The USB connection closed in the middle of a message.                     usbmux.frame-cut-short',
        '  Your data   Your backup of 3 May is intact.',
        '  Next        Check the cable, then run the backup again.',
        '',
      ].join('\n'),
    );
  });

  test.each([73, 74, 75, 200])('keeps its code apart from a sentence of %i letters', (length) => {
    const happened = 'x'.repeat(length);
    const [first] = renderFailure({ ...REPORT, happened }).split('\n');
    expect(first).toMatch(/^x+ +usbmux\.frame-cut-short$/);
  });

  test('does not show details: the sentences say what people need', () => {
    expect(renderFailure(REPORT)).not.toContain('16');
  });
});

describe('a failure for a script', () => {
  test('has the promised keys, and can be serialised whatever the details are', () => {
    const document: unknown = JSON.parse(JSON.stringify(failureToJson(REPORT)));
    expect(document).toEqual({
      error: {
        code: REPORT.code,
        happened: REPORT.happened,
        yourData: REPORT.yourData,
        next: REPORT.next,
        dataState: 'earlier-snapshots-intact',
        details: { receivedBytes: 3, expectedBytes: '16' },
      },
    });
  });
});

test('a catalogue becomes a table with its area as heading', () => {
  const page = renderCatalogue('door', {
    stuck: { happened: 'The door is stuck after {turns} turns.', next: 'Push.', retry: 'now' },
  });
  expect(page).toBe(
    [
      '## door',
      '',
      '| code | what happened | what to do next |',
      '|---|---|---|',
      '| `door.stuck` | The door is stuck after {turns} turns. | Push. |',
      '',
    ].join('\n'),
  );
});
