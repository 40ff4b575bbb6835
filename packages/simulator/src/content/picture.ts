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
  for (let x = 0; x < width; x += 1) {
    const ridges = hills.map(
      ({ level, wave, length, phase }) =>
        level - wave * Math.sin(x / length + phase) - wave * 0.4 * Math.sin(x / 9),
    );
    for (let y = 0; y < height; y += 1) {
      const depth = ridges.findLastIndex((ridge) => y > ridge);
      const colour = depth < 0 ? skyAt(x, y) : mix(palette.horizon, palette.land, 0.45 + depth * 0.27);
      rgb.set(colour, (y * width + x) * 3);
    }
  }
  return { width, height, rgb };

  function skyAt(x: number, y: number): Colour {
    const sky = mix(palette.sky, palette.horizon, Math.min(1, y / (height * 0.7)));
    const distance = Math.hypot(x - sun.x, y - sun.y) / sun.radius;
    return mix(sky, SUN, distance < 1 ? 1 : Math.max(0, 0.5 - (distance - 1) * 0.25));
  }
}

const SUN: Colour = [255, 246, 224];

function mix(from: Colour, to: Colour, share: number): Colour {
  return [
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ];
}
