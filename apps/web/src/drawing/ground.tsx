const LEAVES = 'M0 0c-2-14-10-22-21-25 1 14 9 24 21 25zm0 0c0-16 6-25 17-32 3 17-2 28-17 32z';
const BEET = 'M0 -2c11 0 17 6 17 15 0 18-12 24-17 56-5-32-17-38-17-56 0-9 6-15 17-15z';

/** Where, how large, and whether pale. */
const BEETS: readonly (readonly [number, number, number, boolean])[] = [
  [-60, 66, 1, false],
  [36, 66, 0.8, true],
  [150, 62, 1.15, false],
  [214, 60, 0.7, true],
  [290, 59, 0.9, false],
  [740, 50, 0.75, false],
  [826, 52, 1.1, true],
  [905, 55, 0.8, false],
  [985, 58, 1, false],
  [1075, 60, 0.7, true],
  [1150, 60, 0.95, false],
];

const STONES = [
  [90, 190, 16],
  [250, 230, 11],
  [320, 170, 7],
  [20, 240, 9],
  [700, 210, 12],
  [800, 180, 8],
  [890, 225, 17],
  [960, 180, 9],
] as const;

const JARS = [
  [424, 166, 30, 34],
  [466, 171, 27, 29],
  [540, 169, 28, 31],
  [580, 163, 30, 37],
  [424, 226, 32, 36],
  [578, 226, 32, 36],
] as const;

/** The ground with an empty cellar in it: nothing is stored yet. Decoration. */
export function Ground() {
  return (
    <svg viewBox="0 0 1032 272" preserveAspectRatio="xMidYMin slice" overflow="visible" aria-hidden="true">
      <path
        d="M-700 66C-200 76 120 54 300 58S640 44 760 50 1300 72 1800 54V300H-700z"
        fill="var(--rc-earth-1)"
      />
      <path
        d="M-700 66C-200 76 120 54 300 58S640 44 760 50 1300 72 1800 54"
        fill="none"
        stroke="var(--rc-earth-3)"
        strokeWidth="2.5"
      />
      {STONES.map(([x, y, rx]) => (
        <ellipse key={x} cx={x} cy={y} rx={rx} ry={rx * 0.62} fill="var(--rc-earth-2)" opacity=".55" />
      ))}
      {BEETS.map(([x, y, scale, isPale]) => (
        <g key={x} transform={`translate(${x} ${y}) scale(${scale})`}>
          <path d={LEAVES} fill="var(--rc-safe-fill)" />
          <path d={BEET} fill={isPale ? 'var(--rc-earth-4)' : 'var(--rc-root)'} />
          <path d="M-9 14h9M0 24h8" stroke="#fff" strokeOpacity=".25" strokeWidth="2" strokeLinecap="round" />
        </g>
      ))}
      <EmptyCellar />
    </svg>
  );
}

function EmptyCellar() {
  return (
    <>
      <path d="M366 300V176a150 104 0 0 1 300 0v124z" fill="var(--rc-earth-2)" />
      <path d="M382 300V178a134 92 0 0 1 268 0v122z" fill="var(--rc-vault)" />
      <path d="M516 87v30" stroke="var(--rc-earth-4)" strokeWidth="2" />
      <circle cx="516" cy="128" r="70" fill="var(--rc-lamp)" opacity=".1" />
      <circle cx="516" cy="128" r="40" fill="var(--rc-lamp)" opacity=".15" />
      <circle cx="516" cy="128" r="11" fill="var(--rc-lamp)" />
      <path d="M408 202h216M408 264h216" stroke="var(--rc-earth-4)" strokeWidth="4.5" strokeLinecap="round" />
      <g fill="none" stroke="var(--rc-earth-4)" strokeWidth="2" strokeDasharray="4 4">
        {JARS.map(([x, y, width, height]) => (
          <g key={`${x} ${y}`}>
            <rect x={x} y={y} width={width} height={height} rx="7" />
            <path d={`M${x + 4} ${y - 5}h${width - 8}`} />
          </g>
        ))}
      </g>
      <rect
        x="500"
        y="215"
        width="27"
        height="47"
        rx="6.5"
        fill="#1b1410"
        stroke="var(--rc-earth-4)"
        strokeWidth="2"
      />
      <rect x="504" y="219" width="19" height="39" rx="3.5" fill="var(--rc-lamp)" opacity=".9" />
    </>
  );
}
