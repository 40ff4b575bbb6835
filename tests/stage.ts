import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, folderTree, Secret, systemClock, type WritableTree } from '@rootcellar/core';
import type { Usbmux } from '@rootcellar/device';
import {
  type BackupTarget,
  changeEncryption,
  type EncryptionReport,
  folderTarget,
  pairDevice,
  usbmuxOfThisComputer,
} from '@rootcellar/operations';
import {
  type DeviceKey,
  makeDeviceKey,
  type OwnerKind,
  type PhoneOptions,
  readFaultText,
  type SimulatedPhone,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '@rootcellar/simulator';

/** A simulated phone at the cable, and a folder for its backups. */
export interface Stage {
  readonly simulator: Simulator;
  readonly phone: SimulatedPhone;
  readonly udid: string;
  readonly usbmux: Usbmux;
  /** Temporary; everything of the test is below it. */
  readonly folder: string;
  readonly dataFolder: string;
  /** Of the backups of our client. */
  readonly backups: string;
  readonly home: WritableTree;
  /** The same, for `backUpDevice`. */
  readonly target: BackupTarget;
  /** For clients that are not ours. */
  readonly env: { readonly USBMUXD_SOCKET_ADDRESS: string };
  close(): Promise<void>;
}

export interface StageOptions extends Omit<SimulatorOptions, 'phones'> {
  readonly ios?: string;
  readonly model?: string;
  readonly owner?: OwnerKind;
  readonly seed?: string;
  readonly profile?: string;
  /** How often a backup password is stretched; 1,000 times unless given, a real phone does it ten million. */
  readonly pbkdf2Rounds?: number;
  /** More phones at other cables. */
  readonly others?: readonly PhoneOptions[];
}

/** One key for all phones of a test run: making one takes up to a second. */
let deviceKey: DeviceKey | undefined;

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const { ios, model, owner, seed = 'stage', profile, others = [], backupAgent, ...rest } = options;
  const { pbkdf2Rounds = 1000 } = options;
  deviceKey ??= await makeDeviceKey();
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-stage-'));
  const simulator = await startSimulator({
    socketPath: join(folder, 'mux.sock'),
    ...rest,
    backupAgent: { pbkdf2Rounds, ...backupAgent },
    phones: [
      { ios, model, owner, seed, profile, deviceKey },
      ...others.map((other) => ({ ...other, deviceKey })),
    ],
  });
  const [phone] = simulator.phones;
  if (phone === undefined) throw new Error('No phone was started');
  const backups = join(folder, 'backups');
  const home = folderTree(backups);
  return {
    simulator,
    phone,
    udid: phone.identity.udid,
    usbmux: usbmuxOfThisComputer(simulator.tcp),
    folder,
    dataFolder: join(folder, 'data'),
    backups,
    home,
    target: folderTarget(home),
    env: { USBMUXD_SOCKET_ADDRESS: simulator.socket ?? simulator.tcp },
    async close() {
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes something go wrong on the phone, as `--fault` does. @returns how to put it right */
export function armFault({ phone }: Stage, text: string): () => void {
  const request = readFaultText(text);
  phone.faults.arm(phone, request);
  return () => void phone.faults.disarm(request.fault.name);
}

/**
 * A clock that can be told to run faster, for waits of minutes that nobody wants to sit through. Who sleeps
 * already wakes by the new speed.
 */
export function hurriedClock(initialSpeed: number): Clock & { setSpeed(speed: number): void } {
  let speed = initialSpeed;
  let sinceMs = Date.now();
  let passedMs = sinceMs;
  const nowMs = (): number => passedMs + (Date.now() - sinceMs) * speed;
  const sleepers = new Set<() => void>();
  return {
    now: () => new Date(nowMs()),
    sleep: async (ms, signal) => {
      const untilMs = nowMs() + ms;
      while (nowMs() < untilMs && !signal?.aborted) {
        const hurry = new AbortController();
        const wake = (): void => hurry.abort();
        sleepers.add(wake);
        const either = signal ? AbortSignal.any([signal, hurry.signal]) : hurry.signal;
        await systemClock.sleep(Math.max(0, Math.ceil((untilMs - nowMs()) / speed)), either);
        sleepers.delete(wake);
      }
    },
    setSpeed: (next) => {
      passedMs = nowMs();
      sinceMs = Date.now();
      speed = next;
      for (const wake of [...sleepers]) wake();
    },
  };
}

/** With the owner at the phone, who taps Trust. */
export async function pairStage({ usbmux }: Stage): Promise<void> {
  await pairDevice({ usbmux });
}

/** Sets, changes or removes the password of the phone's backups; an absent one is none. */
export function setBackupPassword(
  { usbmux, udid, dataFolder }: Stage,
  passwords: { readonly old?: string; readonly new?: string },
): Promise<EncryptionReport> {
  const given = (password: string | undefined) => async () => new Secret(password ?? '');
  return changeEncryption({
    usbmux,
    device: udid,
    dataFolder,
    change: passwords.old === undefined ? 'on' : passwords.new === undefined ? 'off' : 'change',
    askPassword: given(passwords.old),
    askNewPassword: given(passwords.new),
  });
}

/** Erases the phone and pairs with it again, as its owner would before a restore. */
export async function eraseAndPair(stage: Stage): Promise<void> {
  await stage.phone.erase();
  await pairStage(stage);
}

/** What changes on a phone between two backups: something of every kind that can go wrong. */
export function liveADay({ phone: { files } }: Stage): void {
  const photos = '/var/mobile/Media/DCIM/100APPLE';
  const [first, second, third] = files.list(photos);
  if (!first || !second || !third) throw new Error('A phone without photos');
  files.writeFile(`${photos}/IMG_9001.JPG`, Buffer.from('a new photo'));
  files.rename(`${photos}/${second}`, `${photos}/IMG_9002.JPG`);
  files.remove(`${photos}/${first}`);
  rewriteInPlace(files, `${photos}/${third}`);
  files.writeFile(`${photos}/empty-${'e\u0301'}.jpg`, new Uint8Array());
}

/** Other bytes, but the same size and time of change: only the status change time tells. */
function rewriteInPlace(files: SimulatedPhone['files'], path: string): void {
  const node = files.stat(path);
  if (node === undefined) throw new Error('Nothing to rewrite');
  const { modifiedAt } = node.attributes;
  files.writeFile(path, Buffer.alloc(node.sizeBytes, 0x5a), { modifiedAt });
}

const UNLOCKED_WITHIN_MS = 30_000;
const LOOK_EACH_MS = 20;

/** The phone has restarted, as after a restore: its owner unlocks it after a moment. */
export async function untilUnlocked({ phone }: Stage): Promise<void> {
  const late = Date.now() + UNLOCKED_WITHIN_MS;
  while (!phone.presence.running || !phone.unlockedSinceBoot) {
    if (Date.now() > late) throw new Error('Nobody has unlocked the phone');
    await sleep(LOOK_EACH_MS);
  }
}
