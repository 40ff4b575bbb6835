import { Icon } from './icon.tsx';

const STAR =
  'M20 1.8l4.3 3 5.2-.4 2.2 4.7 4.7 2.3-.5 5.2 3 4.3-3 4.3.5 5.2-4.7 2.2-2.2 4.7-5.2-.5-4.3 3-4.3-3-5.2.5-2.2-4.7-4.7-2.2.5-5.2-3-4.3 3-4.3-.5-5.2 4.7-2.3 2.2-4.7 5.2.4z';

export type SealState = 'proved' | 'stored' | 'overdue' | 'none';

/** The only large green thing. It stands where a proof stands, nowhere else. */
export function Seal({ state }: { readonly state: SealState }) {
  if (state === 'proved') {
    return (
      <svg viewBox="0 0 40 40" aria-hidden="true" className="seal-mark">
        <path d={STAR} fill="var(--rc-safe-fill)" />
        <path
          d="m12.8 20.8 5 5 9.6-10.6"
          fill="none"
          stroke="var(--rc-on-safe)"
          strokeWidth="3"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
    );
  }
  return (
    <span className={`seal-mark round ${state}`} aria-hidden="true">
      <Icon name={state === 'overdue' ? 'alert' : state === 'stored' ? 'clock' : 'download'} />
    </span>
  );
}
