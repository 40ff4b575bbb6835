import type { PlistValue } from '@rootcellar/codecs';

/** Seen from this computer. */
export type Direction = 'sent' | 'received';

/** What a connection is for. */
export interface Spoken {
  readonly layer: 'usbmux' | 'lockdown' | 'service';
  /** Of a service: its name, as StartService says it. */
  readonly service?: string;
}

/** Is told each message of one connection, after decryption and before anybody acts on it. */
export type Hear = (direction: Direction, message: PlistValue) => void;

/** Is told of each connection that messages travel on; says who is to hear them. */
export type Witness = (spoken: Spoken) => Hear;
