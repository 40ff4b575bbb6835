import { once } from 'node:events';
import type { OwnerKind } from '@rootcellar/simulator';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type CommonOptions, runCommand } from '../run-command.ts';
import { withCommonOptions } from './common-options.ts';
import { number } from './number-option.ts';

interface SimulateOptions extends CommonOptions {
  readonly socket?: string;
  readonly tcp?: number;
  readonly phones: number;
  readonly model: readonly string[];
  readonly ios: readonly string[];
  readonly profile?: string;
  readonly seed?: string;
  readonly state?: string;
  readonly owner: OwnerKind;
  readonly reach: 'usb' | 'wifi' | 'both';
  readonly waits: boolean;
  readonly fault: readonly string[];
  readonly pbkdf2Rounds?: number;
}

const PHONES_MAX = 64;

/** Not asked from the simulator: most commands need none, and loading it takes a while. */
const OWNERS: Readonly<Record<OwnerKind, true>> = {
  present: true,
  mistypes: true,
  forgets: true,
  denies: true,
  absent: true,
};

export function addSimulate(program: Command): void {
  withCommonOptions(program.command('simulate'))
    .description('start simulated iPhones that any client of usbmuxd can use')
    .option('--socket <path>', 'unix socket to serve, besides TCP')
    .option('--tcp <port>', 'loopback port to serve; any free one unless given', number(0, 65_535))
    .option(
      '--phones <n>',
      'how many phones; at least as many as versions or models',
      number(1, PHONES_MAX),
      1,
    )
    .option('--model <types>', 'one, or one for each phone: iPhone15,2 or iPhone8,1/iPad16,2', list('/'), [])
    .option('--ios <versions>', 'one, or one for each phone: 26.1 or 12.5.7,26.1', list(','), [])
    .option(
      '--profile <name>',
      'what is on it: tiny (200 files), family (8,000 files, 600 MB), huge (300,000 files, 64 GB), fresh, empty; huge:64 is a sixty-fourth',
    )
    .option('--seed <text>', 'the same seed gives the same phone')
    .option('--state <dir>', 'keep the phones there between runs')
    .addOption(
      new Option('--owner <who>', 'who taps Trust and types the passcode (123456); forgets: not for backups')
        .choices(Object.keys(OWNERS))
        .default('present'),
    )
    .addOption(
      new Option('--reach <how>', 'how the computer reaches the phones; both shows each twice')
        .choices(['usb', 'wifi', 'both'])
        .default('usb'),
    )
    .option(
      '--pbkdf2-rounds <n>',
      'stretch backup passwords less than the ten million times of a real iPhone, for tests in a hurry',
      number(1, 10_000_000),
    )
    .option('--waits', 'be silent as long as real phones are', false)
    .option(
      '--fault <name:parameter=value,…>',
      'something that goes wrong on every phone; may be repeated; the control address lists them',
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .action((options: SimulateOptions) =>
      runCommand(options, async ({ signal }) => {
        const { startSimulator } = await import('@rootcellar/simulator');
        const simulator = await startSimulator({
          socketPath: options.socket,
          tcpPort: options.tcp,
          stateFolder: options.state,
          backupAgent: { takesItsTime: options.waits, pbkdf2Rounds: options.pbkdf2Rounds },
          phones: Array.from({ length: phonesOf(options) }, (_, index) => ({
            model: options.model[index] ?? options.model.at(-1),
            ios: options.ios[index] ?? options.ios.at(-1),
            profile: options.profile,
            owner: options.owner,
            reach: options.reach,
            faults: options.fault,
            seed: options.seed && index > 0 ? `${options.seed}-${index + 1}` : options.seed,
          })),
        });
        const { socket, tcp, control, phones } = simulator;
        const identities = phones.map(({ identity: { udid, deviceName, productType, productVersion } }) => ({
          udid,
          name: deviceName,
          productType,
          productVersion,
        }));
        // One line, whatever the format: whoever starts a simulator from a program waits for it.
        process.stdout.write(
          `${JSON.stringify({ ready: true, socket, tcp, control, phones: identities })}\n`,
        );
        if (!signal.aborted) await once(signal, 'abort');
        await simulator.close();
        return undefined;
      }),
    );
}

function phonesOf({ phones, model, ios }: SimulateOptions): number {
  return Math.max(phones, model.length, ios.length);
}

/** Models have commas in their names. */
function list(separator: string): (text: string) => readonly string[] {
  return (text) => {
    const items = text.split(separator).map((item) => item.trim());
    if (items.length <= PHONES_MAX && items.every((item) => item !== '')) return items;
    throw new InvalidArgumentError(
      `A list of at most ${PHONES_MAX} is needed, with ${separator} between them.`,
    );
  };
}
