import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numbered, safeSegment, safeSegments } from './safe-segment.ts';

const LONG = 'ä'.repeat(300);

describe('safeSegment', () => {
  it.each([
    ['IMG_0001.HEIC', 'IMG_0001.HEIC'],
    ['naïve ünïcode 文件.txt', 'naïve ünïcode 文件.txt'],
    ['.GlobalPreferences.plist', '.GlobalPreferences.plist'],
    ['..', '.%2E'],
    ['.', '%2E'],
    ['a.', 'a%2E'],
    ['a. .', 'a. %2E'],
    ['a ', 'a%20'],
    ['12:30 "x"?', '12%3A30 %22x%22%3F'],
    ['a\\b/c', 'a%5Cb%2Fc'],
    ['a\u0000b\nc', 'a%00b%0Ac'],
    ['photo\u202egpj.exe', 'photo%E2%80%AEgpj.exe'],
    ['half \ud800 pair', 'half \ufffd pair'],
    ['100%', '100%'],
    ['100%25', '100%2525'],
    ['CON', '%43ON'],
    ['aux.txt', '%61ux.txt'],
    ['nul .tar.gz', '%6Eul .tar.gz'],
    ['COM1', '%43OM1'],
    ['lpt².x', '%6Cpt².x'],
    ['CONIN$', '%43ONIN$'],
    ['console', 'console'],
    ['com10', 'com10'],
  ])('turns %j into %j', (name, safe) => {
    expect(safeSegment(name)).toBe(safe);
  });

  it('shortens what is too long, and keeps the extension and the difference', () => {
    const [one, other] = [safeSegment(`${LONG}1.jpeg`), safeSegment(`${LONG}2.jpeg`)];
    expect(one).toMatch(/^ä+~[0-9a-f]{8}\.jpeg$/);
    expect(Buffer.byteLength(one)).toBeLessThanOrEqual(240);
    expect(one).not.toBe(other);
    expect(safeSegment(`a.${LONG}`)).toMatch(/^a\.ä+~[0-9a-f]{8}$/);
    expect(safeSegment(`${'x'.repeat(239)}😀`)).toMatch(/^x+~[0-9a-f]{8}$/);
  });
});

describe('safeSegments', () => {
  it('puts everything below the domain', () => {
    expect(safeSegments('HomeDomain', 'Library/SMS/sms.db')).toEqual([
      'HomeDomain',
      'Library',
      'SMS',
      'sms.db',
    ]);
    expect(safeSegments('HomeDomain', '')).toEqual(['HomeDomain']);
    expect(safeSegments('../x', '/etc//passwd')).toEqual(['..%2Fx', 'etc', 'passwd']);
    expect(safeSegments('HomeDomain', '../../a')).toEqual(['HomeDomain', '.%2E', '.%2E', 'a']);
  });

  it('keeps files of one folder together where the path is too long or too deep', () => {
    for (const folder of ['a/'.repeat(2000), `${'b'.repeat(200)}/`.repeat(10)]) {
      const [one, other] = [safeSegments('D', `${folder}1`), safeSegments('D', `${folder}2`)];
      expect(one.length).toBeLessThanOrEqual(48);
      expect(Buffer.byteLength(one.join('/'))).toBeLessThanOrEqual(700);
      expect(one.slice(0, -1)).toEqual(other.slice(0, -1));
      expect(one.at(-2)).toMatch(/^~[0-9a-f]{8}$/);
      expect([one.at(-1), other.at(-1)]).toEqual(['1', '2']);
    }
  });

  it('gives names that every file system takes, whatever it is given', () => {
    const odd = fc.constantFrom(
      '..',
      '.',
      ' ',
      '/',
      '\\',
      '\u0000',
      'CON',
      'nul.',
      ':',
      '\ud800',
      '%2F',
      '~',
    );
    const text = fc.array(fc.oneof(odd, fc.string({ unit: 'binary' })), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (domain, path) => {
        const names = safeSegments(domain.join(''), path.join(''));
        for (const name of names) {
          expect(name).toMatch(/^[^\u0000-\u001f\u007f"*/:<>?\\|]*[^\u0000-\u001f\u007f"*/:<>?\\|. ]$/);
          expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)( *\..*)?$/i);
          expect(Buffer.byteLength(numbered(name, 999_999))).toBeLessThanOrEqual(255);
          expect(Buffer.from(name).toString()).toBe(name);
        }
      }),
      { seed: 1, numRuns: 3000 },
    );
  });
});

describe('numbered', () => {
  it('puts the number before the extension', () => {
    expect(numbered('a.txt', 1)).toBe('a.txt');
    expect(numbered('a.txt', 2)).toBe('a (2).txt');
    expect(numbered('.profile', 3)).toBe('.profile (3)');
    expect(numbered('a.no extension but a sentence', 2)).toBe('a.no extension but a sentence (2)');
  });
});
