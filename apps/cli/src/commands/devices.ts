import { type ListedDevice, listDevices, usbmuxOfThisComputer } from '@rootcellar/operations';
import type { Command } from 'commander';
import { type CommonOptions, runCommand } from '../run-command.ts';
import { withCommonOptions } from './common-options.ts';

export function addDevices(program: Command): void {
  withCommonOptions(program.command('devices'))
    .description('list the iPhones and iPads that are connected')
    .action((options: CommonOptions) =>
      runCommand(options, async ({ surface }) => {
        const devices = await listDevices(usbmuxOfThisComputer());
        surface.finish(describe(devices), { devices: devices.map(toJson) });
        return undefined;
      }),
    );
}

function toJson({ udid, name, productType, productVersion, connections, paired }: ListedDevice) {
  return { udid, name, productType, productVersion, connections, paired };
}

function describe(devices: readonly ListedDevice[]): string {
  if (devices.length === 0) return 'No iPhone or iPad is connected. Connect one with a cable and unlock it.';
  return devices
    .map(({ udid, name, productType, productVersion, connections, paired }) =>
      [
        name,
        `  ${udid}`,
        `  ${productType}, iOS ${productVersion}, over ${connections.map(connectionWords).join(' and ')}`,
        paired ? '  trusts this computer' : '  does not trust this computer yet: rootcellar pair',
      ].join('\n'),
    )
    .join('\n');
}

function connectionWords(connection: 'usb' | 'wifi'): string {
  return connection === 'usb' ? 'USB' : 'Wi-Fi';
}
