import type { Duplex } from 'node:stream';
import {
  asData,
  asDict,
  asInteger,
  asString,
  encodeXmlPlist,
  type PlistDict,
  type PlistValue,
  parsePropertyList,
} from '@rootcellar/codecs';
import { ByteChannel } from '@rootcellar/core';
import { LOCKDOWN_PORT } from '../lockdown/lockdown-port.ts';
import { muxPlistFrame, RESULT, readMuxFrame } from '../mux/mux-frame.ts';
import { startServer } from '../mux/mux-server.ts';
import { closeGently } from '../wire/close-gently.ts';
import { plistChannel } from '../wire/plist-channel.ts';
import { expand, matches } from './placeholders.ts';
import { readTrace, type TracedMessage } from './read-trace.ts';

/** Source: device-protocols, section 4. */
const ESCROW_BAG_BYTES = 32;

/** Answers that a replay cannot give as they were: it has no keys. */
const WITHOUT_KEYS: PlistDict = { EnableSessionSSL: false, EnableServiceSSL: false };

export interface Replay {
  /** For `USBMUXD_SOCKET_ADDRESS`. */
  readonly tcp: string;
  /** What clients said that the trace does not have; words of the protocol only. */
  readonly surprises: readonly string[];
  /** Messages of the trace that nobody has asked for yet. */
  unused(): number;
  close(): Promise<void>;
}

/**
 * Answers as the device and the daemon of a trace did, to a client that asks what was asked then. Connections
 * may come in another order; within each the order counts. Nothing is encrypted, because a trace holds no keys.
 *
 * @param text the trace
 * @throws `simulator.trace-unreadable`
 */
export async function startReplay(text: string): Promise<Replay> {
  const script = new Script(readTrace(text));
  const server = await startServer((stream) => serveMux(stream, script), {});
  return {
    tcp: `127.0.0.1:${server.tcpPort}`,
    surprises: script.surprises,
    unused: () => script.unused(),
    close: () => server.close(),
  };
}

/** The connections of a trace, each of which is given out once. */
class Script {
  readonly surprises: string[] = [];
  readonly #waiting: (readonly TracedMessage[])[];
  readonly #serviceOfPort = new Map<number, string>();

  constructor(messages: readonly TracedMessage[]) {
    this.#waiting = [...Map.groupBy(messages, ({ connection }) => connection).values()];
    for (const { layer, direction, message } of messages) {
      const answer = layer === 'lockdown' && direction === 'received' ? asDict(expand(message)) : undefined;
      const port = asInteger(answer?.['Port']);
      const service = asString(answer?.['Service']);
      if (typeof port === 'number' && service !== undefined) this.#serviceOfPort.set(port, service);
    }
  }

  unused(): number {
    return this.#waiting.flat().length;
  }

  /** What the daemon answered to this. */
  takeExchange(request: PlistValue): PlistValue | undefined {
    const taken = this.#take(([first, sent]) => first?.layer === 'usbmux' && matches(sent?.message, request));
    return taken?.[2] && expand(taken[2].message);
  }

  /** What was said on a connection to this port. */
  takeConnection(port: number): readonly TracedMessage[] | undefined {
    const service = this.#serviceOfPort.get(port);
    const isIt = ([first]: readonly TracedMessage[]) =>
      port === LOCKDOWN_PORT
        ? first?.layer === 'lockdown'
        : first?.layer === 'service' && first.service === service;
    return this.#take(isIt);
  }

  #take(isIt: (messages: readonly TracedMessage[]) => boolean): readonly TracedMessage[] | undefined {
    const index = this.#waiting.findIndex(isIt);
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0];
  }
}

async function serveMux(stream: Duplex, script: Script): Promise<void> {
  const channel = new ByteChannel(stream);
  const frame = await readMuxFrame(channel);
  if (frame === undefined) return channel.destroy();
  const request = asDict(parsePropertyList(frame.payload)) ?? {};
  const answer = asDict(script.takeExchange(request));
  if (answer === undefined) {
    script.surprises.push(`usbmux ${asString(request['MessageType'])}`);
    return channel.destroy();
  }
  await channel.write(muxPlistFrame(withPairRecord(answer), frame.tag));
  if (request['MessageType'] !== 'Connect' || answer['Number'] !== RESULT.ok) {
    closeGently(channel.release());
    return;
  }
  const swapped = Number(asInteger(request['PortNumber']) ?? 0);
  const messages = script.takeConnection(((swapped & 0xff) << 8) | (swapped >> 8));
  if (messages !== undefined) return play(channel, messages, script);
  script.surprises.push('usbmux Connect once more than the trace has');
  channel.destroy();
}

/** A client cannot begin a session without a record that it can read: one of about the size of the real one. */
function withPairRecord(answer: PlistDict): PlistDict {
  const traced = asData(answer['PairRecordData']);
  if (traced === undefined) return answer;
  const nothing = Uint8Array.of(0);
  const PairRecordData = encodeXmlPlist({
    DeviceCertificate: new Uint8Array(traced.length / 2),
    EscrowBag: new Uint8Array(ESCROW_BAG_BYTES).fill(0xff),
    HostCertificate: nothing,
    HostID: '00000000-0000-0000-0000-FFFFFFFFFFFF',
    HostPrivateKey: nothing,
    RootCertificate: nothing,
    SystemBUID: '00000000-0000-0000-0000-FFFFFFFFFFFE',
  });
  return { ...answer, PairRecordData };
}

/** Says what was said, and hears what was heard. */
async function play(channel: ByteChannel, messages: readonly TracedMessage[], script: Script): Promise<void> {
  const plists = plistChannel(channel);
  for (const { direction, message, layer, service = layer } of messages) {
    if (direction === undefined) continue;
    if (direction === 'received') {
      const said = expand(message);
      // DeviceLink speaks binary, everything else both. Source: device-protocols, section 6.
      await plists.send(
        layer === 'lockdown' ? withoutKeys(said) : said,
        layer === 'service' ? 'binary' : 'xml',
      );
      continue;
    }
    const heard = await plists.receive();
    if (heard === undefined) return closeGently(channel.release());
    if (!matches(message, heard.value)) {
      script.surprises.push(`${service} said something else`);
      return channel.destroy();
    }
  }
  // Who hangs up is not in a trace: the client does.
  while ((await channel.readSome(65_536)).length > 0);
  closeGently(channel.release());
}

function withoutKeys(said: PlistValue): PlistValue {
  const dict = asDict(said);
  if (dict === undefined) return said;
  const changed = Object.entries(WITHOUT_KEYS).filter(([key]) => dict[key] !== undefined);
  return { ...dict, ...Object.fromEntries(changed) };
}
