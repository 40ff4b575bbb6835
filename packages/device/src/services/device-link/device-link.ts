import { asDict, asInteger, encodeBinaryPlist, type PlistDict, type PlistValue } from '@rootcellar/codecs';
import { type ByteChannel, type Clock, systemClock, withTimeout } from '@rootcellar/core';
import { readMessage, withLength } from '../../plist-stream.ts';
import { deviceLinkError } from '../errors.ts';
import { type DeviceLinkMessage, parseDeviceLinkMessage } from './device-link-message.ts';

/** In the place of a text when there is nothing to say; never an empty one. Source: device-protocols §6. */
const NO_TEXT = '___EmptyParameterString___';

/** A listing of a million files is about 120 MB; lengths beyond this mean that we lost our place. */
const MESSAGE_BYTES_MAX = 256 * 1024 * 1024;

/** A phone that is busy may take 62 s and more. Source: observed §1.1 and its correction of §8.2. */
const OPENING_TIMEOUT_MS = 180_000;

/** How long a phone may take to say goodbye. Source: device-protocols §6. */
const GOODBYE_TIMEOUT_MS = 2_000;

/** What one request came to, as the other side is told. */
export interface Status {
  /** 0, or one of the negative codes of `mobilebackup2/status-code.ts`. */
  readonly code: number;
  readonly text?: string;
  /** Default: an empty dictionary. */
  readonly payload?: PlistValue;
}

/**
 * The conversation under mobilebackup2: arrays as binary property lists. The device asks, we answer.
 *
 * Source: device-protocols §6 (libimobiledevice, `src/device_link_service.c`).
 */
export class DeviceLink {
  readonly channel: ByteChannel;
  readonly #clock: Clock;

  constructor(channel: ByteChannel, clock: Clock = systemClock) {
    this.channel = channel;
    this.#clock = clock;
  }

  /**
   * Agrees on a version. The device speaks first.
   * @throws `device-link.not-ready` if it wants something else, or ends the conversation
   */
  async open(signal?: AbortSignal): Promise<void> {
    const offer = await this.#receiveOpening('DLMessageVersionExchange', signal);
    const major = asInteger(offer.element(1));
    // We speak whatever it speaks: 300 before iOS 14, 400 since. Source: observed §1.1.
    await this.#send(['DLMessageVersionExchange', 'DLVersionsOk', major ?? 400]);
    await this.#receiveOpening('DLMessageDeviceReady', signal);
  }

  /**
   * The next message, however long it takes: a phone may be silent for many minutes.
   * @returns `undefined` when the device closed the connection
   * @throws `device-link.message-invalid`
   */
  async receive(): Promise<DeviceLinkMessage | undefined> {
    const bytes = await readMessage(this.channel, MESSAGE_BYTES_MAX);
    return bytes && parseDeviceLinkMessage(bytes);
  }

  /** A message of the service above. */
  async sendProcess(message: PlistDict): Promise<void> {
    await this.#send(['DLMessageProcessMessage', message]);
  }

  /** Receives the answer to a `sendProcess` that must come next. @throws `device-link.not-ready` */
  async receiveProcess(signal?: AbortSignal): Promise<PlistDict> {
    const message = await this.#receiveOpening('DLMessageProcessMessage', signal);
    const dict = asDict(message.element(1));
    if (dict === undefined) throw deviceLinkError('not-ready');
    return dict;
  }

  /** Answers the request in work; each needs exactly one, after the work is done. */
  async sendStatus(status: Status): Promise<void> {
    const { code, text = NO_TEXT, payload = {} } = status;
    await this.#send(['DLMessageStatusResponse', code, text, payload]);
  }

  /** Says goodbye, waits a moment for the device to hang up, and closes. Never fails. */
  async close(): Promise<void> {
    try {
      await withTimeout(this.#sayGoodbye(), { timeoutMs: GOODBYE_TIMEOUT_MS, waitingFor: 'the goodbye' });
    } catch {
      // It hung up first, or does not answer: either way we are done with it.
    }
    this.channel.destroy();
  }

  async #receiveOpening(name: string, signal?: AbortSignal): Promise<DeviceLinkMessage> {
    const message = await withTimeout(this.receive(), {
      timeoutMs: OPENING_TIMEOUT_MS,
      waitingFor: 'the backup service of the iPhone',
      signal,
      clock: this.#clock,
    });
    if (message?.name !== name) throw deviceLinkError('not-ready');
    return message;
  }

  async #sayGoodbye(): Promise<void> {
    await this.#send(['DLMessageDisconnect', NO_TEXT]);
    while ((await this.channel.readSome(MESSAGE_BYTES_MAX)).length > 0);
  }

  #send(message: PlistValue): Promise<void> {
    return this.channel.write(withLength(encodeBinaryPlist(message)));
  }
}
