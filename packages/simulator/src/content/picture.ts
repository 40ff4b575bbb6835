import type { Random } from '@rootcellar/core';
import type { Picture } from './jpeg.ts';

type Colour = readonly [number, number, number];

/** Evening, morning, sea, forest, night: top and bottom of a sky, and the land before it. */
const PALETTES: readonly { readonly sky: Colour; readonly horizon: Colour; readonly land: Colour }[] = [
  { sky: [62, 44, 108], horizon: [255, 158, 94], land: [46, 28, 54] },
  { sky: [120, 184, 232], horizon: [255, 236, 200], land: [72, 120, 84] },
  { sky: [24, 96, 160], horizon: [176, 224, 236], land: [214, 190, 140] },
  { sky: [150, 200, 190], horizon: [240, 244, 214], land: [34, 78, 60] },
  { sky: [10, 14, 44], horizon: [70, 84, 150], land: [8, 10, 22] },
];

/** An invented landscape: a sky, a sun or moon, and ranges of hills before it. */
export function paintLandscape(random: Random, width: number, height: number): Picture {
  const palette = random.pick(PALETTES);
  const sun = {
    x: random.fraction() * width,
    y: height * (0.2 + 0.3 * random.fraction()),
    radius: height * 0.09,
  };
  const hills = [0.62, 0.74, 0.86].map((level) => ({
    level: level * height,
    wave: (0.04 + 0.05 * random.fraction()) * height,
    length: width / (2 + 3 * random.fraction()),
    phase: random.fraction() * 6,
  }));
  const rgb = new Uint8Array(width * height * 3);
  const lands = hills.map((_, depth) => mix(palette.horizon, palette.land, 0.45 + depth * 0.27));
  for (let x = 0; x < width; x += 1) {
    const ridges = hills.map(
      ({ level, wave, length, phase }) =>
        level - wave * Math.sin(x / length + phase) - wave * 0.4 * Math.sin(x / 9),
    );
    for (let y = 0; y < height; y += 1) {
      const depth = nearest(ridges, y);
      const at = (y * width + x) * 3;
      if (depth < 0) paintSky(x, y, at);
      else paint(at, lands[depth] ?? palette.land, palette.land, 0);
    }
  }
  return { width, height, rgb };

  function paintSky(x: number, y: number, at: number): void {
    const distance = Math.sqrt((x - sun.x) ** 2 + (y - sun.y) ** 2) / sun.radius;
    paint(at, palette.sky, palette.horizon, Math.min(1, y / (height * 0.7)));
    const glow = distance < 1 ? 1 : 0.5 - (distance - 1) * 0.25;
    if (glow <= 0) return;
    for (let channel = 0; channel < 3; channel += 1) {
      const sky = rgb[at + channel] ?? 0;
      rgb[at + channel] = sky + ((SUN[channel] ?? 0) - sky) * glow;
    }
  }

  function paint(at: number, from: Colour, to: Colour, share: number): void {
    rgb[at] = from[0] + (to[0] - from[0]) * share;
    rgb[at + 1] = from[1] + (to[1] - from[1]) * share;
    rgb[at + 2] = from[2] + (to[2] - from[2]) * share;
  }
}

const SUN: Colour = [255, 246, 224];

/** The frontmost ridge below whose edge `y` lies; −1 for the sky. */
function nearest(ridges: readonly number[], y: number): number {
  for (let depth = ridges.length - 1; depth >= 0; depth -= 1) if (y > (ridges[depth] ?? 0)) return depth;
  return -1;
}

function mix(from: Colour, to: Colour, share: number): Colour {
  return [
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ];
}
