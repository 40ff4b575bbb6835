import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DeviceSource, RunningHub } from '@rootcellar/hub';
import { usbmuxOfThisComputer } from '@rootcellar/operations';
import type { Simulator } from '@rootcellar/simulator';
import type { Command } from 'commander';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import { withCommonOptions } from './common-options.ts';
import {
  type ListeningOptions,
  readListening,
  USUAL_PORT,
  withListeningOptions,
} from './listening-options.ts';
import { number } from './number-option.ts';
import { signInFile } from './sign-in-file.ts';

const PHONES_MAX = 64;

interface StartOptions extends CommonOptions, ListeningOptions {
  readonly simulate?: number | true;
  readonly owner: 'present' | 'absent';
  readonly profile: string;
  readonly database?: string;
  readonly open: boolean;
}

export function addStart(program: Command): void {
  withListeningOptions(withCommonOptions(program.command('start')))
    .description('start the hub: backups in a browser')
    .option('--simulate [n]', 'with simulated iPhones, to try it without a real one', number(1, PHONES_MAX))
    .option('--profile <name>', 'what is on the simulated iPhones', 'family')
    .option('--owner <who>', 'present: somebody taps Trust on them; absent: you do', 'absent')
    .option('--database <url>', 'keep accounts and jobs in PostgreSQL (or ROOTCELLAR_DATABASE)')
    .option('--no-open', 'do not open a browser')
    .action((options: StartOptions) =>
      runCommand(options, (context) => start(options, apart(options, context))),
    );
}

/**
 * Simulated phones have a place of their own: they must not stand among real backups. Nor do their keys lie among the
 * passwords of whoever tries them.
 */
function apart(options: StartOptions, context: CommandContext): CommandContext {
  if (options.simulate !== undefined) process.env['ROOTCELLAR_KEY_STORE'] ??= 'file';
  const isNamed = options.data !== undefined || Boolean(process.env['ROOTCELLAR_DATA']);
  if (options.simulate === undefined || isNamed) return context;
  return { ...context, dataFolder: join(context.dataFolder, 'simulated') };
}

async function start(options: StartOptions, context: CommandContext): Promise<undefined> {
  const { surface, signal } = context;
  const simulator = options.simulate === undefined ? undefined : await simulate(options, context);
  try {
    const links = signInFile(context);
    const hub = await openHub(options, context, { simulator, onLink: (link) => void links.showNext(link) });
    try {
      const { url } = hub;
      await links.show(hub.link());
      surface.finish(
        `Rootcellar is ready:      ${url}\nSign in once with:        ${links.where(hub.link())}\nStop it with Ctrl-C.`,
        { ready: true, url, link: hub.link(), control: simulator?.control ?? null },
      );
      if (options.open && surface.canAsk) openPage(hub.link());
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      await hub.close();
      await links.forget();
    }
  } finally {
    await simulator?.close();
  }
  return undefined;
}

async function openHub(
  options: StartOptions,
  { dataFolder }: CommandContext,
  {
    simulator,
    onLink,
  }: { readonly simulator: Simulator | undefined; readonly onLink: (link: string) => void },
): Promise<RunningHub> {
  // Loaded here: all other commands can do without a server.
  const { hubError, startHub } = await import('@rootcellar/hub');
  const sources: DeviceSource[] = [{ usbmux: usbmuxOfThisComputer(), isSimulated: false }];
  if (simulator) sources.push({ usbmux: usbmuxOfThisComputer(simulator.tcp), isSimulated: true });
  const wanted = {
    ...(await readListening(options)),
    dataFolder,
    version: '0.1.0',
    sources,
    simulatorControl: simulator?.control,
    database: options.database ?? process.env['ROOTCELLAR_DATABASE'],
    onLink,
  };
  if (options.port !== undefined) return startHub({ ...wanted, port: options.port });
  try {
    return await startHub({ ...wanted, port: USUAL_PORT });
  } catch (error) {
    if (!hubError.matches(error, 'port-in-use')) throw error;
    return startHub({ ...wanted, port: 0 });
  }
}

/** The phones of the hub are kept with its data, so that they are the same the next day. */
async function simulate(options: StartOptions, { dataFolder }: CommandContext): Promise<Simulator> {
  const { startSimulator } = await import('@rootcellar/simulator');
  const count = typeof options.simulate === 'number' ? options.simulate : 1;
  const phone = { profile: options.profile, owner: options.owner };
  return startSimulator({
    stateFolder: join(dataFolder, 'simulator'),
    phones: Array.from({ length: count }, () => phone),
  });
}

/** Where there is a desktop; elsewhere the address stands in the terminal. */
function openPage(link: string): void {
  const hasDesktop = process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  const command = { darwin: 'open', linux: hasDesktop && 'xdg-open' }[process.platform as string];
  if (!command) return;
  const child = spawn(command, [link], { stdio: 'ignore', detached: true });
  child.on('error', () => {}); // It stands in the terminal too.
  child.unref();
}
