import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { askControl } from './browser-stage.ts';
import { launchChromium, newPage } from './chromium.ts';
import { type OwnDisk, ownDisk } from './own-disk.ts';
import { type Program, startProgram } from './program.ts';

/** A hub and its simulated phones in a process each, so that one may die, or run out of disk, without the other. */
export interface ApartStage {
  /** The same after the hub was started again. */
  readonly url: string;
  /** Signs in once; another one after each start. */
  readonly link: string;
  readonly udid: string;
  /** Of all phones. */
  readonly udids: readonly string[];
  /** With the data of the hub. */
  readonly disk: OwnDisk;
  page(options?: BrowserContextOptions): Promise<Page>;
  /** The phones, asked directly; see docs/formats/control-api.md. */
  ask(path: string, body?: unknown): Promise<unknown>;
  /** The next backup of a phone stands still in the middle for so long. */
  holdBackup(udid: string, hold: { readonly afterBytes: number; readonly seconds: number }): Promise<void>;
  /** As a power cut would. */
  killHub(): Promise<void>;
  startHub(): Promise<void>;
  /** Its connections stay open and nothing comes: as when its computer was switched off. */
  silenceHub(): void;
  wakeHub(): void;
  close(): Promise<void>;
}

interface HubReady {
  readonly url: string;
  readonly link: string;
}

interface SimulatorReady {
  readonly socket: string;
  readonly control: string;
  readonly phones: readonly { readonly udid: string }[];
}

export interface ApartStageOptions {
  /** Default 1. */
  readonly phones?: number;
  /** The data of the hub lies on a disk of its own, of so many bytes. */
  readonly diskBytes?: number;
}

export async function openApartStage(options: ApartStageOptions = {}): Promise<ApartStage> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-apart-'));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const step of undo.reverse().splice(0)) await step();
  };
  try {
    const simulator = await startPhones(folder, options.phones ?? 1);
    undo.push(simulator.end);
    const data = join(folder, 'data');
    await mkdir(data);
    const disk = ownDisk(data, options.diskBytes);
    let hub = await startHub(simulator.ready.socket, data, { disk });
    undo.push(() => hub.end());
    disk.mountedIn(hub.pid);
    const browser = await launchChromium();
    undo.push(() => browser.close());
    const { control, phones } = simulator.ready;
    return {
      url: hub.ready.url,
      get link() {
        return hub.ready.link;
      },
      udid: phones[0]?.udid ?? '',
      udids: phones.map(({ udid }) => udid),
      disk,
      page: (pageOptions) => newPage(browser, pageOptions),
      ask: (path, body) => askControl(control, path, body),
      async holdBackup(udid, { afterBytes: bytes, seconds }) {
        const stall = { name: 'stall', seed: 'a', times: 1, parameters: { bytes, seconds } };
        await askControl(control, `/phones/${udid}/faults`, stall);
      },
      killHub: () => hub.kill(),
      silenceHub: () => process.kill(hub.pid, 'SIGSTOP'),
      wakeHub: () => process.kill(hub.pid, 'SIGCONT'),
      async startHub() {
        hub = await startHub(simulator.ready.socket, data, { port: new URL(hub.ready.url).port });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whoever owns the phones is at hand, and answers what they ask within a second. */
function startPhones(folder: string, phones: number): Promise<Program<SimulatorReady>> {
  const socket = join(folder, 'mux.sock');
  const args = ['simulate', '--socket', socket, '--phones', String(phones), '--profile', 'tiny'];
  return startProgram([...args, '--owner', 'present']);
}

function startHub(
  socket: string,
  data: string,
  { port = '0', disk }: { readonly port?: string; readonly disk?: OwnDisk },
): Promise<Program<HubReady>> {
  const args = ['start', '--port', port, '--data', data, '--json', '--no-open'];
  return startProgram(args, {
    env: { USBMUXD_SOCKET_ADDRESS: socket },
    ...(disk && { within: disk.within }),
  });
}
