import { describe, expect, test } from 'vitest';
import { originsOf } from './http-server.ts';

const HUB = {
  scheme: 'http',
  port: 4610,
  localAddress: '::ffff:192.168.1.5',
  publicOrigins: ['https://cellar.example', 'http://nas.local:8080'],
} as const;

describe('who may be asked by which name', () => {
  test.each([
    ['localhost:4610', ['http://localhost:4610']],
    ['LocalHost:4610', ['http://localhost:4610']],
    ['[::1]:4610', ['http://[::1]:4610']],
    ['192.168.1.5:4610', ['http://192.168.1.5:4610']],
    ['cellar.example', ['https://cellar.example']],
    ['nas.local:8080', ['http://nas.local:8080']],
  ])('%s, by its own pages', (host, origins) => {
    expect(originsOf(host, HUB)).toEqual(origins);
  });

  test.each([
    undefined,
    '',
    '192.168.1.6:4610',
    '192.168.1.5',
    'localhost',
    'localhost:80',
    'cellar.example:443',
    'cellar.example:4610',
    'cellar.example.evil.example',
    'nas.local',
    'https://cellar.example',
  ])('not %j', (host) => {
    expect(originsOf(host, HUB)).toEqual([]);
  });

  test('at the usual port of https, with or without it', () => {
    const hub = { ...HUB, scheme: 'https', port: 443, localAddress: 'fe80::1' } as const;
    expect(originsOf('localhost', hub)).toEqual(['https://localhost']);
    expect(originsOf('[fe80::1]', hub)).toEqual(['https://[fe80::1]']);
    expect(originsOf('127.0.0.1:443', hub)).toEqual(['https://127.0.0.1:443']);
    expect(originsOf('localhost:80', hub)).toEqual([]);
  });
});
