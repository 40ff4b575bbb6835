import { asDict, asInteger, asString, parsePropertyList } from '@rootcellar/codecs';
import { type ByteChannel, type Clock, systemClock } from '@rootcellar/core';
import { type Attachment, type Device, groupByDevice, parseAttachment } from './attachment.ts';
import { readFrame } from './frame.ts';
import type { Usbmux } from './usbmux.ts';

/** How long to wait before asking again for a daemon that is gone. Source: libusbmuxd polls each second. */
const RECONNECT_AFTER_MS = 1_000;

/**
 * Everything that is plugged in, again after each change. The first value comes at once.
 *
 * It survives a restart of the daemon: everything is then gone for a while, and comes back. Ends when
 * `signal` aborts.
 */
export async function* watchDevices(
  usbmux: Usbmux,
  options: { readonly signal: AbortSignal; readonly clock?: Clock },
): AsyncIterable<readonly Device[]> {
  const { signal, clock = systemClock } = options;
  let told: string | undefined;
  for await (const attachments of everyState(usbmux, signal, clock)) {
    const state = attachments
      .map(({ deviceID, udid }) => `${deviceID} ${udid}`)
      .sort()
      .join();
    if (state === told) continue;
    told = state;
    yield groupByDevice(attachments);
  }
}

/** What is attached, told more often than it changes. */
async function* everyState(
  usbmux: Usbmux,
  signal: AbortSignal,
  clock: Clock,
): AsyncIterable<readonly Attachment[]> {
  while (!signal.aborted) {
    try {
      yield* statesOf(await usbmux.openListener(), usbmux, signal);
    } catch {
      // Whatever went wrong, the daemon is not to be had now: nothing is attached, and we ask again.
    }
    if (signal.aborted) return;
    yield [];
    await clock.sleep(RECONNECT_AFTER_MS, signal);
  }
}

/** Until the daemon closes the connection. @throws if it speaks nonsense */
async function* statesOf(
  listener: ByteChannel,
  usbmux: Usbmux,
  signal: AbortSignal,
): AsyncIterable<readonly Attachment[]> {
  const stop = () => listener.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    // A list first: the listener names what is there one by one, which would look like plugging in.
    const present = (await usbmux.listDevices()).flatMap((device) => device.attachments);
    const attachments = new Map(present.map((attachment) => [attachment.deviceID, attachment]));
    while (!signal.aborted) {
      yield [...attachments.values()];
      const frame = await readFrame(listener);
      if (frame === undefined) return;
      apply(attachments, frame.payload);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    listener.destroy();
  }
}

function apply(attachments: Map<number, Attachment>, payload: Uint8Array): void {
  const event = asDict(parsePropertyList(payload));
  const kind = asString(event?.['MessageType']);
  const attachment = event && kind === 'Attached' ? parseAttachment(event) : undefined;
  if (attachment) attachments.set(attachment.deviceID, attachment);

  const deviceID = asInteger(event?.['DeviceID']);
  if (kind === 'Detached' && typeof deviceID === 'number') attachments.delete(deviceID);
}
