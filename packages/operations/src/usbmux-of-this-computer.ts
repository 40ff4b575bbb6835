import {
  parseUsbmuxAddress,
  type Usbmux,
  usbmuxAddress,
  usbmuxClient,
  type Witness,
} from '@rootcellar/device';

/**
 * The daemon that knows what is plugged in: the one USBMUXD_SOCKET_ADDRESS names, or this computer's.
 *
 * @param address in any form of that variable; overrules it
 * @param witness hears what is said through it
 * @throws `usbmux.address-invalid`
 */
export function usbmuxOfThisComputer(address?: string, witness?: Witness): Usbmux {
  return usbmuxClient(address === undefined ? usbmuxAddress() : parseUsbmuxAddress(address), witness);
}
