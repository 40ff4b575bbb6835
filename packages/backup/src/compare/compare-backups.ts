import { setImmediate } from 'node:timers/promises';
import { appOfDomain, appsOfDomains } from '../folder/domain.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import { type EntryPair, mergeEntries } from './merge-entries.ts';

/** Entries looked at in one go: some ten milliseconds, then others may work. */
const ENTRIES_AT_A_TIME = 1000;

export type Change = 'added' | 'changed' | 'removed';

export interface Tally {
  readonly files: number;
  /** As the device knew them; of changed files as they are afterwards. */
  readonly bytes: number;
}

export type Tallies = Readonly<Record<Change, Tally>>;

/** What is different between two backups. */
export interface Comparison extends Tallies {
  /** Only domains in which something is different. */
  readonly byDomain: ReadonlyMap<string, Tallies>;
  /** By identifier of the app, with its extensions and groups (see `appOfDomain`). */
  readonly byApp: ReadonlyMap<string, Tallies>;
}

export interface Difference extends EntryPair {
  readonly change: Change;
}

export interface CompareOptions {
  /** Called for every file or link that is different. */
  readonly onDifference?: (difference: Difference) => void;
  readonly signal?: AbortSignal;
}

/**
 * Compares two backups by their lists of files; no content is read. A file is changed if its size, date, mode, check
 * value or key differ, or where a link leads. Folders do not count.
 *
 * @throws `backup.manifest-damaged`, the reason of `signal`
 */
export async function compareBackups(
  before: Manifest,
  after: Manifest,
  { onDifference, signal }: CompareOptions = {},
): Promise<Comparison> {
  const comparing = new Comparing([...before.domains(), ...after.domains()]);
  let count = 0;
  for (const pair of mergeEntries(before, after)) {
    if (++count % ENTRIES_AT_A_TIME === 0) await setImmediate();
    signal?.throwIfAborted();
    const change = changeOf(pair);
    if (change === undefined) continue;
    comparing.count(change, pair);
    onDifference?.({ change, ...pair });
  }
  return comparing.result;
}

type CountedTallies = Record<Change, { files: number; bytes: number }>;

class Comparing {
  readonly #apps: ReadonlySet<string>;
  readonly #all = noTallies();
  readonly #byDomain = new Map<string, CountedTallies>();
  readonly #byApp = new Map<string, CountedTallies>();

  constructor(domains: readonly string[]) {
    this.#apps = appsOfDomains(domains);
  }

  count(change: Change, { before, after }: EntryPair): void {
    const { domain, sizeBytes = 0 } = (change === 'removed' ? before : after) as ManifestEntry;
    const app = appOfDomain(domain, this.#apps);
    const counted = [this.#all, talliesIn(this.#byDomain, domain)];
    if (app !== undefined) counted.push(talliesIn(this.#byApp, app));
    for (const { [change]: tally } of counted) {
      tally.files++;
      tally.bytes += sizeBytes;
    }
  }

  get result(): Comparison {
    return { ...this.#all, byDomain: this.#byDomain, byApp: this.#byApp };
  }
}

function noTallies(): CountedTallies {
  const none = () => ({ files: 0, bytes: 0 });
  return { added: none(), changed: none(), removed: none() };
}

function talliesIn(map: Map<string, CountedTallies>, key: string): CountedTallies {
  const known = map.get(key);
  if (known !== undefined) return known;
  const tallies = noTallies();
  map.set(key, tallies);
  return tallies;
}

/** A folder in the place of a file, or the reverse, is one that went or came. */
function changeOf({ before, after }: EntryPair): Change | undefined {
  const was = before !== undefined && before.kind !== 'folder';
  const is = after !== undefined && after.kind !== 'folder';
  if (was && is) return isChanged(before, after) ? 'changed' : undefined;
  if (is) return 'added';
  return was ? 'removed' : undefined;
}

function isChanged(before: ManifestEntry, after: ManifestEntry): boolean {
  return (
    before.kind !== after.kind ||
    before.sizeBytes !== after.sizeBytes ||
    before.modifiedAt?.getTime() !== after.modifiedAt?.getTime() ||
    before.mode !== after.mode ||
    before.target !== after.target ||
    areSealedDifferently(before, after)
  );
}

/**
 * A new version of a file gets a new key, and another check value. Where only one backup has them, as an encrypted one
 * beside a plain one, they tell nothing.
 */
function areSealedDifferently(before: ManifestEntry, after: ManifestEntry): boolean {
  const [oldKey, newKey] = [before.encryptionKey, after.encryptionKey];
  if ((oldKey === undefined) !== (newKey === undefined)) return false;
  return differ(oldKey, newKey) || differ(before.digest, after.digest);
}

function differ(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && !Buffer.from(one).equals(other);
}
