import type { BackupSummary, Device } from '@rootcellar/api';
import { useRef } from 'react';
import { type DrawnRoot, rootChart } from '../../drawing/root-chart-shapes.ts';
import { Roots } from '../../drawing/roots.tsx';
import { useReadableLabels } from '../../drawing/use-readable-labels.ts';
import { goTo, linkToDevice } from '../../router/route.ts';
import { useLanguage } from '../../words/language.tsx';

const ROOM = { width: 880, margin: 24, shortest: 34, longest: 104 };
const GROUND = 58;
const HEIGHT = 226;

/** Of the words about the chosen root: below the longest, so that they cover none. */
const LABEL_Y = 188;
const DAY_MS = 86_400_000;

/** Fewer would be a lone root on a wide field; more than a year is drawn too close. */
const DAYS = [21, 365] as const;

/** What each backup added, by day. The table below is its text form. */
export function RootChartCard({
  device,
  backups,
  selected,
}: {
  readonly device: Device;
  readonly backups: readonly BackupSummary[];
  readonly selected: string | undefined;
}) {
  const { words, format } = useLanguage();
  const chart = useRef<HTMLDivElement>(null);
  useReadableLabels(chart, selected);
  const whole = backups.filter(({ kind, takenAt }) => kind !== 'unfinished' && takenAt !== null);
  const now = new Date();
  const oldest = Math.min(now.getTime(), ...whole.map(({ takenAt }) => Date.parse(takenAt ?? '')));
  const days = Math.min(DAYS[1], Math.max(DAYS[0], Math.ceil((now.getTime() - oldest) / DAY_MS) + 2));
  const shape = rootChart(whole, now, days, ROOM);
  const open = (id: string | undefined) => id && goTo(linkToDevice(device.udid, 'backups', { backup: id }));
  const move = ({ key }: React.KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (step === undefined) return;
    const at = shape.roots.findIndex(({ backup }) => backup.id === selected);
    open(shape.roots.at(at < 0 ? -1 : Math.min(Math.max(at + step, 0), shape.roots.length - 1))?.backup.id);
  };
  return (
    <section className="card roots" aria-labelledby="roots-title">
      <div className="card-head">
        <h2 className="h3" id="roots-title">
          {words.backups.chartTitle}
        </h2>
        <span className="cap two end">{words.backups.chartLegend}</span>
      </div>
      <div
        ref={chart}
        className="roots-scroll"
        tabIndex={0}
        role="group"
        aria-label={words.backups.chartSentence(whole.length)}
        onKeyDown={move}
      >
        <svg viewBox={`0 0 ${ROOM.width} ${HEIGHT}`} aria-hidden="true">
          <path d={`M0 60C180 54 400 64 600 58S800 62 880 57V${HEIGHT}H0z`} fill="var(--rc-soil)" />
          <path
            d="M0 60C180 54 400 64 600 58S800 62 880 57"
            fill="none"
            stroke="var(--rc-earth-3)"
            strokeWidth="1.5"
          />
          <Roots shape={shape} ground={GROUND} selected={selected}>
            {shape.roots.map((root) => (
              // biome-ignore lint/a11y/noStaticElementInteractions: the group has the keys, the table has the links
              <rect
                key={root.backup.id}
                x={root.x - 10}
                y="20"
                width="20"
                height="150"
                fill="transparent"
                className="root-target"
                onClick={() => open(root.backup.id)}
              >
                <title>{labelOf(root, format)}</title>
              </rect>
            ))}
            <SelectedLabel root={shape.roots.find(({ backup }) => backup.id === selected)} />
            {shape.days.map(({ x, day }, at) => (
              <text
                key={x}
                x={x}
                y={HEIGHT - 12}
                textAnchor={at === 0 ? 'start' : at === shape.days.length - 1 ? 'end' : 'middle'}
              >
                {at === shape.days.length - 1 ? words.backups.today : format.day(day)}
              </text>
            ))}
          </Roots>
        </svg>
      </div>
    </section>
  );
}

function SelectedLabel({ root }: { readonly root: DrawnRoot | undefined }) {
  const { format } = useLanguage();
  if (root === undefined) return null;
  const anchor = root.x > ROOM.width - 140 ? 'end' : root.x < 140 ? 'start' : 'middle';
  return (
    <text x={root.x} y={LABEL_Y} textAnchor={anchor} className="root-label">
      {labelOf(root, format)}
    </text>
  );
}

function labelOf({ backup }: DrawnRoot, format: ReturnType<typeof useLanguage>['format']): string {
  return [
    backup.takenAt && `${format.day(backup.takenAt)} ${format.clock(backup.takenAt)}`,
    backup.addedBytes !== null && format.bytes(backup.addedBytes),
  ]
    .filter(Boolean)
    .join(', ');
}
