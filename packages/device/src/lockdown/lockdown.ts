import type { Duplex } from 'node:stream';
import { asBoolean, asDict, asInteger, asString, type PlistDict, type PlistValue } from '@rootcellar/codecs';
import { ByteChannel, type Secret, streamError } from '@rootcellar/core';
import { lockdownError } from '../errors.ts';
import { type PlistStream, plistStream } from '../plist-stream.ts';
import type { Hear } from '../trace/witness.ts';
import type { PairRecord } from './pair-record.ts';
import { lockdownRefusal } from './refusal.ts';
import { secureConnection } from './secure-connection.ts';

/** Source: device-protocols §3.1. */
export const LOCKDOWN_PORT = 62_078;

/** An answer takes less than a second; Pair up to five. Source: device-protocols §8.2. */
const ANSWER_TIMEOUT_MS = 30_000;

const LABEL = 'rootcellar';

/** A service that was started, and how to reach it. */
export interface StartedService {
  readonly port: number;
  readonly secure: boolean;
}

/**
 * One conversation with lockdownd, the doorkeeper of a device. Requests are answered in order, so
 * calls must not overlap.
 *
 * Source: device-protocols §3.
 */
export class Lockdown {
  #stream: PlistStream;
  #productVersion: string | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #hear: Hear | undefined;

  /**
   * @param stream to port 62078 of the device; it belongs to this object from now on
   * @param hear is told each message, decrypted
   */
  constructor(stream: Duplex, signal?: AbortSignal, hear?: Hear) {
    this.#hear = hear;
    this.#stream = plistStream(new ByteChannel(stream), hear);
    this.#signal = signal;
  }

  /** @throws `lockdown.not-lockdown` if the device is in recovery or restore mode */
  async requireNormalMode(): Promise<void> {
    const type = asString((await this.request('QueryType'))['Type']);
    if (type !== 'com.apple.mobile.lockdown') throw lockdownError('not-lockdown');
  }

  /** One value; `undefined` if the device has none or does not tell it (more is told in a session). */
  async value(key: string, domain?: string): Promise<PlistValue | undefined> {
    const answer = await this.#ask('GetValue', { Key: key, Domain: domain });
    const refused = refusalOf(answer);
    if (refused === undefined) return answer['Value'];
    if (lockdownError.matches(refused, 'value-not-available')) return undefined;
    throw refused;
  }

  /** One value, if it is a text. */
  async text(key: string, domain?: string): Promise<string | undefined> {
    return asString(await this.value(key, domain));
  }

  /** One value, if it is a whole number. */
  async number(key: string, domain?: string): Promise<number | undefined> {
    const number = asInteger(await this.value(key, domain));
    return number === undefined ? undefined : Number(number);
  }

  /** One value, if it is yes or no; devices also say 1 and 0. Source: device-protocols §3.3. */
  async flag(key: string, domain?: string): Promise<boolean | undefined> {
    const value = await this.value(key, domain);
    return value === 1 || (value === 0 ? false : asBoolean(value));
  }

  /** All values of a domain; without a domain, what describes the device. */
  async values(domain?: string): Promise<PlistDict> {
    const answer = await this.#ask('GetValue', { Domain: domain });
    const refused = refusalOf(answer);
    if (refused !== undefined && !lockdownError.matches(refused, 'value-not-available')) throw refused;
    return asDict(answer['Value']) ?? {};
  }

  /** @throws `lockdown.value-not-available` if the device does not let it be changed */
  async setValue(key: string, value: PlistValue, domain?: string): Promise<void> {
    await this.request('SetValue', { Domain: domain, Key: key, Value: value });
  }

  /**
   * Proves to be the paired computer; from then on the conversation is encrypted.
   *
   * @throws `lockdown.not-trusted`, `lockdown.wrong-device-key`, `lockdown.locked`
   */
  async startSession(record: PairRecord): Promise<void> {
    const version = this.#productVersion ?? asString(await this.value('ProductVersion'));
    this.#productVersion = version;
    const answer = await this.request('StartSession', {
      HostID: record.hostID,
      SystemBUID: record.systemBuid,
    });
    if (asBoolean(answer['EnableSessionSSL']) !== true) return;
    const socket = await secureConnection(this.#stream.channel.release(), record, {
      productVersion: version,
      signal: this.#signal,
    });
    this.#stream = plistStream(new ByteChannel(socket), this.#hear);
  }

  /**
   * @param escrowBag opens protected data even while the device is locked
   * @throws `lockdown.service-unknown`, `lockdown.never-unlocked`, `lockdown.locked` …
   */
  async startService(name: string, escrowBag?: Secret<Uint8Array>): Promise<StartedService> {
    const answer = await this.#ask('StartService', { Service: name, EscrowBag: escrowBag?.reveal() });
    const refused = refusalOf(answer);
    if (refused && escrowBag && lockdownError.matches(refused, 'value-not-available')) {
      throw lockdownError('never-unlocked', refused.details);
    }
    if (refused) throw refused;
    const port = asInteger(answer['Port']);
    if (typeof port !== 'number' || port < 1 || port > 65_535) {
      throw lockdownError('unknown-answer', { answer: 'a service without a port' });
    }
    return { port, secure: asBoolean(answer['EnableServiceSSL']) === true };
  }

  /** The version of the system, if `startSession` has learned it. */
  get productVersion(): string | undefined {
    return this.#productVersion;
  }

  /** Sends a request and expects its success. @throws what the device refuses with */
  async request(name: string, fields: PlistDict = {}): Promise<PlistDict> {
    const answer = await this.#ask(name, fields);
    const refused = refusalOf(answer);
    if (refused) throw refused;
    return answer;
  }

  close(): void {
    this.#stream.channel.destroy();
  }

  async #ask(name: string, fields: PlistDict): Promise<PlistDict> {
    try {
      await this.#stream.send({ Label: LABEL, ProtocolVersion: '2', Request: name, ...fields });
      const answer = await this.#stream.receive({
        timeoutMs: ANSWER_TIMEOUT_MS,
        waitingFor: 'the iPhone',
        signal: this.#signal,
      });
      if (answer === undefined) throw lockdownError('session-lost');
      const dict = asDict(answer);
      if (dict === undefined) throw lockdownError('unknown-answer', { answer: 'not a dictionary' });
      return dict;
    } catch (error) {
      this.close(); // A late answer would be taken for the next one's.
      throw isBroken(error) ? lockdownError('session-lost', {}, error) : error;
    }
  }
}

/** The phone closes idle connections; whether we notice while writing or reading makes no difference. */
function isBroken(error: unknown): boolean {
  return streamError.matches(error, 'closed') || streamError.matches(error, 'cut-short');
}

function refusalOf(answer: PlistDict): ReturnType<typeof lockdownRefusal> | undefined {
  const error = answer['Error'];
  if (error !== undefined) return lockdownRefusal(asString(error) ?? '');
  // Systems before iOS 5 also said how it went. Source: device-protocols §3.1.
  const result = asString(answer['Result']);
  return result === undefined || result === 'Success' ? undefined : lockdownRefusal(result);
}
