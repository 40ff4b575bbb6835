import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { api } from '@rootcellar/api';
import { cookieOf, pairThroughHub, untilJob, type Visitor, visitor } from '../hub-stage.ts';
import { type OtherProcess, rssOf, startProcess, startProgram } from './load-processes.ts';
import { type LoadReport, percentile } from './load-report.ts';

export interface Load {
  /** Simulated phones at their cables. */
  readonly phones: number;
  /** Of them, those that are backed up all the time. */
  readonly backingUp: number;
  /** Pages that follow the events. */
  readonly listeners: number;
  readonly profile: string;
  readonly seconds: number;
}

/** What people look at, one after the other. */
const ASKED = [
  '/api/devices',
  '/api/jobs?limit=30',
  '/api/hub',
  '/api/backups',
  '/api/session',
  '/api/ledger',
];

/** Between two questions of one person; four of them ask. */
const PAUSE_MS = 100;
const PEOPLE = 4;

const IDLE_MS = 5_000;
const JOB_TIMEOUT_MS = 300_000;

/**
 * Puts a load on a hub. Phones, hub and listeners are processes of their own; this one asks, and takes the time.
 *
 * @param onPhase hears what is done now
 */
export async function runLoad(load: Load, onPhase: (phase: string) => void = () => {}): Promise<LoadReport> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-load-'));
  const processes: OtherProcess[] = [];
  const start = async <Started extends OtherProcess>(starting: Promise<Started>): Promise<Started> => {
    const started = await starting;
    processes.push(started);
    return started;
  };
  try {
    onPhase(`${load.phones} phones are switched on`);
    const phones = await start(
      startProgram([
        'simulate',
        '--phones',
        String(load.phones),
        '--profile',
        load.profile,
        '--seed',
        'load',
      ]),
    );
    const { tcp, phones: known } = JSON.parse(phones.first) as { tcp: string; phones: { udid: string }[] };
    const data = ['--data', join(folder, 'data')];
    const hub = await start(
      startProgram(['start', '--json', '--no-open', '--port', '0', ...data], { USBMUXD_SOCKET_ADDRESS: tcp }),
    );
    const { url, link } = JSON.parse(hub.first) as { url: string; link: string };
    const who = visitor({ url }, cookieOf(await fetch(link, { redirect: 'manual' })));
    const udids = known.slice(0, load.backingUp).map(({ udid }) => udid);
    onPhase(`${udids.length} of them are paired`);
    for (const udid of udids) await pairThroughHub(who, udid);
    await untilAllSeen(who, load.phones);

    const idle = await askForAWhile(who, AbortSignal.timeout(IDLE_MS));
    const idleRss = await rssOf(hub.pid);
    const script = join(import.meta.dirname, 'listeners.ts');
    const listeners = await start(startProcess([script, url, who.cookie, String(load.listeners)]));
    onPhase(`${load.listeners} pages listen; ${udids.length} phones are backed up for ${load.seconds} s`);
    const measured = await measure(who, { udids, hub, seconds: load.seconds });
    await listeners.end();
    return { ...measured, ...whatWasHeard(listeners), idleP95Ms: percentile(idle.times, 0.95), idleRss };
  } finally {
    for (const process of processes.toReversed()) await process.end();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  who: Visitor,
  options: { readonly udids: readonly string[]; readonly hub: OtherProcess; readonly seconds: number },
) {
  const { udids, hub, seconds } = options;
  const stop = AbortSignal.timeout(seconds * 1000);
  const [asked, thirdsRss, ...backups] = await Promise.all([
    askForAWhile(who, stop),
    watchMemory(hub.pid, seconds, stop),
    ...udids.map((udid) => backUpForAWhile(who, udid, stop)),
  ]);
  const { times, failed } = asked;
  return {
    requests: times.length + failed,
    failed,
    p50Ms: percentile(times, 0.5),
    p95Ms: percentile(times, 0.95),
    backupsDone: backups.reduce((sum, { done }) => sum + done, 0),
    backupsFailed: backups.reduce((sum, each) => sum + each.failed, 0),
    thirdsRss,
  };
}

/** Some people look at pages. @returns how long each answer took, to its last byte */
async function askForAWhile({ ask }: Visitor, stop: AbortSignal) {
  const times: number[] = [];
  let failed = 0;
  const person = async (first: number): Promise<void> => {
    for (let at = first; !stop.aborted; at += 1) {
      const startedAt = performance.now();
      const isGood = await ask(ASKED[at % ASKED.length] ?? '').then(
        async (answer) => (await answer.arrayBuffer()).byteLength > 0 && answer.ok,
        () => false,
      );
      if (isGood) times.push(performance.now() - startedAt);
      else failed += 1;
      await sleep(PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: PEOPLE }, (_, index) => person(index)));
  return { times, failed };
}

/** One backup after the other, each of everything; the last is waited for. */
async function backUpForAWhile(who: Visitor, udid: string, stop: AbortSignal) {
  let done = 0;
  let failed = 0;
  while (!stop.aborted) {
    const { job } = await who.call(api.devices.backUpDevice, { params: { udid }, body: { full: true } });
    const { state } = await untilJob(who, job, undefined, JOB_TIMEOUT_MS);
    if (state === 'done') done += 1;
    else failed += 1;
  }
  return { done, failed };
}

async function watchMemory(
  pid: number,
  seconds: number,
  stop: AbortSignal,
): Promise<LoadReport['thirdsRss']> {
  const thirds: [number, number, number] = [0, 0, 0];
  const startedAt = performance.now();
  while (!stop.aborted) {
    const third = Math.min(2, Math.floor(((performance.now() - startedAt) / (seconds * 1000)) * 3));
    thirds[third] = Math.max(thirds[third] ?? 0, await rssOf(pid));
    await sleep(200);
  }
  return thirds;
}

function whatWasHeard({ lines }: OtherProcess) {
  const { heard, broken } = JSON.parse(lines.at(-1) ?? '') as { heard: number[]; broken: number };
  return { heardLeast: Math.min(...heard), heardMost: Math.max(...heard), listenersLost: broken };
}

async function untilAllSeen({ call }: Visitor, phones: number): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const { devices } = await call(api.devices.listDevices);
    if (devices.filter(({ trust }) => trust !== 'unknown').length >= phones) return;
    await sleep(100);
  }
  throw new Error('The hub does not see all phones');
}
