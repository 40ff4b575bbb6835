import type { Device } from '@rootcellar/api';
import { useLanguage } from '../../words/language.tsx';

const KINDS = ['photos', 'apps', 'messages', 'media', 'system'] as const;

/** Below this share of free space the free part turns amber. */
const NEARLY_FULL = 0.03;

interface Part {
  readonly kind: string;
  readonly bytes: number;
  readonly color: string;
}

/** What fills the phone, by kind. Where it does not tell the kinds, used and free. */
export function CapacityBar({ device }: { readonly device: Device }) {
  const { words, format } = useLanguage();
  const { space } = device;
  if (space === null || space.totalBytes === 0) return null;
  const used = space.totalBytes - space.freeBytes;
  const isNearlyFull = space.freeBytes < space.totalBytes * NEARLY_FULL;
  const parts = partsOf(space.byKind, used);
  const free: Part = {
    kind: 'free',
    bytes: space.freeBytes,
    color: isNearlyFull ? 'var(--rc-wait-fill)' : 'var(--rc-kind-free)',
  };
  const name = (kind: string) => words.device.kinds[kind] ?? kind;
  const sentence = [...parts, free]
    .map(({ kind, bytes }) => `${name(kind)} ${format.bytes(bytes)}`)
    .join(', ');
  return (
    <section className="capacity" aria-label={words.device.capacity(device.name)}>
      <div className="stack near">
        <div className="meter big" role="img" aria-label={sentence} style={{ background: free.color }}>
          {parts.map(({ kind, bytes, color }) => (
            <i
              key={kind}
              title={`${name(kind)} ${format.bytes(bytes)}`}
              style={{ width: `${(100 * bytes) / space.totalBytes}%`, '--c': color } as React.CSSProperties}
            />
          ))}
        </div>
        <ul className="legend">
          {[...parts, free].map(({ kind, bytes, color }) => (
            <li key={kind} style={{ '--c': color } as React.CSSProperties}>
              {name(kind)} <b>{format.bytes(bytes)}</b>
            </li>
          ))}
        </ul>
      </div>
      <span className="two nowrap not-phone">
        {words.device.used(format.bytes(used), format.bytes(space.totalBytes))}
      </span>
    </section>
  );
}

/** What no kind accounts for is system. */
function partsOf(byKind: Readonly<Record<string, number>>, used: number): readonly Part[] {
  const known = KINDS.map((kind) => ({ kind, bytes: byKind[kind] ?? 0, color: `var(--rc-kind-${kind})` }));
  const counted = known.reduce((sum, { bytes }) => sum + bytes, 0);
  if (counted === 0) return [{ kind: 'used', bytes: used, color: 'var(--rc-kind-system)' }];
  const rest = Math.max(0, used - counted);
  return known
    .map((part) => (part.kind === 'system' ? { ...part, bytes: part.bytes + rest } : part))
    .filter(({ bytes }) => bytes > 0);
}
