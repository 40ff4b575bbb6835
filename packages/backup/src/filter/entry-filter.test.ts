import { describe, expect, it } from 'vitest';
import { type EntrySelection, entryFilter } from './entry-filter.ts';

const DOMAINS = [
  'AppDomain-com.example.app',
  'AppDomain-com.example.other',
  'AppDomainGroup-group.com.example.app',
  'AppDomainPlugin-com.example.app.widget',
  'HomeDomain',
];

describe('entryFilter', () => {
  it.each<[EntrySelection, readonly string[]]>([
    [{}, DOMAINS],
    [{ domain: 'HomeDomain' }, ['HomeDomain']],
    [
      { app: 'com.example.app' },
      [
        'AppDomain-com.example.app',
        'AppDomainGroup-group.com.example.app',
        'AppDomainPlugin-com.example.app.widget',
      ],
    ],
    [{ app: 'com.unknown' }, []],
    [{ like: 'AppDomain*/**' }, DOMAINS.slice(0, 4)],
    [{ like: '*.txt' }, DOMAINS],
    [{ like: '*.jpg' }, []],
    [{ domain: 'HomeDomain', app: 'com.example.app' }, []],
  ])('%j', (selection, expected) => {
    const fits = entryFilter(selection, DOMAINS);
    expect(DOMAINS.filter((domain) => fits({ domain, relativePath: 'Documents/a.txt' }))).toEqual(expected);
  });

  it('calls the root of a domain by the name of the domain', () => {
    expect(entryFilter({ like: 'HomeDomain' }, DOMAINS)({ domain: 'HomeDomain', relativePath: '' })).toBe(
      true,
    );
  });
});
