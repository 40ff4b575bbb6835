import { ARCHIVED_TAG, damagedAt, INCOMPLETE_TAG, type Snapshot } from '../snapshots/snapshot.ts';

/** How many snapshots of each kind stay. What is not given keeps none; a policy of nothing keeps all. */
export interface RetentionPolicy {
  readonly last?: number;
  /** The newest of each of so many days on which there is one; the others likewise. */
  readonly daily?: number;
  readonly weekly?: number;
  readonly monthly?: number;
  readonly yearly?: number;
}

export type KeepReason =
  | keyof RetentionPolicy
  | 'archived'
  /** A backup that goes on is built on it. */
  | 'in-use'
  /** A check found it damaged: what is whole in it can be saved still, and nobody but its owner gives that up. */
  | 'damaged'
  /** There is no whole snapshot that is newer. */
  | 'only-copy'
  | 'no-policy';

export interface Retained {
  readonly kept: readonly { readonly snapshot: Snapshot; readonly reasons: readonly KeepReason[] }[];
  readonly removed: readonly Snapshot[];
}

export interface RetentionOptions {
  /** Ids of snapshots that a backup in progress is built on. */
  readonly inUse?: ReadonlySet<string>;
  /** In which a day begins at midnight. Default `UTC`. */
  readonly timeZone?: string;
}

/**
 * Decides which snapshots a policy keeps; deletes nothing. Snapshots of different paths do not compete.
 *
 * Whatever the policy says, it keeps archived snapshots, those in use, those that a check found damaged, the newest whole
 * one, and incomplete ones that are newer than that. Other incomplete ones go. Neither damaged nor incomplete ones ever stand
 * for a day. Of several that are one backup, which was taken in more than once, one counts.
 */
export function applyRetention(
  snapshots: readonly Snapshot[],
  policy: RetentionPolicy,
  options: RetentionOptions = {},
): Retained {
  const groups = Map.groupBy(snapshots, ({ paths }) => JSON.stringify(paths));
  const results = [...groups.values()].map((group) => retainOfGroup(group, policy, options));
  return { kept: results.flatMap(({ kept }) => kept), removed: results.flatMap(({ removed }) => removed) };
}

function retainOfGroup(
  group: readonly Snapshot[],
  policy: RetentionPolicy,
  options: RetentionOptions,
): Retained {
  const newestFirst = [...group].sort((a, b) => b.time.getTime() - a.time.getTime());
  const reasons = new Map<Snapshot, KeepReason[]>(newestFirst.map((snapshot) => [snapshot, []]));
  const keep = (snapshot: Snapshot | undefined, reason: KeepReason) =>
    snapshot && reasons.get(snapshot)?.push(reason);
  const isWhole = (snapshot: Snapshot) =>
    !snapshot.tags.includes(INCOMPLETE_TAG) && damagedAt(snapshot) === undefined;
  const whole = newestFirst.filter(isWhole);
  const different = withoutCopies(whole);
  for (const snapshot of newestFirst) {
    if (damagedAt(snapshot) !== undefined) keep(snapshot, 'damaged');
    if (snapshot.tags.includes(ARCHIVED_TAG)) keep(snapshot, 'archived');
    if (options.inUse?.has(snapshot.id)) keep(snapshot, 'in-use');
  }
  if (KINDS.every((kind) => !policy[kind])) for (const snapshot of whole) keep(snapshot, 'no-policy');
  for (const kind of KINDS)
    keepNewest(different, policy[kind] ?? 0, kindOf(kind, options.timeZone), (s) => keep(s, kind));
  const newest = whole[0];
  if (newest !== undefined && reasons.get(newest)?.length === 0) keep(newest, 'only-copy');
  for (const snapshot of newestFirst) {
    if (whole.includes(snapshot) || (newest !== undefined && snapshot.time <= newest.time)) continue;
    keep(snapshot, 'only-copy');
  }
  const kept = newestFirst.filter((snapshot) => reasons.get(snapshot)?.length !== 0);
  return {
    kept: kept.map((snapshot) => ({ snapshot, reasons: reasons.get(snapshot) ?? [] })),
    removed: newestFirst.filter((snapshot) => reasons.get(snapshot)?.length === 0),
  };
}

const KINDS = ['last', 'daily', 'weekly', 'monthly', 'yearly'] as const;

/** Content and time are the same: with either of them another, it is another backup. */
function withoutCopies(snapshots: readonly Snapshot[]): readonly Snapshot[] {
  const first = new Map<string, Snapshot>();
  for (const snapshot of snapshots) {
    const name = `${snapshot.time.toISOString()} ${snapshot.tree}`;
    if (!first.has(name)) first.set(name, snapshot);
  }
  return [...first.values()];
}

/** Of each period that holds a snapshot the newest one, for so many periods. */
function keepNewest(
  newestFirst: readonly Snapshot[],
  periods: number,
  periodOf: (snapshot: Snapshot) => string,
  keep: (snapshot: Snapshot) => void,
): void {
  const seen = new Set<string>();
  for (const snapshot of newestFirst) {
    const period = periodOf(snapshot);
    if (seen.has(period)) continue;
    if (seen.size >= periods) return;
    seen.add(period);
    keep(snapshot);
  }
}

function kindOf(kind: keyof RetentionPolicy, timeZone = 'UTC'): (snapshot: Snapshot) => string {
  if (kind === 'last') return ({ id }) => id;
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const dayOf = ({ time }: Snapshot) => format.format(time);
  if (kind === 'daily') return dayOf;
  if (kind === 'weekly') return (snapshot) => mondayOf(dayOf(snapshot));
  return (snapshot) => dayOf(snapshot).slice(0, kind === 'monthly' ? 7 : 4);
}

function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}
