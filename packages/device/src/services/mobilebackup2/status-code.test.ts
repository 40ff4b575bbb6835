import { streamError, treeError } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { statusCodeOf, statusText } from './status-code.ts';

describe('what the phone hears of a failure on our side', () => {
  test.each([
    ['not-found', -6, 'No such file or directory'],
    ['not-a-folder', -8, 'Not a directory'],
    ['is-a-folder', -9, 'Is a directory'],
    ['input-output', -11, 'Input/output error'],
    ['disk-full', -15, 'No space left on device'],
    ['path-unsafe', -1, 'Operation not supported'],
    ['not-permitted', -1, 'Operation not supported'],
    ['read-only', -1, 'Operation not supported'],
  ] as const)('tree.%s is %d', (name, code, text) => {
    expect(statusCodeOf(treeError(name))).toBe(code);
    expect(statusText(code)).toBe(text);
  });

  test.each([[streamError('closed')], [new Error('x')], ['x'], [undefined]])('%s is -1', (error) => {
    expect(statusCodeOf(error)).toBe(-1);
  });

  test('has words also for a code that we never send', () => {
    expect(statusText(-99)).toBe('Operation failed');
  });
});
