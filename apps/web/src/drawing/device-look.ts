/*
 * How a model looks from afar. Ours, and only as exact as a drawing needs: the kind of front, and a colour.
 */

export type Front = 'island' | 'notch' | 'button' | 'tablet';

export interface DeviceLook {
  readonly front: Front;
  /** Edge and body of the case. */
  readonly case: string;
  readonly edge: string;
  /** Sky above, sky below, far hill, near hill, ground, sun. */
  readonly wallpaper: readonly [string, string, string, string, string, string];
}

/** A home button below the screen. Source: Apple, "Identify your iPhone model"; product types from the same list. */
const WITH_BUTTON = new Set([
  'iPhone10,1',
  'iPhone10,2',
  'iPhone10,4',
  'iPhone10,5',
  'iPhone12,8',
  'iPhone14,6',
]);

/** Cut-out at the top, though newer than the first with an island (iPhone15,2). */
const WITH_NOTCH_LATER = new Set(['iPhone17,5']);

/** By the number that the phone tells. Unknown: what most numbers mean; 1 is dark and 2 is light on every model seen. */
const CASES: Readonly<Record<string, readonly [string, string]>> = {
  '1': ['#2b2623', '#6b6057'],
  '2': ['#e9e5de', '#b9b1a6'],
  '3': ['#d9bf9c', '#b3976d'],
  '4': ['#e3b9ae', '#bd8f84'],
  '5': ['#5b7fa6', '#3d5f86'],
  '6': ['#b0362f', '#7f241f'],
  '7': ['#9fb58f', '#74906a'],
  '8': ['#8f84b5', '#675c8e'],
};

const WALLPAPERS: readonly DeviceLook['wallpaper'][] = [
  ['#2f3f57', '#d9a173', '#6b5068', '#4a3a46', '#2b2227', '#f3d3a0'],
  ['#41606b', '#d8c79a', '#5f7d6d', '#3f5b52', '#22352f', '#f6dfb2'],
  ['#3a4a74', '#e2a9a0', '#7a6a92', '#51486b', '#2c2940', '#ffe3c2'],
  ['#5a4a3f', '#e0b884', '#8a6a4c', '#5c4636', '#33271e', '#fbe2b0'],
];

export function lookOf(productType: string, color: string | null, udid: string): DeviceLook {
  const [body, edge] = CASES[color ?? ''] ?? CASES['1'] ?? ['#2b2623', '#6b6057'];
  const wallpaper = WALLPAPERS[numberFrom(udid) % WALLPAPERS.length] ?? WALLPAPERS[0];
  return { front: frontOf(productType), case: body, edge, wallpaper: wallpaper as DeviceLook['wallpaper'] };
}

export function frontOf(productType: string): Front {
  if (productType.startsWith('iPad')) return 'tablet';
  const [, major = '0', minor = '0'] = /^(?:iPhone|iPod)(\d+),(\d+)$/.exec(productType) ?? [];
  if (productType.startsWith('iPod') || Number(major) < 10 || WITH_BUTTON.has(productType)) return 'button';
  const isLater = Number(major) > 15 || (Number(major) === 15 && Number(minor) >= 2);
  return isLater && !WITH_NOTCH_LATER.has(productType) ? 'island' : 'notch';
}

/** The same text always gives the same number: a phone keeps its picture. */
function numberFrom(text: string): number {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
  return sum;
}
