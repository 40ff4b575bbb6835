import type { Usbmux } from '@rootcellar/operations';

/** A daemon that knows phones: that of this computer, or that of the simulated ones. */
export interface DeviceSource {
  readonly usbmux: Usbmux;
  readonly isSimulated: boolean;
}
