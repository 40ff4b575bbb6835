import { createHash } from 'node:crypto';
import type { Phone } from '../phone/phone.ts';
import { type BackupEntry, backupEntries } from './backup-entries.ts';

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

/** @param phone while nobody writes to it */
export async function takeInventory(phone: Pick<Phone, 'files' | 'apps'>): Promise<Inventory> {
  const inventory = new Map<string, string>();
  for (const entry of backupEntries(phone.files, phone.apps, false)) {
    inventory.set(`${entry.domain}/${entry.relativePath}`, await describe(entry));
  }
  return inventory;
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
