import { SocketAddress } from 'node:net';

/** An address of a device on the network, as the daemon gives it. The port is not part of it. */
export interface NetworkAddress {
  readonly host: string;
  readonly family: 4 | 6;
}

/** Address families by the number of the system that wrote the record. */
const IPV4 = new Set([2]);
const IPV6 = new Set([10, 23, 30]);

/**
 * Reads a raw socket address: BSD form (length, family) or Linux and Windows form (u16 family).
 * A link-local IPv6 address gets its scope: `fe80::1%12`.
 *
 * Source: device-protocols §1.5 and its test vectors in appendix D.
 */
export function parseNetworkAddress(bytes: Uint8Array | undefined): NetworkAddress | undefined {
  if (bytes === undefined || bytes.length < 16) return undefined;
  const fields = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isBsd = (bytes[0] === 0x10 || bytes[0] === 0x1c) && (bytes[1] === 2 || bytes[1] === 30);
  const family = isBsd ? fields.getUint8(1) : fields.getUint16(0, true);

  if (IPV4.has(family)) return { host: bytes.subarray(4, 8).join('.'), family: 4 };
  if (!IPV6.has(family) || bytes.length < 28) return undefined;
  const groups = Array.from({ length: 8 }, (_, i) => fields.getUint16(8 + 2 * i).toString(16));
  const { address } = new SocketAddress({ address: groups.join(':'), family: 'ipv6' });
  const scope = fields.getUint32(24, true);
  const isLinkLocal = (fields.getUint16(8) & 0xffc0) === 0xfe80;
  return { host: isLinkLocal && scope > 0 ? `${address}%${scope}` : address, family: 6 };
}
