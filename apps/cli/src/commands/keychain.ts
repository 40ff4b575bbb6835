import { countWords, EXIT_CODE_DONE } from '@rootcellar/core';
import { type KeychainListing, listKeychain } from '@rootcellar/operations';
import type { Command } from 'commander';
import { type BackupPasswordOptions, backupPassword, withBackupPassword } from '../backup-password.ts';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import { safeText } from '../safe-text.ts';
import { withCommonOptions } from './common-options.ts';

interface KeychainOptions extends CommonOptions, BackupPasswordOptions {
  readonly reveal?: boolean;
}

type Item = KeychainListing['items'][number];

export function addKeychain(program: Command): void {
  withBackupPassword(withCommonOptions(program.command('keychain <what>')))
    .description('list the saved passwords of an encrypted backup, without the secrets themselves')
    .option('--reveal', 'show the secrets too')
    .action((what: string, options: KeychainOptions) =>
      runCommand(options, (context) => keychain(what, options, context)),
    );
}

async function keychain(
  what: string,
  options: KeychainOptions,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const listing = await listKeychain({
    what,
    dataFolder,
    password: backupPassword(options, surface),
    signal,
    onProgress: surface.onProgress,
  });
  const reveal = options.reveal === true;
  // In a backup without a password nothing is known of any: a row for each would be a dash.
  const lines = listing.items.every(isNameless) ? [] : listing.items.map((item) => lineOf(item, reveal));
  const bound = listing.items.filter(({ state }) => state === 'this-device-only').length;
  const notes = [
    `${countWords(listing.items.length, 'item')}.`,
    ...(bound > 0 ? [`${bound} of them only the iPhone that was backed up can open.`] : []),
    ...(listing.encrypted
      ? []
      : [
          'This backup has no password: its keychain can be restored to the same iPhone, and be read nowhere.',
          'What backups with a password hold is shown: rootcellar encryption on, then back up again.',
        ]),
  ];
  surface.finish([...lines, ...notes].join('\n'), {
    folder: listing.folder,
    items: listing.items.map(({ secret, ...item }) => ({
      ...item,
      ...(reveal && secret && { secret: textOf(secret.reveal()) }),
    })),
  });
  return EXIT_CODE_DONE;
}

function isNameless({ service, server, label, account, accessGroup }: Item): boolean {
  return [service, server, label, account, accessGroup].every((name) => name === undefined);
}

function lineOf(item: Item, reveal: boolean): string {
  const where = item.service ?? item.server ?? item.label ?? item.accessGroup ?? '–';
  const state = item.state === 'readable' ? (item.protection ?? '') : item.state.replaceAll('-', ' ');
  const secret = reveal && item.secret ? `  ${textOf(item.secret.reveal())}` : '';
  return safeText(`${item.kind}  ${where}  ${item.account ?? ''}  (${state})${secret}`);
}

/** Apps keep anything; what is no text is shown in hex. */
function textOf(secret: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(secret);
  } catch {
    return Buffer.from(secret).toString('hex');
  }
}
