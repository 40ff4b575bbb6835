import type { IncomingMessage } from 'node:http';
import { isIP, isIPv4 } from 'node:net';

/** Who called, as far as a connection tells. */
export interface Caller {
  /** Of whom wrong attempts are counted. */
  readonly remoteAddress: string;
  /** It sits at this computer: nothing says that a proxy hands on what another sent. */
  readonly isHere: boolean;
}

/** What a proxy adds. Source: RFC 7239 (`Forwarded`), RFC 9110 §7.6.3 (`Via`); the others are customs. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

/**
 * Behind a proxy on this computer every connection comes from loopback, so its headers and the name called decide too.
 *
 * @param isProxied a proxy on this computer is expected, and believed when it says for whom it asks
 */
export function callerOf(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  isProxied: boolean,
): Caller {
  const peer = plain(socket.remoteAddress ?? '');
  const fromLoopback = isLoopback(peer);
  const isForwarded = PROXY_HEADERS.some((name) => headers[name] !== undefined);
  const client = isProxied && fromLoopback ? lastForwarded(headers['x-forwarded-for']) : undefined;
  return {
    remoteAddress: client ?? peer,
    isHere: fromLoopback && !isForwarded && isLoopbackHost(headers.host),
  };
}

/** What the proxy itself has added; all before that may be made up by whoever asks. */
function lastForwarded(header: string | readonly string[] | undefined): string | undefined {
  const last = plain(
    String(header ?? '')
      .split(',')
      .at(-1)
      ?.trim() ?? '',
  );
  return isIP(last) === 0 ? undefined : last;
}

/** Is this address, or name of one, of this computer alone? */
export function isLoopback(address: string): boolean {
  const bare = plain(address);
  return bare === 'localhost' || bare === '::1' || (isIPv4(bare) && bare.startsWith('127.'));
}

function isLoopbackHost(host: string | undefined): boolean {
  const name = URL.parse(`http://${host ?? ''}`)?.hostname ?? '';
  return isLoopback(name.replace(/^\[(.*)\]$/, '$1'));
}

/** An IPv4 address as such, also where it came to a socket of IPv6. */
function plain(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
}
