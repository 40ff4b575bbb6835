import { ICONS } from './icons.tsx';

export type IconName = keyof typeof ICONS;

/** A line drawing. It is decoration beside a word; give it a `label` where it stands alone. */
export function Icon({
  name,
  small,
  tone,
  label,
}: {
  readonly name: IconName;
  readonly small?: boolean;
  readonly tone?: 'two' | 'three' | 'safe-c' | 'wait-c' | 'danger-c' | 'touch-c';
  readonly label?: string;
}) {
  const looks = ['i', small && 's', tone].filter(Boolean).join(' ');
  if (label !== undefined) {
    return (
      <svg className={looks} viewBox="0 0 20 20" role="img" aria-label={label}>
        {ICONS[name]}
      </svg>
    );
  }
  return (
    <svg className={looks} viewBox="0 0 20 20" aria-hidden="true">
      {ICONS[name]}
    </svg>
  );
}
