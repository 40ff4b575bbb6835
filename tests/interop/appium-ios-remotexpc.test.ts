import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, pairStage, type Stage } from '../stage.ts';

/**
 * Where the package is installed. It is no dependency: with 134 others it weighs 70 MB, and its door loads a native
 * module that needs a newer C library than Debian 12 has. So the two parts that speak over a cable are loaded by
 * their paths.
 */
const INSTALLED = process.env['ROOTCELLAR_REMOTEXPC'];

interface UsbmuxPart {
  createUsbmux(): Promise<{
    listDevices(): Promise<readonly { readonly Properties: { readonly SerialNumber: string } }[]>;
    readBUID(): Promise<string>;
    readPairRecord(udid: string): Promise<Record<string, unknown> | null>;
    close(): Promise<void>;
  }>;
}
interface LockdownPart {
  createLockdownServiceByUDID(udid: string): Promise<{
    readonly lockdownService: {
      getProductVersion(): Promise<string>;
      getTimeZone(): Promise<string>;
      getDeviceInfo(): Promise<Record<string, unknown>>;
      sendAndReceive(message: Record<string, string>): Promise<Record<string, unknown>>;
      stopRelayService(): void;
      close(): void;
    };
  }>;
}

function isNotInstalled(): boolean {
  if (INSTALLED !== undefined) return false;
  const message = 'Not installed, needed for interop tests: appium-ios-remotexpc (ROOTCELLAR_REMOTEXPC)';
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`SKIPPED – ${message}`);
  return true;
}

const part = (name: string) =>
  import(pathToFileURL(join(INSTALLED ?? '', 'build', 'src', 'lib', name, 'index.js')).href);

describe.skipIf(isNotInstalled())('appium-ios-remotexpc', () => {
  let stage: Stage;
  let environment: string | undefined;
  beforeAll(async () => {
    stage = await openStage();
    await pairStage(stage);
    environment = process.env['USBMUXD_SOCKET_ADDRESS'];
    process.env['USBMUXD_SOCKET_ADDRESS'] = stage.env.USBMUXD_SOCKET_ADDRESS;
    process.env['APPIUM_IOS_REMOTEXPC_LOG_LEVEL'] = 'silent';
  });
  afterAll(async () => {
    if (environment === undefined) delete process.env['USBMUXD_SOCKET_ADDRESS'];
    else process.env['USBMUXD_SOCKET_ADDRESS'] = environment;
    await stage.close();
  });

  test('finds the phone and its pair record', async () => {
    const { createUsbmux }: UsbmuxPart = await part('usbmux');
    const usbmux = await createUsbmux();
    const devices = await usbmux.listDevices();
    expect(devices.map(({ Properties }) => Properties.SerialNumber)).toEqual([stage.udid]);
    expect(await usbmux.readBUID()).toMatch(/^[0-9A-F-]{36}$/);
    expect(Object.keys((await usbmux.readPairRecord(stage.udid)) ?? {})).toContain('EscrowBag');
    await usbmux.close();
  });

  test('reads it over TLS, and has a service started', async () => {
    const { createLockdownServiceByUDID }: LockdownPart = await part('lockdown');
    const { lockdownService } = await createLockdownServiceByUDID(stage.udid);
    const { productVersion, deviceName } = stage.phone.identity;
    expect(await lockdownService.getProductVersion()).toBe(productVersion);
    expect(await lockdownService.getDeviceInfo()).toMatchObject({ DeviceName: deviceName });
    const Request = 'StartService';
    const answer = await lockdownService.sendAndReceive({ Request, Label: 'x', Service: 'com.apple.afc' });
    expect(answer).toMatchObject({ Request, EnableServiceSSL: true, Port: expect.any(Number) });
    lockdownService.close();
    lockdownService.stopRelayService();
  });
});
