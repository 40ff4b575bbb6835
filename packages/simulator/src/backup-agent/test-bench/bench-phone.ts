import { duplexPair } from 'node:stream';
import type { PlistDict, PlistValue } from '@rootcellar/codecs';
import { ByteChannel, type Clock, manualClock, seededRandom } from '@rootcellar/core';
import { freshContent } from '../../content/fresh.ts';
import type { PhoneContent } from '../../content/phone-content.ts';
import { tinyContent } from '../../content/tiny.ts';
import { behaviourOf } from '../../devices/system-behaviour.ts';
import { createPhoneFiles } from '../../file-system/create-phone-files.ts';
import { readWhole } from '../../file-system/file-content.ts';
import type { PhoneFileSystem } from '../../file-system/phone-file-system.ts';
import type { InstalledApp, Owner, Phone, PhoneCondition } from '../../phone/phone.ts';
import { mobilebackup2Service } from '../mobilebackup2-service.ts';
import type { AgentOptions } from '../session.ts';
import type { Cut, HostRun, StrictHost } from './strict-host.ts';

export const NOW = new Date('2026-05-03T10:00:00Z');
export const UDID = '00008110-000A1B2C3D4E801E';

export interface BenchPhone extends Phone {
  readonly clock: Clock & { advance(ms: number): void };
  owner: Owner;
  restarts: number;
}

const TINY = tinyContent({ seed: 7, now: NOW });

/** Painting pictures takes most of the time of a test, so each content is made once. */
const disks = new Map<PhoneContent, Promise<PhoneFileSystem>>();

function filledDisk(content: PhoneContent): Promise<PhoneFileSystem> {
  const disk = disks.get(content) ?? fillDisk(content);
  disks.set(content, disk);
  return disk;
}

async function fillDisk(content: PhoneContent): Promise<PhoneFileSystem> {
  const files = await createPhoneFiles({ clock: manualClock(NOW) });
  content.fill(files);
  return files;
}

function copyDisk(from: PhoneFileSystem, to: PhoneFileSystem): void {
  for (const { path, attributes, inode, content, target, kind } of from.walk('/')) {
    const all = { ...attributes, inode };
    if (kind === 'folder') to.makeFolder(path, all);
    else if (kind === 'link') to.makeLink(path, target ?? '', all);
    else to.writeFile(path, content ?? new Uint8Array(), all);
  }
}

/** A phone without a wire: only what the backup agent looks at. */
export async function benchPhone(
  options: {
    readonly content?: PhoneContent;
    readonly version?: string;
    readonly capacityBytes?: number;
  } = {},
): Promise<BenchPhone> {
  const { content = TINY, version = '26.1' } = options;
  const clock = manualClock(NOW);
  const capacity = options.capacityBytes === undefined ? {} : { capacityBytes: options.capacityBytes };
  const files = await createPhoneFiles({ clock, ...capacity });
  let apps: readonly InstalledApp[] = content.apps;
  const values = new Map<string, PlistValue>();
  copyDisk(await filledDisk(content), files);
  const condition: PhoneCondition = {
    setUp: true,
    locked: false,
    passcode: '123456',
    findMy: false,
    batteryPercent: 80,
    onPower: true,
    leftoverSnapshot: false,
    requiresEncryption: false,
    restorePending: false,
  };
  const phone: BenchPhone = {
    identity: {
      udid: UDID,
      ecid: 1n,
      serialNumber: 'F1234567890',
      productType: 'iPhone15,2',
      productVersion: version,
      buildVersion: '23B85',
      deviceName: 'Bench',
      wifiAddress: '02:00:00:00:00:00',
    },
    behaviour: behaviourOf(version),
    files,
    get apps() {
      return apps;
    },
    setApps: (next) => {
      apps = next;
    },
    notifications: { post: () => {}, listen: () => () => {} },
    owner: { askPasscode: async () => 'entered' },
    values: {
      domain: (): PlistDict => ({}),
      get: (domain, key) => values.get(`${domain}/${key}`),
      set: (domain, key, value) => void values.set(`${domain}/${key}`, value),
      remove: (domain, key) => void values.delete(`${domain}/${key}`),
    },
    clock,
    random: seededRandom(1),
    condition,
    hardwareKey: new Uint8Array(32).fill(0x83),
    encryption: undefined,
    restarts: 0,
    restart: async () => {
      phone.restarts += 1;
    },
    erase: async () => {
      files.remove('/');
      const fresh = freshContent({ seed: 7, now: NOW });
      apps = fresh.apps;
      fresh.fill(files);
      condition.setUp = false;
    },
    shutDown: () => {},
    save: async () => {},
  };
  return phone;
}

/** Lets a host talk to a phone until both have finished. */
export async function converse(
  phone: Phone,
  host: StrictHost,
  request: PlistDict,
  options: AgentOptions & { readonly cut?: Cut; readonly escrowUnlocked?: boolean } = {},
): Promise<HostRun> {
  const [ours, theirs] = duplexPair();
  const channel = new ByteChannel(ours);
  const { escrowUnlocked = true, cut, ...agent } = options;
  const signal = AbortSignal.timeout(20_000);
  const served = mobilebackup2Service(agent)
    .serve({ phone, channel, signal, escrowUnlocked })
    .finally(() => channel.destroy());
  const run = await host.run(new ByteChannel(theirs), request, cut);
  await served;
  return run;
}

export function backupRequest(options?: PlistDict): PlistDict {
  return { MessageName: 'Backup', TargetIdentifier: UDID, Options: options };
}

/** All of a phone's disk below `/var`, contents included, for comparing phones. */
export async function describeDisk(phone: Phone): Promise<readonly object[]> {
  const nodes: object[] = [];
  for (const { content, ...node } of phone.files.walk('/var')) {
    nodes.push({ ...node, bytes: content && Buffer.from(await readWhole(content)).toString('base64') });
  }
  return nodes;
}
