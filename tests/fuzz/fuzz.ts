import type { Duplex } from 'node:stream';
import { KnownError, seededRandom, systemClock } from '@rootcellar/core';
import { backupConversations } from './backup-conversations.ts';
import type { Conversation } from './conversation.ts';
import type { Framing } from './framing.ts';
import { nextTurn, turningClock } from './fuzzed-phone.ts';
import { lockdownConversations } from './lockdown-conversations.ts';
import { mutate } from './mutations.ts';
import { recordedWire, scriptedStream } from './scripted-stream.ts';
import { serviceConversations } from './service-conversations.ts';
import { usbmuxConversations } from './usbmux-conversations.ts';

/** One listener, and something sensible that it could hear. */
export interface FuzzTarget {
  readonly name: string;
  readonly framing: Framing;
  readonly weight: number;
  readonly hears: readonly Uint8Array[];
  readonly listen: (stream: Duplex) => Promise<unknown>;
}

/**
 * Turns of the event loop after which a case hangs: everything has been said by then, and no time that anybody
 * waits for can pass. Files of this computer take some turns.
 */
const TURNS_MAX = 2_000_000;

/** Records every conversation. @returns both sides of each as listeners */
export async function openTargets(): Promise<readonly FuzzTarget[]> {
  const conversations = [
    ...usbmuxConversations(),
    ...(await lockdownConversations()),
    ...serviceConversations(),
    ...(await backupConversations()),
  ];
  const targets: FuzzTarget[] = [];
  for (const conversation of conversations) targets.push(...(await targetsOf(conversation)));
  return targets;
}

async function targetsOf(conversation: Conversation): Promise<readonly FuzzTarget[]> {
  const { name, framing, weight, host, phone, says } = conversation;
  const said = says ? { host: says, phone: says } : await record(conversation);
  return [
    ...(host
      ? [
          {
            name: `client: ${name}`,
            framing,
            weight,
            hears: said.phone,
            listen: (stream: Duplex) => host(stream, turningClock()),
          },
        ]
      : []),
    ...(phone ? [{ name: `simulator: ${name}`, framing, weight, hears: said.host, listen: phone }] : []),
  ];
}

async function record({ name, host, phone }: Conversation) {
  if (!host || !phone) throw new Error(`${name} has nobody to talk to, and says nothing`);
  const wire = recordedWire();
  const served = phone(wire.phone).catch(() => {});
  // Files of this computer take their time here, so time must not run ahead.
  await host(wire.host, systemClock);
  wire.host.destroy();
  await served;
  return wire.recording;
}

export interface FuzzOptions {
  readonly seed: string;
  readonly cases: number;
  readonly targets: readonly FuzzTarget[];
  readonly onCase?: (done: number) => void;
}

/** How often each target ended in each way: `client: afc` → `value` or a code → times. */
export type FuzzTally = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Lets every target hear spoilt conversations. Case `n` of a seed is the same each time.
 *
 * @throws Error that names the case, if one ends in anything but a value or a typed error
 */
export async function fuzz({ seed, cases, targets, onCase }: FuzzOptions): Promise<FuzzTally> {
  const tally = new Map<string, Map<string, number>>();
  const wheel = targets.flatMap((target) => Array.from({ length: target.weight }, () => target));
  for (let number = 0; number < cases; number += 1) {
    const target = wheel[number % wheel.length];
    if (target === undefined) throw new Error('There is no target');
    const ending = await playCase(target, `${seed}/${number}`);
    const endings = tally.get(target.name) ?? new Map<string, number>();
    tally.set(target.name, endings.set(ending, (endings.get(ending) ?? 0) + 1));
    onCase?.(number + 1);
  }
  return tally;
}

/** @returns `value`, or the code of the error */
export async function playCase(target: FuzzTarget, seed: string): Promise<string> {
  const hears = mutate(target.hears, seededRandom(seed), target.framing);
  const stray: unknown[] = [];
  const onStray = (error: unknown): void => void stray.push(error);
  process.on('unhandledRejection', onStray);
  process.on('uncaughtException', onStray);
  const where = `${target.name}, case ${seed}`;
  const stream = scriptedStream(hears);
  try {
    const ending = await withinTurns(endingOf(target.listen(stream)), where);
    await nextTurn();
    if (stray.length > 0) throw stray[0];
    return ending;
  } catch (error) {
    throw new Error(`${where} ended in no typed error`, { cause: error });
  } finally {
    stream.destroy();
    process.off('unhandledRejection', onStray);
    process.off('uncaughtException', onStray);
  }
}

async function endingOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'value';
  } catch (error) {
    if (error instanceof KnownError) return error.code;
    throw error;
  }
}

async function withinTurns<Value>(work: Promise<Value>, where: string): Promise<Value> {
  const over = new AbortController();
  const hang = (async (): Promise<never> => {
    for (let turn = 0; turn < TURNS_MAX && !over.signal.aborted; turn += 1) await nextTurn();
    throw new Error(`${where} hangs`);
  })();
  hang.catch(() => {});
  try {
    return await Promise.race([work, hang]);
  } finally {
    over.abort();
  }
}
