import { describe, expect, it } from 'vitest';
import { allModels, modelFor } from './models.ts';
import { behaviourOf } from './system-behaviour.ts';
import { compareVersions } from './system-version.ts';
import { systemVersion } from './systems.ts';

describe('versions', () => {
  it('are compared number by number', () => {
    expect(compareVersions('26.10', '26.9')).toBeGreaterThan(0);
    expect(compareVersions('18', '18.0')).toBe(0);
    expect(compareVersions('16.0.3', '16.1')).toBeLessThan(0);
  });
});

describe('the behaviour of a system', () => {
  it.each([
    ['12.5.7', { deviceLinkMajor: 300, servicesWithoutTls: ['com.apple.afc'], asksPasscodeForBackup: false }],
    ['13.7', { deviceLinkMajor: 300, servicesWithoutTls: [], asksPasscodeForPasswordChange: true }],
    ['14.8', { deviceLinkMajor: 400, asksPasscodeForBackup: false }],
    ['16.0.3', { asksPasscodeForBackup: false, silentSeconds: { beforeFirstMessage: 62 } }],
    ['16.1.1', { asksPasscodeForBackup: true, wifiLabel: 'own-address' }],
    ['17.2', { wifiLabel: 'private-address', gestaltDeprecated: false, readsStatusTwice: false }],
    ['17.5', { gestaltDeprecated: true }],
    ['18.0', { restore: { refusesPathsAsDomains: false } }],
    ['18.1', { restore: { refusesPathsAsDomains: true, demandsDigests: false } }],
    ['18.7', { purgeExtraBytes: 0 }],
    ['26.1', { readsStatusTwice: true, purgeExtraBytes: 2 ** 31, wifiLabel: 'private-address' }],
    [
      '26.5.1',
      { wifiLabel: 'rotating-address', restore: { refusesPathsAsDomains: true, demandsDigests: false } },
    ],
    ['27.2', { deviceLinkMajor: 400, restore: { demandsDigests: true, dropsEverythingElse: true } }],
  ])('of %s is the nearest at or below it', (version, expected) => {
    expect(behaviourOf(version)).toMatchObject(expected);
  });
});

describe('a model', () => {
  it.each([
    ['12.5.7', 'iPhone11,8'],
    ['13.7', 'iPhone12,8'],
    ['15.8', 'iPhone14,6'],
    ['16.0', 'iPhone15,2'],
    ['27.0', 'iPhone15,2'],
  ])('for iOS %s is %s unless another is asked for', (version, productType) => {
    expect(modelFor(systemVersion(version)).productType).toBe(productType);
  });

  it.each([
    ['iPhone8,1', '16.0'],
    ['iPhone8,1', '27.0'],
    ['iPhone11,8', '26.0'],
    ['iPhone18,3', '18.6.2'],
    ['iPhone13,2', '14.0'],
    ['iPhone15,2', '12.5.7'],
  ])('%s cannot have iOS %s', (productType, version) => {
    expect(() => modelFor(systemVersion(version), productType)).toThrow(
      expect.objectContaining({ code: 'simulator.system-impossible' }),
    );
  });

  it('is there once, with a chip and board of its own, and runs something', () => {
    const models = allModels();
    expect(new Set(models.map(({ productType }) => productType)).size).toBe(models.length);
    expect(new Set(models.map(({ chipID, boardID }) => `${chipID}/${boardID}`)).size).toBe(models.length);
    for (const { systems, productType } of models) {
      const newest = systemVersion(`${systems.newestMajor}.0`);
      if (compareVersions(newest.productVersion, systems.oldest) >= 0) modelFor(newest, productType);
      expect(Number.parseInt(systems.oldest, 10)).toBeLessThanOrEqual(systems.newestMajor);
    }
    for (let major = 12; major <= 27; major += major === 18 ? 8 : 1) modelFor(systemVersion(`${major}.0`));
  });
});
