import { type ReactNode, useId } from 'react';
import type { DeviceLook } from './device-look.ts';

interface PhoneProps {
  readonly look: DeviceLook;
  /** A sentence for those who do not see it; without one it is decoration. */
  readonly label?: string;
  /** In rem. */
  readonly width: number;
  /** What stands on the screen. */
  readonly children?: ReactNode;
  /** Somebody taps on it. */
  readonly isTouched?: boolean;
  readonly isDimmed?: boolean;
  readonly screen?: 'hello' | 'paper' | 'black';
}

/** A phone, drawn: case in its colour, the front of its model, and a screen. */
export function Phone({ look, label, width, children, isTouched, isDimmed, screen }: PhoneProps) {
  const role = isTouched ? 'group' : label === undefined ? undefined : 'img';
  return (
    <div
      className={`phone ${look.front}`}
      style={{ '--w': `${width}rem`, '--case': look.case, '--case-edge': look.edge } as React.CSSProperties}
      {...(role && { role })}
      {...(label === undefined ? { 'aria-hidden': true } : { 'aria-label': label })}
    >
      <div className={`screen${screen ? ` ${screen}` : ''}`}>
        {screen === undefined && <Wallpaper look={look} />}
        {isDimmed && <span className="dim" />}
        {look.front !== 'button' && look.front !== 'tablet' && <span className="speaker" />}
        {children}
        {look.front !== 'button' && <span className="home" />}
      </div>
    </div>
  );
}

function Wallpaper({ look }: { readonly look: DeviceLook }) {
  const sky = useId();
  const [above, below, far, near, ground, sun] = look.wallpaper;
  return (
    <svg className="wall" viewBox="0 0 100 205" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <defs>
        <linearGradient id={sky} x2="0" y2="1">
          <stop stopColor={above} />
          <stop offset="1" stopColor={below} />
        </linearGradient>
      </defs>
      <rect width="100" height="205" fill={`url(#${sky})`} />
      <circle cx="66" cy="112" r="13" fill={sun} />
      <path d="M0 132Q28 104 58 126T100 116V205H0z" fill={far} />
      <path d="M0 152Q34 128 66 148T100 142V205H0z" fill={near} />
      <path d="M0 176Q40 156 100 172V205H0z" fill={ground} />
    </svg>
  );
}

/** Date and clock, as a lock screen has them. */
export function LockScreen({ day, clock }: { readonly day: string; readonly clock: string }) {
  return (
    <>
      <span className="date">{day}</span>
      <span className="clock">{clock}</span>
    </>
  );
}

/** How many digits are typed, of how many. */
export function PasscodeDots({ typed, of = 6 }: { readonly typed: number; readonly of?: number }) {
  return (
    <span className="dots" aria-hidden="true">
      {Array.from({ length: of }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a dot is its place
        <i key={at} className={at < typed ? 'on' : undefined} />
      ))}
    </span>
  );
}

export const PAD_KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'] as const;

/** The pad as a picture. The one to tap on is in the simulator. */
export function PasscodePad() {
  return (
    <div className="pad">
      {PAD_KEYS.map((key) => (
        <b key={key}>{key}</b>
      ))}
    </div>
  );
}
