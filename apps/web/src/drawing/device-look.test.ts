import { expect, test } from 'vitest';
import { frontOf, lookOf } from './device-look.ts';

test('a model is drawn with its front', () => {
  const fronts = {
    'iPhone8,1': 'button',
    'iPhone10,1': 'button',
    'iPhone10,3': 'notch',
    'iPhone12,8': 'button',
    'iPhone14,7': 'notch',
    'iPhone15,2': 'island',
    'iPhone17,5': 'notch',
    'iPhone18,3': 'island',
    'iPad13,18': 'tablet',
    'iPod9,1': 'button',
  };
  for (const [productType, front] of Object.entries(fronts))
    expect(frontOf(productType), productType).toBe(front);
});

test('anything a phone says of itself gives a drawing, the same each time', () => {
  for (const odd of ['', '<img>', 'iPhone', 'iPhone999999999,1']) {
    expect(lookOf(odd, odd, odd)).toEqual(lookOf(odd, odd, odd));
    expect(lookOf(odd, odd, odd).case).toMatch(/^#/);
  }
});
