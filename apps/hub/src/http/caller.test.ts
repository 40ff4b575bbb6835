import { expect, test } from 'vitest';
import { callerOf } from './caller.ts';

const call = (remoteAddress: string, headers: Record<string, string> = {}, isProxied = false) =>
  callerOf(
    { headers: { host: 'localhost:4610', ...headers }, socket: { remoteAddress } } as never,
    isProxied,
  );

test.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])('%s is here', (address) => {
  for (const host of ['localhost:4610', '127.0.0.1:4610', '[::1]:4610', 'LOCALHOST'])
    expect(call(address, { host }).isHere).toBe(true);
});

test.each(['192.168.1.5', '::ffff:192.168.1.5', '10.0.2.100', 'fe80::1', '1270.0.0.1', ''])(
  '%j is elsewhere',
  (address) => {
    expect(call(address).isHere).toBe(false);
  },
);

test.each([
  ['host', 'cellar.example'],
  ['host', '127.0.0.1.evil.example'],
  ['host', ''],
  ['x-forwarded-for', '127.0.0.1'],
  ['x-real-ip', '127.0.0.1'],
  ['forwarded', 'for=127.0.0.1'],
  ['via', '1.1 proxy'],
])('what a proxy here hands on is elsewhere: %s %j', (name, value) => {
  expect(call('127.0.0.1', { [name]: value }).isHere).toBe(false);
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:DB8::7', '2001:db8::7'],
  ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
  ['203.0.113.7, nonsense', '127.0.0.1'],
  ['', '127.0.0.1'],
])('a proxy here that says %j asks for %s', (header, address) => {
  expect(call('127.0.0.1', { 'x-forwarded-for': header }, true).remoteAddress).toBe(address);
});

test('only a proxy here, where one is expected, is believed', () => {
  const headers = { 'x-forwarded-for': '203.0.113.7' };
  expect(call('127.0.0.1', headers, false).remoteAddress).toBe('127.0.0.1');
  expect(call('192.168.1.5', headers, true).remoteAddress).toBe('192.168.1.5');
});
