import type { Duplex } from 'node:stream';
import type { PlistDict } from '@rootcellar/codecs';

export type ConnectionType = 'USB' | 'Network';

/** Why a phone went away: a pulled cable cuts in the middle of a word, a restart says goodbye. */
export type DetachReason = 'unplugged' | 'restarted' | 'stopped';

/** A phone as the multiplexer sees it. */
export interface MuxDevice {
  readonly udid: string;
  /** USB product; 0x12a8 for every iPhone of today. */
  readonly usbProductID: number;
  /** The label of its Wi-Fi advertisement, as it is now. */
  readonly wifiLabel: () => string;
  /**
   * Who takes a connection to this port.
   *
   * @returns `undefined` if nothing listens there
   */
  accept(port: number, attachment: Attachment): ((stream: Duplex) => void) | undefined;
}

/** One phone over one kind of connection, from plug to pull. */
export interface Attachment {
  /** Small, positive, never used again while the multiplexer runs. */
  readonly deviceID: number;
  readonly device: MuxDevice;
  readonly connection: ConnectionType;
  /** Aborts when the phone is gone; its reason is a `DetachReason`. */
  readonly signal: AbortSignal;
}

export type MuxEvent =
  | { readonly kind: 'attached'; readonly attachment: Attachment }
  | { readonly kind: 'detached'; readonly deviceID: number }
  | { readonly kind: 'paired'; readonly deviceID: number };

/** Which phones are reachable now, and who wants to know when that changes. */
export class Attachments {
  readonly #present = new Map<number, Attachment & { readonly gone: AbortController }>();
  readonly #listeners = new Set<(event: MuxEvent) => void>();
  #lastDeviceID = 0;

  attach(device: MuxDevice, connection: ConnectionType): Attachment {
    this.#lastDeviceID += 1;
    const gone = new AbortController();
    const attachment = { deviceID: this.#lastDeviceID, device, connection, gone, signal: gone.signal };
    this.#present.set(attachment.deviceID, attachment);
    this.#tell({ kind: 'attached', attachment });
    return attachment;
  }

  /** Ends every connection over this attachment. */
  detach(deviceID: number, reason: DetachReason): void {
    const attachment = this.#present.get(deviceID);
    if (attachment === undefined) return;
    this.#present.delete(deviceID);
    attachment.gone.abort(reason);
    this.#tell({ kind: 'detached', deviceID });
  }

  tellPaired(deviceID: number): void {
    if (this.#present.has(deviceID)) this.#tell({ kind: 'paired', deviceID });
  }

  get(deviceID: number): Attachment | undefined {
    return this.#present.get(deviceID);
  }

  list(): readonly Attachment[] {
    return [...this.#present.values()];
  }

  /** @returns how to stop listening */
  listen(listener: (event: MuxEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(event: MuxEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

/**
 * What `ListDevices` and `Attached` say about a phone. The serial number has its dash: clients in
 * Python and JavaScript look up the pair record under it and do not insert a missing one.
 *
 * Source: device-protocols, section 1.5; libusbmuxd, `src/libusbmuxd.c`, `device_record_from_plist`.
 */
export function attachedMessage({ deviceID, device, connection }: Attachment): PlistDict {
  const about = { ConnectionType: connection, DeviceID: deviceID, SerialNumber: device.udid };
  const properties: PlistDict =
    connection === 'USB'
      ? { ConnectionSpeed: 480_000_000, LocationID: 0, ProductID: device.usbProductID, ...about }
      : {
          EscapedFullServiceName: `${device.wifiLabel()}._apple-mobdev2._tcp.local.`,
          InterfaceIndex: 1,
          NetworkAddress: LOOPBACK_ADDRESS,
          ...about,
        };
  return { MessageType: 'Attached', DeviceID: deviceID, Properties: properties };
}

/** Linux `sockaddr_in` of 127.0.0.1, port 0: a client that skips the multiplexer fails at once. */
const LOOPBACK_ADDRESS = Uint8Array.of(2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
