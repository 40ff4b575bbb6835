import { describe, expect, expectTypeOf, test } from 'vitest';
import { defineErrors, KnownError } from './known-error.ts';

const doorError = defineErrors('door', {
  stuck: { happened: 'The door is stuck after {turns} turns.', next: 'Push {turns} times.', retry: 'now' },
  gone: { happened: 'There is no door.', next: 'Nothing can be done.' },
});

describe('an error of an area', () => {
  test('has a code of area and name, and the words of its catalogue', () => {
    const error = doorError('gone');
    expect(error).toBeInstanceOf(KnownError);
    expect(error).toMatchObject({
      name: 'KnownError',
      code: 'door.gone',
      happened: 'There is no door.',
      message: 'There is no door.',
      next: 'Nothing can be done.',
      retry: 'no',
      details: {},
    });
  });

  test('fills its details into both sentences and keeps them', () => {
    const error = doorError('stuck', { turns: 2n });
    expect(error.happened).toBe('The door is stuck after 2 turns.');
    expect(error.next).toBe('Push 2 times.');
    expect(error.details).toEqual({ turns: 2n });
    expect(error.retry).toBe('now');
  });

  test('says "unknown" for a detail that nobody gave', () => {
    expect(doorError('stuck', { turns: undefined }).happened).toBe('The door is stuck after unknown turns.');
  });

  test('does not take a detail for a pattern', () => {
    expect(doorError('stuck', { turns: '$& {turns}' }).happened).toBe(
      'The door is stuck after $& {turns} turns.',
    );
  });

  test('keeps the cause it came from', () => {
    const cause = new Error('lower down');
    expect(doorError('gone', {}, cause).cause).toBe(cause);
  });

  test('of no name in the catalogue is our own mistake', () => {
    expect(() => doorError('missing' as 'gone')).toThrow(TypeError);
  });
});

describe('an area', () => {
  test('knows its own errors, all of them or one', () => {
    const error = doorError('gone');
    expect(doorError.matches(error)).toBe(true);
    expect(doorError.matches(error, 'gone')).toBe(true);
    expect(doorError.matches(error, 'stuck')).toBe(false);
  });

  test('does not take others for its own', () => {
    const doorsError = defineErrors('doors', { gone: { happened: 'All are gone.', next: 'Wait.' } });
    expect(doorError.matches(doorsError('gone'))).toBe(false);
    expect(doorError.matches(Object.assign(new Error('no'), { code: 'door.gone' }))).toBe(false);
    expect(doorError.matches(undefined)).toBe(false);
  });

  test('shows its catalogue, for the page of all errors', () => {
    expect(doorError.area).toBe('door');
    expect(Object.keys(doorError.catalogue)).toEqual(['stuck', 'gone']);
    expectTypeOf(doorError).parameter(0).toEqualTypeOf<'stuck' | 'gone'>();
  });
});
