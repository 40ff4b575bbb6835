import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  asArray,
  asBoolean,
  asData,
  asDict,
  asInteger,
  asNumber,
  asString,
  encodeXmlPlist,
  type PlistDict,
  type PlistValue,
  parsePropertyList,
} from '@rootcellar/codecs';
import { simulatorError } from '../errors.ts';
import type { BackupEncryption } from '../phone/backup-encryption.ts';
import type { InstalledApp, PhoneCondition } from '../phone/phone.ts';
import type { TrustedHost } from '../phone/trust-table.ts';
import { writeFileDurably } from './write-durably.ts';

/** Everything of a phone but its files. */
export interface SavedPhone {
  readonly seed: string;
  readonly productType: string;
  readonly productVersion: string;
  readonly condition: Readonly<PhoneCondition>;
  readonly unlockedSinceBoot: boolean;
  /** What was set through lockdown: domain → key → value. */
  readonly values: PlistDict;
  readonly trusted: readonly TrustedHost[];
  /** PKCS#8. The file is readable by its owner only. */
  readonly devicePrivateKeyPem: string;
  readonly apps: readonly InstalledApp[];
  readonly encryption: BackupEncryption | undefined;
}

const FILE = 'phone.plist';
const VERSION = 1;

export async function saveSavedPhone(folder: string, phone: SavedPhone): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { trusted, apps, condition, encryption, ...rest } = phone;
  const content: PlistDict = {
    version: VERSION,
    ...rest,
    condition: { ...condition },
    trusted: trusted.map((host) => ({ ...host })),
    apps: apps.map((app) => ({ ...app })),
    ...(encryption && { encryption: encodeEncryption(encryption) }),
  };
  await writeFileDurably(join(folder, FILE), encodeXmlPlist(content));
}

/**
 * @returns `undefined` if nothing was saved there
 * @throws `simulator.state-unreadable`, `simulator.state-newer`
 */
export async function loadSavedPhone(folder: string): Promise<SavedPhone | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(folder, FILE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return readSavedPhone(bytes);
}

function readSavedPhone(bytes: Uint8Array): SavedPhone {
  const content = asDict(parsed(bytes)) ?? {};
  const version = Number(asInteger(content['version']) ?? 0);
  if (version > VERSION) throw simulatorError('state-newer', { version });
  return {
    seed: needed(asString(content['seed'])),
    productType: needed(asString(content['productType'])),
    productVersion: needed(asString(content['productVersion'])),
    condition: readCondition(needed(asDict(content['condition']))),
    unlockedSinceBoot: needed(asBoolean(content['unlockedSinceBoot'])),
    values: needed(asDict(content['values'])),
    trusted: needed(asArray(content['trusted'])).map(readHost),
    devicePrivateKeyPem: needed(asString(content['devicePrivateKeyPem'])),
    apps: needed(asArray(content['apps'])).map(readApp),
    encryption: readEncryption(content['encryption']),
  };
}

function parsed(bytes: Uint8Array): PlistValue {
  try {
    return parsePropertyList(bytes);
  } catch (error) {
    throw simulatorError('state-unreadable', {}, error);
  }
}

function needed<Value>(value: Value | undefined): Value {
  if (value === undefined) throw simulatorError('state-unreadable');
  return value;
}

function readCondition(saved: PlistDict): PhoneCondition {
  const flag = (name: keyof PhoneCondition): boolean => needed(asBoolean(saved[name]));
  return {
    setUp: flag('setUp'),
    locked: flag('locked'),
    passcode: asString(saved['passcode']),
    findMy: flag('findMy'),
    batteryPercent: needed(asNumber(saved['batteryPercent'])),
    onPower: flag('onPower'),
    leftoverSnapshot: flag('leftoverSnapshot'),
    requiresEncryption: asBoolean(saved['requiresEncryption']) ?? false,
    restorePending: flag('restorePending'),
  };
}

function encodeEncryption({ classKeys, ...rest }: BackupEncryption): PlistDict {
  const keys = [...classKeys].map(([name, key]) => ({ class: name, key }));
  return { ...rest, classKeys: keys };
}

function readEncryption(value: PlistValue | undefined): BackupEncryption | undefined {
  if (value === undefined) return undefined;
  const saved = needed(asDict(value));
  const readKey = (entry: PlistValue): readonly [number, Uint8Array] => {
    const { class: name, key } = needed(asDict(entry));
    return [needed(asNumber(name)), needed(asData(key))];
  };
  return {
    password: needed(asString(saved['password'])),
    keybag: needed(asData(saved['keybag'])),
    classKeys: new Map(needed(asArray(saved['classKeys'])).map(readKey)),
    fileSecret: needed(asData(saved['fileSecret'])),
  };
}

function readHost(value: PlistValue): TrustedHost {
  const saved = needed(asDict(value));
  const text = (name: keyof TrustedHost): string => needed(asString(saved[name]));
  const data = (name: keyof TrustedHost): Uint8Array => needed(asData(saved[name]));
  return {
    hostID: text('hostID'),
    systemBUID: text('systemBUID'),
    rootCertificate: data('rootCertificate'),
    hostCertificate: data('hostCertificate'),
    deviceCertificate: data('deviceCertificate'),
    escrowBag: data('escrowBag'),
  };
}

function readApp(value: PlistValue): InstalledApp {
  const saved = needed(asDict(value));
  const text = (name: keyof InstalledApp): string => needed(asString(saved[name]));
  const texts = (name: keyof InstalledApp): readonly string[] =>
    needed(asArray(saved[name])).map((item) => needed(asString(item)));
  const data = <Name extends 'sinf' | 'metadata' | 'iconPng'>(name: Name) => {
    const bytes = asData(saved[name]);
    return bytes === undefined ? {} : ({ [name]: bytes } as Pick<InstalledApp, Name>);
  };
  return {
    bundleID: text('bundleID'),
    displayName: text('displayName'),
    version: text('version'),
    kind: saved['kind'] === 'System' ? 'System' : 'User',
    groups: texts('groups'),
    plugins: texts('plugins'),
    containerUUID: text('containerUUID'),
    ...data('sinf'),
    ...data('metadata'),
    ...data('iconPng'),
  };
}
