import { createHash } from 'node:crypto';
import { readWhole } from '../file-system/file-content.ts';
import type { PhoneNode } from '../file-system/phone-file-system.ts';
import type { Phone } from '../phone/phone.ts';
import { type BackupEntry, backupEntries } from './backup-entries.ts';
import { backupScope } from './domains.ts';
import { KEYCHAIN_CLASSES, KEYCHAIN_PATH, parseKeychain } from './keychain.ts';

/**
 * Everything on a phone that a backup takes, read through the phone's own file system: what it is
 * called → what it is, with content and every attribute that a restore must bring back.
 */
export type Inventory = ReadonlyMap<string, string>;

/** How two inventories differ; the names, sorted. */
export interface InventoryDifference {
  readonly missing: readonly string[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
}

/**
 * The items of the keychain are listed one by one, as `KeychainDomain/genp 7 (aku)`: those with a `u` are
 * bound to this phone, and come back to no other.
 *
 * @param phone while nobody writes to it
 * @param options.encrypted what a backup with a password takes; without one unless given
 */
export async function takeInventory(
  phone: Pick<Phone, 'files' | 'apps' | 'behaviour'>,
  options: { readonly encrypted?: boolean } = {},
): Promise<Inventory> {
  const inventory = new Map<string, string>();
  const scope = backupScope(options.encrypted ?? false, phone.behaviour);
  for (const entry of backupEntries(phone.files, phone.apps, scope)) {
    const { domain, relativePath, node } = entry;
    const isKeychain = node.path === KEYCHAIN_PATH && node.content !== undefined;
    const described = isKeychain ? { ...entry, node: withoutContent(node) } : entry;
    inventory.set(`${domain}/${relativePath}`, await describe(described));
    if (!isKeychain) continue;
    for (const { table, row, pdmn, attributes } of parseKeychain(await readWhole(node.content))) {
      if (!Object.hasOwn(KEYCHAIN_CLASSES, pdmn)) continue;
      inventory.set(`${domain}/${table} ${row} (${pdmn})`, Buffer.from(attributes).toString('hex'));
    }
  }
  return inventory;
}

function withoutContent({ content: _, ...node }: PhoneNode): PhoneNode {
  return { ...node, sizeBytes: 0 };
}

export function compareInventories(before: Inventory, after: Inventory): InventoryDifference {
  const names = [...before.keys()].sort();
  return {
    missing: names.filter((name) => !after.has(name)),
    changed: names.filter((name) => after.has(name) && after.get(name) !== before.get(name)),
    added: [...after.keys()].filter((name) => !before.has(name)).sort(),
  };
}

/** Inodes may differ: another phone gives its own. */
async function describe({ node }: BackupEntry): Promise<string> {
  const { extendedAttributes, ...attributes } = node.attributes;
  const names = [...extendedAttributes.keys()].sort();
  const extended = names.map((name) => [
    name,
    Buffer.from(extendedAttributes.get(name) ?? []).toString('hex'),
  ]);
  const hash = createHash('sha256');
  if (node.content) for await (const piece of node.content.read()) hash.update(piece);
  const ordered = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([node.kind, node.sizeBytes, hash.digest('hex'), node.target, ordered, extended]);
}
