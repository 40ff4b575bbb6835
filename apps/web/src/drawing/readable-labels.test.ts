import { expect, test } from 'vitest';
import { readableLabels } from './readable-labels.ts';

const FIELD = { left: 0, right: 300, top: 0, bottom: 100 };

function label(left: number, right: number, top = 80) {
  return { left, right, top, bottom: top + 16 };
}

test('a label that an edge of the field cuts is not shown', () => {
  const whole = label(100, 160);
  expect(readableLabels([label(-20, 40), whole, label(280, 340), label(-90, -20)], FIELD)).toEqual([whole]);
});

test('of two that touch the first in the list stays', () => {
  const [today, before] = [label(200, 260), label(130, 196)];
  expect(readableLabels([today, before], FIELD)).toEqual([today]);
  expect(readableLabels([before, today], FIELD)).toEqual([before]);
  expect(readableLabels([today, label(130, 190)], FIELD)).toHaveLength(2);
});

test('a label that is not shown takes no room', () => {
  const [cut, beside] = [label(-20, 40), label(44, 90)];
  expect(readableLabels([cut, beside], FIELD)).toEqual([beside]);
});

test('labels of different lines do not touch', () => {
  expect(readableLabels([label(200, 260), label(190, 260, 60)], FIELD)).toHaveLength(2);
});
