import { expect, test } from 'vitest';
import { callerOf } from './caller.ts';

const call = (remoteAddress: string, headers: Record<string, string> = {}) =>
  callerOf({ headers: { host: 'localhost:4610', ...headers }, socket: { remoteAddress } } as never);

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
