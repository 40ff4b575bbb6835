import { matchesGlob } from 'node:path/posix';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globMatcher } from './glob.ts';

const PHOTO = 'CameraRollDomain/Media/DCIM/100APPLE/IMG_0001.HEIC';

describe('globMatcher', () => {
  it.each([
    ['*.heic', PHOTO, true],
    ['*.{jpg,heic}', PHOTO, true],
    ['*.{jpg,png}', PHOTO, false],
    ['IMG_????.*', PHOTO, true],
    ['IMG_???.*', PHOTO, false],
    ['IMG_[0-9]*', PHOTO, true],
    ['IMG_[!0-9]*', PHOTO, false],
    ['CameraRollDomain/**', PHOTO, true],
    ['CameraRollDomain/*', PHOTO, false],
    ['**/DCIM/**', PHOTO, true],
    ['**/DCIM/*', PHOTO, false],
    ['**/100APPLE/*', PHOTO, true],
    ['*/Media/**/IMG_0001.HEIC', PHOTO, true],
    ['**/CameraRollDomain/Media/**/DCIM/**', PHOTO, true],
    ['CameraRollDomain/**/Media/*', 'CameraRollDomain/Media/x', true],
    ['CameraRollDomain/{Media/{DCIM,Other}/**,x}', PHOTO, true],
    ['HomeDomain', 'HomeDomain', true],
    ['.*', 'HomeDomain/Library/.GlobalPreferences.plist', true],
    ['*', 'HomeDomain/.x', true],
    ['\\*', 'HomeDomain/*', true],
    ['\\*', 'HomeDomain/x', false],
    ['[', 'HomeDomain/[', true],
    ['{a', 'HomeDomain/{a', true],
    ['[]]', 'HomeDomain/]', true],
    ['a{,b}c', 'HomeDomain/ac', true],
    ['\u00e4*', 'HomeDomain/A\u0308pfel', true],
    ['?', 'HomeDomain/😀', true],
    ['', 'HomeDomain/', true],
    ['', 'HomeDomain', false],
    ['a\\', 'HomeDomain/a\\', true],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(globMatcher(pattern)(path)).toBe(expected);
  });

  it('agrees with Node where both mean the same', () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'ab', 'c'), { minLength: 1, maxLength: 5 });
    const parts = fc.constantFrom('a', 'b', '*', '?', '**', '[ab]', '{a,b}', 'a*', '*b');
    const patterns = fc.array(parts, { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(names, patterns, (path, pattern) => {
        const [text, glob] = [path.join('/'), pattern.join('/')];
        // Node lets `a/**` fit `a` too.
        fc.pre(!glob.endsWith('/**'));
        expect([glob, text, globMatcher(glob)(text)]).toEqual([glob, text, matchesGlob(text, glob)]);
      }),
      { seed: 1, numRuns: 3000 },
    );
  });

  it('is quick with patterns that are made to be slow', () => {
    const text = 'a'.repeat(4000);
    const startedAt = performance.now();
    for (const part of ['*a', '**a', '{a,*}', '{a,{a,{a,*}}}', '[a-z]*', '?*', '{,a}']) {
      const pattern = `${part.repeat(Math.floor(990 / part.length))}b`;
      expect(globMatcher(pattern)(text)).toBe(false);
    }
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  it('takes any pattern, and says so when it is too long', () => {
    const pieces = fc.constantFrom('*', '?', '[', ']', '{', '}', ',', '\\', '/', 'a', '!', '-');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), fc.string({ maxLength: 20 }), (pattern, text) => {
        expect(globMatcher(pattern.join(''))(text)).toBeTypeOf('boolean');
      }),
      { seed: 1, numRuns: 2000 },
    );
    expect(() => globMatcher('a'.repeat(1001))).toThrow(
      expect.objectContaining({ code: 'backup.pattern-too-long' }),
    );
    expect(globMatcher('{'.repeat(1000))('{'.repeat(1000))).toBe(true);
    expect(globMatcher(`${'{'.repeat(100)}${'}'.repeat(100)}`)('')).toBeTypeOf('boolean');
  });
});
