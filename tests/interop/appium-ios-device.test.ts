import { createRequire } from 'node:module';
import type { InstalledApp } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, pairStage, type Stage } from '../stage.ts';

/** What we use of it; the package declares no types for its door. */
interface AppiumIosDevice {
  readonly utilities: {
    getConnectedDevices(): Promise<string[]>;
    getOSVersion(udid: string): Promise<string>;
    getDeviceName(udid: string): Promise<string>;
    getDeviceInfo(udid: string): Promise<Record<string, unknown>>;
  };
  readonly services: {
    startAfcService(udid: string): Promise<{
      createDirectory(path: string): Promise<void>;
      deleteDirectory(path: string): Promise<void>;
      listDirectory(path: string): Promise<string[]>;
      openFile(path: string, mode: number): Promise<number>;
      writeFile(handle: number, bytes: Buffer): Promise<void>;
      closeFileHandle(handle: number): Promise<void>;
      close(): void;
    }>;
    startInstallationProxyService(udid: string): Promise<{
      listApplications(options: { readonly applicationType: string }): Promise<Record<string, unknown>>;
      close(): void;
    }>;
  };
}

// Without this its logger fills the terminal.
process.env['_TESTING'] = '1';
const { services, utilities }: AppiumIosDevice = createRequire(import.meta.url)('appium-ios-device');

/** A client in JavaScript that shares nothing with libimobiledevice: it cannot pair, so ours does. */
describe.each(['unix', 'tcp'] as const)('appium-ios-device over %s', (kind) => {
  let stage: Stage;
  let environment: string | undefined;
  let userApps: readonly InstalledApp[];

  beforeAll(async () => {
    stage = await openStage();
    await pairStage(stage);
    environment = process.env['USBMUXD_SOCKET_ADDRESS'];
    process.env['USBMUXD_SOCKET_ADDRESS'] =
      kind === 'tcp' ? stage.simulator.tcp : stage.env.USBMUXD_SOCKET_ADDRESS;
    userApps = stage.phone.apps.filter((app) => app.kind === 'User');
  });
  afterAll(async () => {
    if (environment === undefined) delete process.env['USBMUXD_SOCKET_ADDRESS'];
    else process.env['USBMUXD_SOCKET_ADDRESS'] = environment;
    await stage.close();
  });

  test('finds the phone', async () => {
    expect(await utilities.getConnectedDevices()).toEqual([stage.udid]);
  });

  test('reads it through lockdown', async () => {
    const { deviceName, productType, productVersion } = stage.phone.identity;
    expect(await utilities.getOSVersion(stage.udid)).toBe(productVersion);
    expect(await utilities.getDeviceName(stage.udid)).toBe(deviceName);
    expect(await utilities.getDeviceInfo(stage.udid)).toMatchObject({
      UniqueDeviceID: stage.udid,
      ProductType: productType,
    });
  });

  test('writes, reads, lists and removes files through AFC', async () => {
    const afc = await services.startAfcService(stage.udid);
    try {
      await afc.createDirectory('/from-appium');
      const handle = await afc.openFile('/from-appium/note.txt', 3);
      await afc.writeFile(handle, Buffer.from('apples'));
      await afc.closeFileHandle(handle);
      expect(await afc.listDirectory('/from-appium')).toContain('note.txt');
      const content = stage.phone.files.stat('/var/mobile/Media/from-appium/note.txt')?.content;
      expect(Buffer.concat(await Array.fromAsync(content?.read() ?? [])).toString()).toBe('apples');
      await afc.deleteDirectory('/from-appium');
      expect(stage.phone.files.stat('/var/mobile/Media/from-appium')).toBeUndefined();
    } finally {
      afc.close();
    }
  });

  test('lists the applications', async () => {
    const proxy = await services.startInstallationProxyService(stage.udid);
    try {
      const listed = await proxy.listApplications({ applicationType: 'User' });
      expect(Object.keys(listed).sort()).toEqual(userApps.map(({ bundleID }) => bundleID).sort());
    } finally {
      proxy.close();
    }
  });
});
