import { countWords, EXIT_CODE_DONE } from '@rootcellar/core';
import {
  type CreatedVault,
  chooseDevice,
  createVault,
  isUnprotected,
  parseVaultLocation,
  usbmuxOfThisComputer,
} from '@rootcellar/operations';
import type { Command } from 'commander';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import { askStorageSignIn } from '../storage-sign-in.ts';
import { UsageError } from '../usage-error.ts';
import { vaultKey } from '../vault-key-input.ts';
import { withCommonOptions } from './common-options.ts';

interface CreateOptions extends CommonOptions {
  readonly storage: string;
  readonly adopt?: boolean;
  readonly anew?: boolean;
  readonly keyFile?: string;
  readonly saveSignIn?: boolean;
}

/** Names a phone that need not be connected. Source: device-protocols, shapes of UDIDs. */
const OLD_UDID = /^[0-9a-f]{40}$/i;
const NEW_UDID = /^[0-9A-F]{8}-[0-9A-F]{16}$/i;

export function addVaultCreate(vault: Command): void {
  withCommonOptions(vault.command('create [device]'))
    .description(
      'say where the vault of an iPhone lies: on a disk or a server; without it, it lies in the data folder',
    )
    .requiredOption(
      '--storage <location>',
      'DIR, rest:http://NAME@HOST:PORT/PATH/ or s3:https://HOST/BUCKET/PATH',
    )
    .option('--adopt', 'use the vault that is there: after this computer was lost, or when a vault was moved')
    .option('--anew', 'begin a new vault although there was one: that is gone for good')
    .option(
      '--key-file <file>',
      'with --adopt: holds the key, as on the recovery kit (or ROOTCELLAR_VAULT_PASSWORD)',
    )
    .option('--save-sign-in', 'keep what signs in at the server, where the key is kept')
    .action((device: string | undefined, options: CreateOptions) =>
      runCommand(options, (context) => create(device, options, context)),
    );
}

async function create(
  device: string | undefined,
  options: CreateOptions,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const adopt = options.adopt === true;
  if (adopt && options.anew) throw new UsageError('Either --adopt, if the vault is there, or --anew.');
  if (isUnprotected(parseVaultLocation(options.storage)))
    surface.say(
      'This server is reached without protection: others on the way can read its password. Prefer https.',
    );
  const created = await createVault({
    dataFolder,
    udid: await udidOf(device, adopt),
    location: options.storage,
    adopt,
    anew: options.anew,
    key: vaultKey(
      { file: options.keyFile, purpose: 'the key of the vault, as it stands on the recovery kit' },
      surface,
    ),
    signIn: askStorageSignIn(surface),
    keepSignIn: options.saveSignIn,
    signal,
  });
  surface.finish(describe(created, options.keyFile), { ...created });
  return EXIT_CODE_DONE;
}

/** A phone that is lost has a vault too: its UDID, spelled out, is taken as it is. */
async function udidOf(device: string | undefined, adopt: boolean): Promise<string | undefined> {
  if (device !== undefined && OLD_UDID.test(device)) return device.toLowerCase();
  if (device !== undefined && NEW_UDID.test(device)) return device.toUpperCase();
  // The backups in the vault tell.
  if (device === undefined && adopt) return undefined;
  return (await chooseDevice(usbmuxOfThisComputer(), device)).udid;
}

function describe({ udid, location, adopted, snapshots }: CreatedVault, keyFile: string | undefined): string {
  const isElsewhere = keyFile === undefined && Boolean(process.env['ROOTCELLAR_VAULT_PASSWORD']);
  const said = adopted
    ? `The vault of ${udid} lies at ${location}: ${countWords(snapshots, 'backup')} ${snapshots === 1 ? 'is' : 'are'} in it.`
    : `Backups of ${udid} are kept at ${location} from now on.`;
  const next = adopted
    ? 'See them: rootcellar backups. Put one back: rootcellar restore latest'
    : 'Without its key nobody opens it. Print it, and keep it elsewhere: rootcellar recovery-kit';
  const key = isElsewhere
    ? '\n  Its key was taken from ROOTCELLAR_VAULT_PASSWORD, and is not kept here: keep that set.'
    : '';
  return `${said}\n  ${next}${key}`;
}
