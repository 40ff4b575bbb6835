import { pairDevice, usbmuxOfThisComputer } from '@rootcellar/operations';
import type { Command } from 'commander';
import { type CommonOptions, runCommand } from '../run-command.ts';
import { withCommonOptions } from './common-options.ts';

const WAITS = {
  unlock: 'Unlock your iPhone.',
  'tap-trust': 'Tap Trust on your iPhone, then enter its passcode.',
} as const;

export function addPair(program: Command): void {
  withCommonOptions(program.command('pair [device]'))
    .description('make an iPhone trust this computer; a person taps Trust on it')
    .action((device: string | undefined, options: CommonOptions) =>
      runCommand(options, async ({ surface, signal }) => {
        const { device: paired, wasPaired } = await pairDevice({
          usbmux: usbmuxOfThisComputer(),
          device,
          signal,
          onWaiting: (wait) => surface.say(WAITS[wait]),
        });
        const { udid, name } = paired;
        const words = wasPaired ? 'trusted this computer already.' : 'trusts this computer now.';
        surface.finish(`${name} ${words}`, { paired: true, wasPaired, udid, name });
        return undefined;
      }),
    );
}
