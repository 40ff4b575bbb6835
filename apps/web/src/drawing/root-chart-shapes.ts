import type { BackupSummary } from '@rootcellar/api';

/*
 * The root chart: one root for each backup, hanging from the ground line. Its length is what was added.
 */

export interface DrawnRoot {
  readonly backup: BackupSummary;
  readonly x: number;
  /** Of the hanging part, in units of the drawing. */
  readonly length: number;
  readonly width: number;
}

export interface RootChartShape {
  readonly roots: readonly DrawnRoot[];
  /** Days without a backup. */
  readonly dots: readonly number[];
  /** Where the first and the last day are. */
  readonly days: readonly { readonly x: number; readonly day: Date }[];
}

interface Room {
  readonly width: number;
  readonly margin: number;
  readonly shortest: number;
  readonly longest: number;
}

const DAY_MS = 86_400_000;

/** More days than these are drawn closer together by leaving out the dots. */
const DOTTED_DAYS_MAX = 90;

/** Never so wide that a lone root looks like a tree. */
const ROOT_WIDTH = [9, 16] as const;

/**
 * Lays out the backups by day. Backups of one day stand side by side; of many on few days, their order decides.
 *
 * @param newest the last day to show
 */
export function rootChart(
  backups: readonly BackupSummary[],
  newest: Date,
  days: number,
  room: Room,
): RootChartShape {
  const from = startOfDay(new Date(newest.getTime() - (days - 1) * DAY_MS));
  const shown = backups
    .filter((backup) => backup.takenAt !== null && Date.parse(backup.takenAt) >= from)
    .sort((a, b) => (a.takenAt ?? '').localeCompare(b.takenAt ?? ''));
  const step = (room.width - 2 * room.margin) / days;
  const mostAdded = Math.max(1, ...shown.map(added));
  const byDay = Map.groupBy(shown, ({ takenAt }) => Math.floor((Date.parse(takenAt ?? '') - from) / DAY_MS));
  const middle = (day: number) => room.margin + (day + 0.5) * step;
  const roots = [...byDay].flatMap(([day, ofDay]) =>
    ofDay.map((backup, at) => {
      const share = Math.sqrt(added(backup) / mostAdded);
      const spread = Math.min(step / ofDay.length, 18);
      return {
        backup,
        x: middle(day) + (at - (ofDay.length - 1) / 2) * spread,
        length: room.shortest + share * (room.longest - room.shortest),
        width: Math.min(ROOT_WIDTH[0] + share * (ROOT_WIDTH[1] - ROOT_WIDTH[0]), Math.max(5, spread * 0.8)),
      };
    }),
  );
  const empty = Array.from({ length: days }, (_, day) => day).filter((day) => !byDay.has(day));
  const labelled = [0, Math.floor(days / 3), Math.floor((2 * days) / 3), days - 1];
  return {
    roots,
    dots: days > DOTTED_DAYS_MAX ? [] : empty.map(middle),
    days: [...new Set(labelled)].map((day) => ({
      x: middle(day),
      day: new Date(from + (day + 0.5) * DAY_MS),
    })),
  };
}

/** A first backup adds all it holds; where nobody counted, nothing is known, and the root is short. */
function added({ addedBytes }: BackupSummary): number {
  return addedBytes ?? 0;
}

/** The outline of a root that hangs at `x` from `ground`. */
export function rootOutline({ x, length, width }: Omit<DrawnRoot, 'backup'>, ground: number): string {
  const half = width / 2;
  const shoulder = ground + Math.min(6, length / 4);
  const tip = ground + length;
  return [
    `M${x} ${ground - 1}`,
    `C${x + half * 0.7} ${ground - 1.5} ${x + half} ${ground + 1} ${x + half} ${shoulder}`,
    `C${x + half} ${ground + length * 0.45} ${x + 1.4} ${ground + length * 0.6} ${x} ${tip}`,
    `C${x - 1.4} ${ground + length * 0.6} ${x - half} ${ground + length * 0.45} ${x - half} ${shoulder}`,
    `C${x - half} ${ground + 1} ${x - half * 0.7} ${ground - 1.5} ${x} ${ground - 1}z`,
  ].join('');
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
