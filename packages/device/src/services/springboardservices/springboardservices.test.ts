import type { PlistValue } from '@rootcellar/codecs';
import { expect, test } from 'vitest';
import { plistStream } from '../../plist-stream.ts';
import { wire } from '../../testing/scripted-phone.ts';
import { readAppIcon } from './springboardservices.ts';

async function iconFrom(answer: PlistValue | undefined) {
  const { ours, phone } = wire();
  const stream = plistStream(phone);
  const icon = readAppIcon(ours, 'com.example.app');
  const request = await stream.receive({ timeoutMs: 5_000, waitingFor: 'a request' });
  if (answer === undefined) phone.end();
  else await stream.send(answer);
  return { icon: await icon, request };
}

test('an app icon is asked for by name, and comes as data', async () => {
  const { icon, request } = await iconFrom({ pngData: Buffer.from('png') });
  expect(request).toEqual({ command: 'getIconPNGData', bundleId: 'com.example.app' });
  expect(Buffer.from(icon ?? []).toString()).toBe('png');
});

test.each<[string, PlistValue | undefined]>([
  ['an error', { Error: 'NoSuchApp' }],
  ['an icon that is text', { pngData: 'png' }],
  ['an array', ['png']],
  ['a hang-up', undefined],
])('%s is no icon', async (_, answer) => {
  expect((await iconFrom(answer)).icon).toBeUndefined();
});
