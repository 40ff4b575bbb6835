import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@rootcellar/core';
import { armFault, type Stage } from '../stage.ts';
import type { RunningCommand } from './running-command.ts';

/** How long a run takes, and what passes, if nobody disturbs it. */
export interface Extent {
  readonly runMs: number;
  readonly bytes: number;
  readonly messages: number;
}

/** One way to end a run before its time. */
export interface Cut {
  readonly by: 'kill' | 'cable' | 'restart';
  readonly how: string;
  /** Begins before the run does. @returns what is to be put right when it is over */
  readonly arm: (scene: Scene) => () => Promise<void>;
}

export interface Scene {
  readonly stage: Stage;
  readonly random: Random;
  readonly extent: Extent;
  /** Resolves when the command has started. */
  readonly command: Promise<RunningCommand>;
}

/** A cable that is put back at once, and one that is put back after a while. */
const UNPLUGGED_MS_MAX = 300;

/** Each kind as often as the others: one line for each way. */
const KINDS: readonly (readonly Cut[])[] = [
  [
    {
      by: 'kill',
      how: 'killed',
      arm: (scene) => atAnyMoment(scene, (command) => command.kill()),
    },
  ],
  [
    {
      by: 'cable',
      how: 'unplugged',
      arm: (scene) =>
        atAnyMoment(scene, async () => {
          const { presence } = scene.stage.phone;
          presence.setPlugged(false);
          await sleep(scene.random.below(UNPLUGGED_MS_MAX));
          presence.setPlugged(true);
        }),
    },
    {
      by: 'cable',
      how: 'disconnect-after-bytes',
      arm: ({ stage, random, extent }) =>
        faulty(stage, `disconnect-after-bytes:bytes=${random.below(extent.bytes)}`),
    },
    {
      by: 'cable',
      how: 'disconnect-after-messages',
      arm: ({ stage, random, extent }) =>
        faulty(stage, `disconnect-after-messages:messages=${random.below(extent.messages)}`),
    },
  ],
  [
    {
      by: 'restart',
      how: 'restarted',
      arm: (scene) => atAnyMoment(scene, () => scene.stage.phone.restart()),
    },
    {
      by: 'restart',
      how: 'reboot-midway',
      arm: ({ stage, random }) =>
        faulty(stage, `reboot-midway:at=${random.pick(['begin', 'midway', 'end'])}`),
    },
  ],
];

export function pickCut(random: Random): Cut {
  return random.pick(random.pick(KINDS));
}

function atAnyMoment(
  { random, extent, command }: Scene,
  blow: (command: RunningCommand) => void | Promise<void>,
): () => Promise<void> {
  const afterMs = random.below(extent.runMs);
  const struck = command.then(async (running) => {
    await running.begun;
    await sleep(afterMs);
    await blow(running);
  });
  // Whoever awaits it comes later.
  struck.catch(() => {});
  return () => struck;
}

function faulty(stage: Stage, text: string): () => Promise<void> {
  const disarm = armFault(stage, text);
  return async () => disarm();
}
