import type { PlistValue } from '@rootcellar/codecs';
import { describe, expect, test } from 'vitest';
import { plistStream } from '../../plist-stream.ts';
import { wire } from '../../testing/scripted-phone.ts';
import { listUserApplications } from './installation-proxy.ts';

/** A phone that answers the request with these messages and then hangs up. */
function listing(...messages: readonly PlistValue[]) {
  const { ours, phone } = wire();
  const stream = plistStream(phone);
  void (async () => {
    await stream.receive({ timeoutMs: 5_000, waitingFor: 'a request' });
    for (const message of messages) await stream.send(message);
    phone.end();
  })().catch(() => {});
  return listUserApplications(ours);
}

const app = (name: string) => ({ CFBundleIdentifier: name });
const some = (...CurrentList: readonly PlistValue[]) => ({ Status: 'BrowsingApplications', CurrentList });
const COMPLETE = { Status: 'Complete' };

describe('the list of apps', () => {
  test('comes in several messages, some of them empty', async () => {
    const apps = await listing(
      some(app('a'), app('b')),
      { Status: 'BrowsingApplications' },
      some(app('c')),
      COMPLETE,
    );
    expect(apps.map(({ bundleID }) => bundleID)).toEqual(['a', 'b', 'c']);
  });

  test('may come with the word that it is complete', async () => {
    expect(await listing({ ...COMPLETE, CurrentList: [app('a')] })).toEqual([{ bundleID: 'a' }]);
  });

  test('has what a restore gives back', async () => {
    const full = {
      CFBundleIdentifier: 'a',
      CFBundleDisplayName: 'An App',
      CFBundleShortVersionString: '1.2',
      ApplicationSINF: Buffer.from('sinf'),
      iTunesMetadata: Buffer.from('meta'),
    };
    expect(await listing(some(full), COMPLETE)).toMatchObject([
      { bundleID: 'a', displayName: 'An App', version: '1.2' },
    ]);
    const [only] = await listing(some(full), COMPLETE);
    expect(Buffer.from(only?.sinf ?? []).toString()).toBe('sinf');
    expect(Buffer.from(only?.metadata ?? []).toString()).toBe('meta');
  });

  test('leaves out what has no name, or one that is no text', async () => {
    expect(await listing(some({}, 'x', [], app('a'), { CFBundleIdentifier: 5 }), COMPLETE)).toEqual([
      { bundleID: 'a' },
    ]);
  });

  test('of two hundred thousand in one message is an error of ours', async () => {
    const many = Array.from({ length: 200_000 }, () => app('a'));
    await expect(
      listing({ Status: 'BrowsingApplications', CurrentList: many }, COMPLETE),
    ).rejects.toMatchObject({
      code: 'installation-proxy.unknown-answer',
    });
  });

  test.each<[string, readonly PlistValue[]]>([
    ['an error', [{ Error: 'APIInternalError', ErrorDescription: 'Ann' }]],
    ['an error after some apps', [some(app('a')), { Error: 5 }]],
    ['a hang-up', []],
    ['a hang-up after some apps', [some(app('a'))]],
    ['something else', ['Complete']],
  ])('is refused after %s', async (_, messages) => {
    await expect(listing(...messages)).rejects.toMatchObject({ code: 'installation-proxy.unknown-answer' });
  });

  test('does not go on for ever', async () => {
    const endless = Array.from({ length: 10_001 }, () => some());
    await expect(listing(...endless)).rejects.toMatchObject({ code: 'installation-proxy.unknown-answer' });
  });
});
