import { type RootChartShape, rootOutline } from './root-chart-shapes.ts';

const LEAF = 'M0 1c-1-7-4-11-8.5-12.5 0 7 3 11.5 8.5 12.5zm0 0c.5-9 3-13 7.5-16 1.5 8-1 13.5-7.5 16z';

/** The drawing of a root chart: ground, roots, leaves over what was proved, dots for days without. */
export function Roots({
  shape,
  ground,
  selected,
  children,
}: {
  readonly shape: RootChartShape;
  /** Where the ground line is. */
  readonly ground: number;
  readonly selected?: string | undefined;
  readonly children?: React.ReactNode;
}) {
  return (
    <>
      {shape.dots.map((x) => (
        <circle key={x} cx={x} cy={ground + 9} r="1.8" fill="var(--rc-earth-3)" opacity=".75" />
      ))}
      {shape.roots.map((root) => (
        <g key={root.backup.id}>
          {root.backup.verified && (
            <path
              transform={`translate(${root.x} ${ground}) scale(${0.65 + root.width / 22})`}
              d={LEAF}
              fill="var(--rc-safe-fill)"
            />
          )}
          <path
            d={rootOutline(root, ground)}
            fill={root.backup.id === selected ? 'var(--rc-touch)' : 'var(--rc-root)'}
          />
          {root.length > 34 && (
            <path
              d={`M${root.x - root.width * 0.28} ${ground + root.length * 0.2}h${root.width * 0.3}M${root.x} ${ground + root.length * 0.3}h${root.width * 0.24}`}
              stroke="#fff"
              strokeOpacity=".28"
              strokeWidth="1.2"
              strokeLinecap="round"
            />
          )}
          {root.backup.archived && (
            <g
              transform={`translate(${root.x - 6} ${ground - 44})`}
              fill="none"
              stroke="var(--rc-text-2)"
              strokeWidth="1.5"
              strokeLinejoin="round"
            >
              <path d="M.5 5 6 1l5.5 4v8.5H.5z" />
              <path d="M4 8.5h4" />
            </g>
          )}
        </g>
      ))}
      {children}
    </>
  );
}
