import { join } from 'node:path';
import { type Clock, systemClock } from '@rootcellar/core';
import { mobilebackup2Service } from './backup-agent/mobilebackup2-service.ts';
import type { AgentOptions } from './backup-agent/session.ts';
import { fillFromProfile } from './content/fill-from-profile.ts';
import type { PhoneSummary } from './control/control-protocol.ts';
import { type ControlServer, startControlServer } from './control/control-server.ts';
import { summarize } from './control/owner-actions.ts';
import { lockdownPorts } from './lockdown/lockdown.ts';
import { Attachments, type ConnectionType, type MuxDevice } from './mux/attachments.ts';
import type { Mux } from './mux/mux-requests.ts';
import { type MuxServer, startMuxServer } from './mux/mux-server.ts';
import { memoryPairRecords, openPairRecordFolder } from './mux/pair-records.ts';
import type { FillPhone } from './phone/fill-phone.ts';
import { openPhone, type PhoneOptions } from './phone/open-phone.ts';
import type { SimulatedPhone } from './phone/simulated-phone.ts';
import type { Service } from './services/service.ts';
import { standardServices } from './services/standard-services.ts';

export interface SimulatorOptions {
  /** A unix socket, if one is wanted besides TCP. */
  readonly socketPath?: string | undefined;
  /** Any free port unless given. */
  readonly tcpPort?: number | undefined;
  /** One phone with the defaults unless given. Phones without a seed get one each. */
  readonly phones?: readonly PhoneOptions[] | undefined;
  /** Where phones and pair records are kept between runs; nothing is kept if absent. */
  readonly stateFolder?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Fills the phones; by their profiles unless given. */
  readonly fill?: FillPhone | undefined;
  /** How the backup service behaves where phones or clients differ. */
  readonly backupAgent?: AgentOptions | undefined;
  /** What phones offer besides the standard services and backup. Of equal names these win. */
  readonly services?: ((phone: SimulatedPhone) => readonly Service[]) | undefined;
}

export interface Simulator {
  /** For `USBMUXD_SOCKET_ADDRESS`: `UNIX:` and the path; `undefined` without a unix socket. */
  readonly socket: string | undefined;
  /** For `USBMUXD_SOCKET_ADDRESS`: `127.0.0.1:` and the port. */
  readonly tcp: string;
  /** Base URL of the control address. */
  readonly control: string;
  readonly phones: readonly SimulatedPhone[];
  /** Ends every connection, timer and server, and saves the phones. */
  close(): Promise<void>;
}

/** What `rootcellar simulate` prints, as one line of JSON, once clients may come. */
export interface ReadyLine {
  readonly ready: true;
  readonly socket: string | null;
  readonly tcp: string;
  readonly control: string;
  readonly phones: readonly PhoneSummary[];
}

export function readyLine({ socket, tcp, control, phones }: Simulator): ReadyLine {
  return { ready: true, socket: socket ?? null, tcp, control, phones: phones.map(summarize) };
}

/**
 * Starts simulated phones behind one multiplexer, and the address from which their owner is played.
 *
 * @example
 * const simulator = await startSimulator({ socketPath: '/tmp/phones.sock' });
 * // USBMUXD_SOCKET_ADDRESS=UNIX:/tmp/phones.sock idevice_id -l
 * await simulator.close();
 *
 * @throws `simulator.socket-in-use`, `simulator.model-unknown`, `simulator.system-unknown`,
 *   `simulator.profile-unknown`, `simulator.state-unreadable`, `simulator.state-newer`
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const phones = await openPhones(options);
  const mux: Mux = {
    attachments: new Attachments(),
    pairRecords: await openPairRecords(options.stateFolder),
    listeners: new Set(),
  };
  const unplugAll = phones.map((phone) => plugIn(phone, mux.attachments, servicesOf(phone, options)));
  const servers: (MuxServer | ControlServer)[] = [];
  const close = async (): Promise<void> => {
    for (const unplug of unplugAll) unplug();
    await Promise.all(servers.map((server) => server.close()));
    await Promise.all(phones.map((phone) => phone.stop()));
    await Promise.all(phones.map((phone) => phone.save()));
  };
  try {
    const server = await startMuxServer(mux, options);
    servers.push(server);
    const control = await startControlServer(phones);
    servers.push(control);
    const { socketPath, tcpPort } = server;
    return {
      socket: socketPath === undefined ? undefined : `UNIX:${socketPath}`,
      tcp: `127.0.0.1:${tcpPort}`,
      control: control.url,
      phones,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openPhones(options: SimulatorOptions): Promise<readonly SimulatedPhone[]> {
  const { stateFolder, clock = systemClock, fill = fillFromProfile } = options;
  const wanted = options.phones ?? [{}];
  return Promise.all(
    wanted.map((phone, index) =>
      openPhone(
        { ...phone, seed: phone.seed ?? `${index + 1}` },
        { fill, clock, stateFolder: stateFolder && join(stateFolder, `phone-${index + 1}`) },
      ),
    ),
  );
}

function servicesOf(phone: SimulatedPhone, options: SimulatorOptions): readonly Service[] {
  const agent = mobilebackup2Service({
    wrapHost: (host, run) => phone.faults.wrapHost(host, run),
    wrapScan: (scan) => phone.faults.wrapScan(scan),
    ...options.backupAgent,
  });
  return [...standardServices(phone), agent, ...(options.services?.(phone) ?? [])];
}

function openPairRecords(stateFolder: string | undefined) {
  return stateFolder === undefined
    ? memoryPairRecords()
    : openPairRecordFolder(join(stateFolder, 'computer'));
}

/**
 * Keeps what the multiplexer shows in step with where the phone is.
 *
 * @returns how to take the phone away for good
 */
function plugIn(phone: SimulatedPhone, attachments: Attachments, services: readonly Service[]): () => void {
  for (const service of services) phone.bootTasks.push(async () => service.afterRestart?.(phone));
  const device: MuxDevice = {
    udid: phone.identity.udid,
    usbProductID: USB_PRODUCTS[phone.model.deviceClass],
    wifiLabel: () => phone.wifiLabel,
    accept: lockdownPorts(phone, services),
  };
  const attached = new Map<ConnectionType, number>();
  const follow = (
    connections: readonly ConnectionType[],
    lostBecause: 'unplugged' | 'restarted' | 'stopped',
  ) => {
    for (const [connection, deviceID] of attached) {
      if (connections.includes(connection)) continue;
      attached.delete(connection);
      attachments.detach(deviceID, lostBecause);
    }
    for (const connection of connections) {
      if (!attached.has(connection))
        attached.set(connection, attachments.attach(device, connection).deviceID);
    }
  };
  follow(phone.presence.connections, 'stopped');
  const stop = phone.presence.watch((reach) => follow(reach.connections, reach.lostBecause));
  return () => {
    stop();
    follow([], 'stopped');
  };
}

/** Source: device-protocols, section 1.5 (iPhones since 2010); usb.ids of the Linux USB project (iPads, iPod touch). */
const USB_PRODUCTS = { iPhone: 0x12a8, iPad: 0x12ab, iPod: 0x12aa } as const;
