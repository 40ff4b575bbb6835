/** The cellar below the list of places. Decoration. */
export function Cellar() {
  return (
    <svg viewBox="0 0 248 118" aria-hidden="true">
      <path d="M0 20Q60 12 124 17T248 15V118H0z" fill="var(--rc-earth-1)" />
      <path d="M0 20Q60 12 124 17T248 15" fill="none" stroke="var(--rc-earth-3)" strokeWidth="1.5" />
      <path
        d="M28 19c-1-5-4-8-8-9 0 5 3 8 8 9zm0 0c0-6 2-10 6-13 1 6-1 10-6 13zM214 15c-1-4-3-7-7-8 0 4 3 7 7 8zm0 0c0-5 2-8 5-10 1 5-1 8-5 10z"
        fill="var(--rc-safe-fill)"
      />
      <path d="M28 20c4 0 6 2 6 5 0 6-4 8-6 18-2-10-6-12-6-18 0-3 2-5 6-5z" fill="var(--rc-root)" />
      <path d="M214 16c3 0 5 2 5 4 0 5-3 7-5 15-2-8-5-10-5-15 0-2 2-4 5-4z" fill="var(--rc-earth-4)" />
      <path d="M58 118V74a66 46 0 0 1 132 0v44z" fill="var(--rc-earth-2)" />
      <path d="M66 118V76a58 40 0 0 1 116 0v42z" fill="var(--rc-vault)" />
      <path d="M124 36v14" stroke="var(--rc-earth-4)" strokeWidth="1.2" />
      <circle cx="124" cy="54" r="26" fill="var(--rc-lamp)" opacity=".14" />
      <circle cx="124" cy="54" r="5" fill="var(--rc-lamp)" />
      <path d="M74 84h100M74 112h100" stroke="var(--rc-earth-4)" strokeWidth="2.5" strokeLinecap="round" />
      <g fill="var(--rc-earth-4)">
        <rect x="80" y="68" width="12" height="15" rx="3" />
        <rect x="96" y="71" width="11" height="12" rx="3" />
        <rect x="143" y="69" width="11" height="14" rx="3" />
        <rect x="158" y="72" width="10" height="11" rx="3" />
        <rect x="80" y="95" width="13" height="16" rx="3" />
        <rect x="152" y="96" width="13" height="15" rx="3" />
      </g>
      <g fill="var(--rc-root)">
        <circle cx="103" cy="106" r="5" />
        <circle cx="114" cy="106" r="5" />
        <circle cx="125" cy="106" r="5" />
        <circle cx="108.5" cy="98" r="5" />
        <circle cx="119.5" cy="98" r="5" />
        <circle cx="141" cy="106" r="5" />
      </g>
      <g fill="var(--rc-earth-3)">
        <rect x="82" y="65.5" width="8" height="3" rx="1" />
        <rect x="97.5" y="68.5" width="8" height="3" rx="1" />
        <rect x="144.5" y="66.5" width="8" height="3" rx="1" />
        <rect x="159" y="69.5" width="8" height="3" rx="1" />
        <rect x="82.5" y="92.5" width="8" height="3" rx="1" />
        <rect x="154.5" y="93.5" width="8" height="3" rx="1" />
      </g>
    </svg>
  );
}
