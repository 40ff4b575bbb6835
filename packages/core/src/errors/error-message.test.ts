import { expect, test } from 'vitest';
import { treeError } from '../errors.ts';
import { fromErrorMessage, toErrorMessage } from './error-message.ts';

const sent = (error: unknown) => fromErrorMessage(structuredClone(toErrorMessage(error)));

test('an error that we know comes out of a thread as what it was', () => {
  const error = treeError('path-unsafe', { reason: 'ELOOP', count: 2n });
  const arrived = sent(error);
  expect(arrived).toEqual(error);
  expect(treeError.matches(arrived, 'path-unsafe')).toBe(true);
  expect(arrived).toMatchObject({ ...error, saysDamage: true });
});

test('one that we do not know stays unknown', () => {
  expect(sent(new RangeError('our mistake'))).toEqual(new RangeError('our mistake'));
});
