import { asData, asDict } from '@rootcellar/codecs';
import type { ByteChannel } from '@rootcellar/core';
import { plistStream } from '../../plist-stream.ts';

export const SPRINGBOARDSERVICES_SERVICE = 'com.apple.springboardservices';

const ANSWER_TIMEOUT_MS = 30_000;

/**
 * The icon of an app as PNG; `undefined` if the device has none. Calls must not overlap.
 * Source: device-protocols §9.4.
 */
export async function readAppIcon(channel: ByteChannel, bundleID: string): Promise<Uint8Array | undefined> {
  const stream = plistStream(channel);
  await stream.send({ command: 'getIconPNGData', bundleId: bundleID });
  const answer = await stream.receive({ timeoutMs: ANSWER_TIMEOUT_MS, waitingFor: 'an app icon' });
  return asData(asDict(answer)?.['pngData']);
}
