import { createHash } from 'node:crypto';
import type { Random } from '@rootcellar/core';
import { inventClientCertificate } from './client-certificate.ts';
import { encodeKeychain, KEYCHAIN_PATH, type KeychainItem, type KeychainTable } from './keychain.ts';
import { encodeItemAttributes, type ItemAttributes } from './keychain-item.ts';
import type { Making } from './making.ts';

export interface KeychainAmounts {
  /** Names of Wi-Fi networks. */
  readonly networks: readonly string[];
  readonly websites: number;
  /** Passwords that need the passcode, and never leave the phone. */
  readonly behindPasscode: number;
}

interface NewItem {
  readonly table: KeychainTable;
  readonly pdmn: string;
  readonly attributes: ItemAttributes;
}

const SECRET_CHARACTERS = [...'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'];

/** Passwords and keys of all kinds, each readable when its own rule says. */
export function placeKeychain({ place, random, people, apps, now }: Making, amounts: KeychainAmounts): void {
  const owner = people[0]?.email ?? 'owner@example.org';
  const found: NewItem[] = [
    ...amounts.networks.map((name) => wifiPassword(random, name)),
    ...accounts(random, owner),
    ...apps.filter((app) => app.kind === 'User').map((app) => appToken(random, app.bundleID)),
    ...Array.from({ length: amounts.websites }, (_, number) => webPassword(random, owner, number)),
    ...identity(random, owner, now),
    ...Array.from({ length: amounts.behindPasscode }, (_, number) => behindPasscode(random, number)),
  ];
  const rows = { genp: 0, inet: 0, cert: 0, keys: 0 };
  const items = found.map(({ table, pdmn, attributes }): KeychainItem => {
    rows[table] += 1;
    const changed = new Date(now.getTime() - (60 + random.below(10_000_000)) * 1000);
    const whole = { cdat: changed, mdat: changed, pdmn, tomb: 0, musr: new Uint8Array(), ...attributes };
    return { table, row: rows[table], pdmn, attributes: encodeItemAttributes(whole) };
  });
  place.file(KEYCHAIN_PATH, encodeKeychain(items), 'system', {
    permissions: 0o600,
    userID: 64,
    groupID: 64,
  });
}

function secret(random: Random, characters: number): Uint8Array {
  const text = Array.from({ length: characters }, () => random.pick(SECRET_CHARACTERS)).join('');
  return new TextEncoder().encode(text);
}

/** Source: backup-format specification, section 5.7 (`AirPort`, and the name as the account). */
function wifiPassword(random: Random, name: string): NewItem {
  const attributes = {
    acct: name,
    svce: 'AirPort',
    agrp: 'apple',
    labl: name,
    desc: 'AirPort network password',
    sync: 1,
    v_Data: secret(random, 12),
  };
  return { table: 'genp', pdmn: 'ck', attributes };
}

/** Of the owner, of the system, and of this very phone. */
function accounts(random: Random, owner: string): readonly NewItem[] {
  const of = (pdmn: string, svce: string, agrp: string, acct = owner): NewItem => ({
    table: 'genp',
    pdmn,
    attributes: { acct, svce, agrp, labl: svce, sync: 0, v_Data: secret(random, 24) },
  });
  return [
    of('ak', 'com.apple.account.IMAP.password', 'apple'),
    of('ck', 'com.apple.account.CalDAV.password', 'apple'),
    of('dk', 'com.apple.voicemail', 'apple', 'voicemail'),
    of('aku', 'com.apple.account.AppleAccount.token', 'apple'),
    of('cku', 'com.apple.facetime', 'com.apple.ids'),
    of('dku', 'com.apple.apsd', 'com.apple.apsd', 'push identity'),
  ];
}

function appToken(random: Random, bundleID: string): NewItem {
  const attributes = {
    acct: 'session',
    svce: bundleID,
    agrp: `EXAMPLE123.${bundleID}`,
    sync: 0,
    v_Data: secret(random, 40),
  };
  return { table: 'genp', pdmn: random.pick(['ak', 'ck', 'aku', 'cku']), attributes };
}

function webPassword(random: Random, owner: string, number: number): NewItem {
  const attributes = {
    acct: owner,
    srvr: number === 0 ? 'bücher.example' : `site${number}.example.com`,
    sdmn: '',
    ptcl: 'htps',
    port: 443,
    path: '',
    atyp: 'form',
    agrp: 'com.apple.cfnetwork',
    labl: `site${number}.example.com (${owner})`,
    desc: 'Web form password',
    sync: 1,
    v_Data: secret(random, 16),
  };
  return { table: 'inet', pdmn: 'ak', attributes };
}

/** A certificate of an organisation's Wi-Fi, and its key. Unknown: most numbers that Apple keeps with them. */
function identity(random: Random, owner: string, now: Date): readonly NewItem[] {
  const made = inventClientCertificate(random, owner, now);
  const agrp = 'com.apple.identities';
  const publicKeyHash = createHash('sha1').update(made.privateKey.subarray(0, 65)).digest();
  const certificate = {
    agrp,
    labl: owner,
    ctyp: 3,
    cenc: 3,
    issr: made.issuer,
    subj: made.subject,
    slnr: made.serialNumber,
    pkhh: publicKeyHash,
    sync: 0,
    v_Data: made.certificate,
  };
  const key = {
    agrp,
    labl: owner,
    kcls: 1,
    type: 73,
    bsiz: 256,
    esiz: 256,
    klbl: publicKeyHash,
    sync: 0,
    v_Data: made.privateKey,
  };
  return [
    { table: 'cert', pdmn: 'ck', attributes: certificate },
    { table: 'keys', pdmn: 'ck', attributes: key },
  ];
}

function behindPasscode(random: Random, number: number): NewItem {
  const svce = `org.example.vault.${number}`;
  const attributes = {
    acct: 'vault',
    svce,
    agrp: 'EXAMPLE123.org.example.vault',
    v_Data: secret(random, 32),
  };
  return { table: 'genp', pdmn: 'akpu', attributes };
}
