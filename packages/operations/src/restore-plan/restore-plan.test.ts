import { expect, test } from 'vitest';
import type { RestoreFacts } from './facts.ts';
import type { PlanLine } from './plan-line.ts';
import { planRestore } from './restore-plan.ts';
import { compareVersions, RULES } from './rules.ts';

const GOOD: RestoreFacts = {
  backup: {
    verdict: 'whole',
    deviceName: 'Ann’s iPhone',
    takenAt: new Date('2026-05-03T10:00:00Z'),
    files: 9,
    otherLengths: 0,
    udid: '00008120-0001A2B3C4D5E6F7',
    productType: 'iPhone15,2',
    productVersion: '18.1',
    encrypted: false,
    bytes: 1_000,
    apps: ['org.example.garden'],
    filesByDomain: new Map([
      ['CameraRollDomain', 7],
      ['AppDomain-org.example.garden', 2],
    ]),
    has: (domain, path) => domain === 'HomeDomain' && path === 'Library/SMS/sms.db',
  },
  device: {
    udid: '00008120-0001A2B3C4D5E6F7',
    name: 'Ann’s iPhone',
    productType: 'iPhone15,2',
    productVersion: '18.1',
    connection: 'usb',
    findMyOn: false,
    requiresEncryption: false,
    freeBytes: 2_000,
    batteryPercent: 80,
    onPower: true,
  },
  hasPassword: false,
};

const backup = (change: Partial<RestoreFacts['backup']>): RestoreFacts => ({
  ...GOOD,
  backup: { ...GOOD.backup, ...change },
});
const device = (change: Partial<RestoreFacts['device']>): RestoreFacts => ({
  ...GOOD,
  device: { ...GOOD.device, ...change },
});

const codesOf = (lines: readonly PlanLine[]) => lines.map(({ code }) => code);

test('a good backup of the same phone is allowed, and says what comes back', () => {
  const plan = planRestore(GOOD);
  expect(plan.allowed).toBe(true);
  expect(plan.rules.map(({ code }) => code)).toEqual(['find-my-unknown']);
  expect(plan.comesBack).toEqual([
    { code: 'photos', details: { files: 7 }, sentence: 'Photos and videos (7 files)' },
    { code: 'messages', details: {}, sentence: 'Messages' },
    { code: 'one-app', details: {}, sentence: 'Data of 1 app' },
  ]);
  expect(codesOf(plan.staysBehind)).toContain('encrypted-only');
  expect(plan.apps).toEqual(['org.example.garden']);
  expect(plan.backup).toMatchObject({ deviceName: 'Ann’s iPhone', productVersion: '18.1', files: 9 });
});

test.each([
  ['backup-damaged', backup({ verdict: 'damaged' }), false],
  ['backup-incomplete', backup({ verdict: 'incomplete' }), false],
  ['backup-unverified', backup({ verdict: 'cannot-tell' }), true],
  ['backup-locked', { ...backup({ verdict: 'cannot-tell', encrypted: true }), hasPassword: true }, true],
  ['lengths-differ', backup({ verdict: 'cannot-tell', otherLengths: 2 }), true],
  ['newer-system', backup({ productVersion: '18.10' }), false],
  ['find-my-on', device({ findMyOn: true }), false],
  ['password-needed', backup({ encrypted: true }), false],
  ['encryption-required', device({ requiresEncryption: true }), false],
  ['cable-needed', device({ connection: 'wifi' }), false],
  ['no-room', device({ freeBytes: 999 }), true],
  ['battery-low', device({ batteryPercent: 19, onPower: false }), true],
  ['other-device', device({ udid: '00008120-FFFFFFFFFFFFFFFF' }), true],
  ['other-kind', device({ productType: 'iPad13,1' }), true],
  ['find-my-unknown', GOOD, true],
] as const)('rule %s', (code, facts, allowed) => {
  const plan = planRestore(facts);
  expect(plan.rules.map((rule) => rule.code)).toContain(code);
  expect(plan.allowed).toBe(allowed);
});

test('every rule has a test, a code of its own and a source', () => {
  expect(new Set(RULES.map(({ code }) => code)).size).toBe(RULES.length);
  expect(RULES).toHaveLength(15);
  for (const { source } of RULES) expect(source.length).toBeGreaterThan(5);
});

test('a sentence names what was found', () => {
  const sentenceOf = (facts: RestoreFacts, code: string) =>
    planRestore(facts).rules.find((rule) => rule.code === code)?.sentence;
  expect(sentenceOf(backup({ productVersion: '18.10' }), 'newer-system')).toContain(
    'iOS 18.10, the iPhone has 18.1.',
  );
  expect(sentenceOf(device({ batteryPercent: 19, onPower: false }), 'battery-low')).toContain('at 19 %');
  expect(sentenceOf(device({ udid: 'F' }), 'other-device')).toContain('than Ann’s iPhone.');
});

test('what a phone does not tell does not block', () => {
  const silent = device({ freeBytes: undefined, batteryPercent: undefined, onPower: false });
  expect(planRestore(silent).rules.map(({ code }) => code)).toEqual(['find-my-unknown']);
  expect(planRestore(device({ freeBytes: 0 })).rules.map(({ code }) => code)).toEqual(['find-my-unknown']);
});

test('passwords and Wi-Fi networks come back from an encrypted backup, and stay behind from a plain one', () => {
  const has: RestoreFacts['backup']['has'] = (domain) => /^(Keychain|SystemPreferences)Domain$/.test(domain);
  expect(codesOf(planRestore(backup({ encrypted: true, has })).comesBack)).toEqual(
    expect.arrayContaining(['passwords', 'wifi']),
  );
  const plain = planRestore(backup({ has }));
  expect(codesOf(plain.comesBack)).not.toContain('passwords');
  expect(codesOf(plain.staysBehind)).toContain('encrypted-only');
  const unseen = backup({ encrypted: true, filesByDomain: new Map(), has: () => false });
  expect(codesOf(planRestore(unseen).comesBack)).toEqual(['not-seen-yet', 'encrypted-too']);
});

test('the password of an encrypted backup lifts the block, and more comes back', () => {
  const plan = planRestore({ ...backup({ encrypted: true }), hasPassword: true });
  expect(plan.allowed).toBe(true);
  expect(codesOf(plan.staysBehind)).not.toContain('encrypted-only');
});

test.each([
  ['18.1', '18.1.0', 0],
  ['9.3', '10.0', -1],
  ['18.10', '18.9', 1],
  ['26.1', '26.1.1', -1],
] as const)('version %s compared with %s', (a, b, expected) => {
  expect(Math.sign(compareVersions(a, b))).toBe(expected);
  expect(Math.sign(compareVersions(b, a))).toBe(expected === 0 ? 0 : -expected);
});
