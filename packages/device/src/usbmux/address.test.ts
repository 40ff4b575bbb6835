import { describe, expect, test } from 'vitest';
import { parseUsbmuxAddress, usbmuxAddress } from './address.ts';

describe('an address of usbmuxd', () => {
  test.each([
    ['UNIX:/run/mux', { path: '/run/mux' }],
    ['unix:/run/mux', { path: '/run/mux' }],
    ['unix:///run/mux', { path: '/run/mux' }],
    ['/run/mux', { path: '/run/mux' }],
    ['/run/mux:1', { path: '/run/mux:1' }],
    ['127.0.0.1:27015', { host: '127.0.0.1', port: 27_015 }],
    ['tcp://127.0.0.1:27015', { host: '127.0.0.1', port: 27_015 }],
    ['TCP://mac.local:1', { host: 'mac.local', port: 1 }],
    ['[::1]:27015', { host: '::1', port: 27_015 }],
    ['::1:27015', { host: '::1', port: 27_015 }],
    ['host:65535', { host: 'host', port: 65_535 }],
  ])('%s is understood', (text, address) => {
    expect(parseUsbmuxAddress(text)).toEqual(address);
  });

  test.each([
    '',
    'host',
    'host:',
    ':27015',
    '[]:27015',
    'host:0',
    'host:65536',
    'host:123456',
    'host:port',
    'UNIX:',
    'UNIX:relative',
    'UNIX:27015',
    'http://host:80',
    'tcp://:80',
  ])('%j is refused', (text) => {
    expect(() => parseUsbmuxAddress(text)).toThrow(
      expect.objectContaining({ code: 'usbmux.address-invalid' }),
    );
  });
});

describe('where usbmuxd listens', () => {
  test('is told by the environment', () => {
    expect(usbmuxAddress({ USBMUXD_SOCKET_ADDRESS: 'host:1' }, 'linux')).toEqual({ host: 'host', port: 1 });
  });

  test('depends on the system when the environment says nothing', () => {
    for (const environment of [{}, { USBMUXD_SOCKET_ADDRESS: '' }]) {
      expect(usbmuxAddress(environment, 'linux')).toEqual({ path: '/var/run/usbmuxd' });
      expect(usbmuxAddress(environment, 'darwin')).toEqual({ path: '/var/run/usbmuxd' });
      expect(usbmuxAddress(environment, 'win32')).toEqual({ host: '127.0.0.1', port: 27_015 });
    }
  });
});
