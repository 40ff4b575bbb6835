import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { EXIT_CODE_ITEMS_LEFT_OUT } from '@rootcellar/core';
import type { Command } from 'commander';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import { serviceError } from '../service/errors.ts';
import { installService, removeService, type ServiceChange } from '../service/install-service.ts';
import { launchAgent } from '../service/launch-agent.ts';
import { runServiceCommand } from '../service/run-service-command.ts';
import type { ServiceFile, ServiceWish } from '../service/service-file.ts';
import { systemdUnit } from '../service/systemd-unit.ts';
import type { Surface } from '../surface.ts';
import { withCommonOptions } from './common-options.ts';
import {
  type ListeningOptions,
  listeningArgs,
  readListening,
  withListeningOptions,
} from './listening-options.ts';

/** The same place from source and from dist. */
const LAUNCHER = join(import.meta.dirname, '..', '..', '..', '..', 'bin', 'rootcellar');

interface ServiceOptions extends CommonOptions, ListeningOptions {
  readonly print?: boolean;
}

export function addService(program: Command): void {
  const service = program.command('service').description('let the system start the hub by itself');
  withListeningOptions(withCommonOptions(service.command('install')))
    .description('start the hub now, and whenever you sign in; doing it again changes what is different')
    .option('--print', 'only show what would be written, where, and what would be run')
    .action((options: ServiceOptions) => runCommand(options, (context) => install(options, context)));
  withCommonOptions(service.command('remove'))
    .description('stop it, and remove what install has written; backups stay')
    .option('--print', 'only show what would be removed and run')
    .action((options: Omit<ServiceOptions, keyof ListeningOptions>) =>
      runCommand(options, (context) => remove({ publicUrl: [], ...options }, context)),
    );
}

async function install(options: ServiceOptions, { surface, dataFolder }: CommandContext): Promise<number> {
  // What the hub would refuse later, in a log that nobody reads, is refused now.
  await readListening(options);
  const file = serviceFile(options, dataFolder);
  if (options.print) return print(surface, file, [...file.begin]);
  const change = await installService(file, runServiceCommand);
  const words = change.file === 'kept' ? 'It is as it was' : 'Written';
  return tell(surface, file, change, `${words}: ${file.path}`, [...file.hints, ...secretsLeftOut()]);
}

/** They are no words for a file that lies there for years; who needs them in the service says where they come from. */
function secretsLeftOut(): readonly string[] {
  const names = ['ROOTCELLAR_DATABASE', 'ROOTCELLAR_VAULT_PASSWORD'].filter((name) => process.env[name]);
  return names.map(
    (name) => `The service does not know ${name}: it may hold a password, so it was not written down.`,
  );
}

async function remove(options: ServiceOptions, { surface, dataFolder }: CommandContext): Promise<number> {
  const file = serviceFile(options, dataFolder);
  if (options.print) return print(surface, file, [...file.end, ...file.forget]);
  const change = await removeService(file, runServiceCommand);
  const words = change.file === 'absent' ? 'There was none' : 'Removed';
  return tell(surface, file, change, `${words}: ${file.path}\nBackups and settings are as they were.`, []);
}

/** @throws `service.system-unknown` */
function serviceFile(options: ServiceOptions, dataFolder: string): ServiceFile {
  const { USBMUXD_SOCKET_ADDRESS, ROOTCELLAR_KEY_STORE, XDG_CONFIG_HOME } = process.env;
  const wish: ServiceWish = {
    node: process.execPath,
    launcher: LAUNCHER,
    args: ['start', '--no-open', '--data', dataFolder, ...listeningArgs(options)],
    environment: {
      ...(USBMUXD_SOCKET_ADDRESS && { USBMUXD_SOCKET_ADDRESS }),
      ...(ROOTCELLAR_KEY_STORE && { ROOTCELLAR_KEY_STORE }),
    },
  };
  if (process.platform === 'linux') return systemdUnit(wish, XDG_CONFIG_HOME || join(homedir(), '.config'));
  if (process.platform === 'darwin') return launchAgent(wish, { home: homedir(), uid: userInfo().uid });
  throw serviceError('system-unknown', { platform: process.platform });
}

/** The file alone on stdout, so that it can be kept; all else is for people. */
function print(surface: Surface, { path, text }: ServiceFile, commands: ServiceFile['begin']): number {
  const run = commands.map(({ words }) => words.join(' '));
  surface.say(`File: ${path}\n${run.map((line) => `Run:  ${line}`).join('\n')}\n`);
  surface.finish(text.trimEnd(), { path, text, run });
  return 0;
}

function tell(
  surface: Surface,
  { path }: ServiceFile,
  { file, toType }: ServiceChange,
  sentence: string,
  hints: readonly string[],
): number {
  const typed = toType.map((words) => words.join(' '));
  const left =
    typed.length === 0
      ? []
      : ['The system did not do the rest. Please type:', ...typed.map((line) => `  ${line}`)];
  surface.finish([sentence, ...left, ...hints].join('\n'), { file, path, toType: typed });
  return typed.length === 0 ? 0 : EXIT_CODE_ITEMS_LEFT_OUT;
}
