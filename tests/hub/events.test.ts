import { hubEvent } from '@rootcellar/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backUpThroughHub, type HubStage, openHubStage, pairThroughHub, type Visitor } from './hub-stage.ts';

let stage: HubStage;
let ann: Visitor;
beforeAll(async () => {
  stage = await openHubStage();
  ann = await stage.signInByLink();
  await pairThroughHub(ann, stage.udid);
});
afterAll(() => stage.close());

interface Heard {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** Listens until `isEnough`, and goes away. */
async function listen(
  lastEventID: string | undefined,
  isEnough: (heard: readonly Heard[]) => boolean,
): Promise<readonly Heard[]> {
  const gone = new AbortController();
  const answer = await ann.ask('/api/events', {
    signal: gone.signal,
    ...(lastEventID !== undefined && { headers: { 'last-event-id': lastEventID } }),
  });
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  let text = '';
  const heard = () => text.split('\n\n').slice(0, -1).flatMap(parse);
  for await (const piece of answer.body ?? []) {
    text += Buffer.from(piece).toString();
    if (isEnough(heard())) break;
  }
  gone.abort();
  return heard();
}

function parse(frame: string): readonly Heard[] {
  const [, id, event, data] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(frame) ?? [];
  return id === undefined ? [] : [{ id, event: event ?? '', data: JSON.parse(data ?? 'null') }];
}

const isDone = (heard: readonly Heard[]) =>
  heard.some(({ data }) => (data as { state?: string }).state === 'done');

describe('the stream of events', () => {
  test('begins with reset, tells jobs, prompts, devices and backups, each as the API describes them', async () => {
    const listening = listen(
      undefined,
      (heard) => isDone(heard) && heard.some(({ event }) => event === 'backups'),
    );
    await backUpThroughHub(ann, stage.udid);
    const heard = await listening;
    expect(heard[0]?.event).toBe('reset');
    for (const { event, data } of heard) hubEvent.parse({ event, data });
    const prompts = heard
      .filter(({ event }) => event === 'prompt')
      .map(({ data }) => (data as { prompt: unknown }).prompt);
    expect(prompts).toEqual(['passcode', null]);
    expect(heard.map(({ event }) => event)).toContain('device');
    const states = heard
      .filter(({ event }) => event === 'job')
      .map(({ data }) => (data as { state: string }).state);
    expect([...new Set(states)]).toEqual(
      expect.arrayContaining(['waiting-for-passcode', 'receiving', 'done']),
    );
  });

  test('goes on where a client was cut off, without reset', async () => {
    const [first] = await listen(undefined, (heard) => heard.length > 0);
    await backUpThroughHub(ann, stage.udid);
    const missed = await listen(first?.id, isDone);
    expect(missed.map(({ event }) => event)).not.toContain('reset');
    expect(missed.filter(({ event }) => event === 'job')).toHaveLength(1);
  });

  test('says reset when too much was missed, or when it is of another run of the hub', async () => {
    for (const id of ['1', 'x-1', 'zzzz-99', `${'9'.repeat(30)}-1`, '']) {
      const [first] = await listen(id, (heard) => heard.length > 0);
      expect(first?.event).toBe('reset');
    }
  });

  test('lets go of listeners that went away', async () => {
    for (let count = 0; count < 30; count += 1) await listen(undefined, (heard) => heard.length > 0);
    await backUpThroughHub(ann, stage.udid);
    const [first] = await listen(undefined, (heard) => heard.length > 0);
    expect(first?.event).toBe('reset');
  });

  test('200 pages can listen while a phone is backed up', async () => {
    const gone = new AbortController();
    const streams = await Promise.all(
      Array.from({ length: 200 }, () => ann.ask('/api/events', { signal: gone.signal })),
    );
    expect(streams.every(({ status }) => status === 200)).toBe(true);
    expect((await backUpThroughHub(ann, stage.udid)).state).toBe('done');
    const startedAt = Date.now();
    await ann.ask('/api/devices');
    expect(Date.now() - startedAt).toBeLessThan(1000);
    gone.abort();
  });
});
