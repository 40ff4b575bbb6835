import { EXIT_CODE_DONE, type Secret } from '@rootcellar/core';
import {
  addVaultKey,
  type ChangedKey,
  changeVaultKey,
  ID_CHARACTERS,
  listVaultKeys,
  moveVaultSecrets,
  newVaultKey,
  removeVaultKey,
  type SecretPlace,
  shortID,
} from '@rootcellar/operations';
import { Argument, type Command } from 'commander';
import { readPassword } from '../password-input.ts';
import { type Asking, askYes } from '../prompts.ts';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import { safeText } from '../safe-text.ts';
import type { Surface } from '../surface.ts';
import { UsageError } from '../usage-error.ts';
import { withCommonOptions } from './common-options.ts';

interface NewKeyOptions extends CommonOptions {
  readonly newKeyFile?: string;
  readonly generate?: boolean;
}

export function addVaultKeys(vault: Command): void {
  const key = vault.command('key').description('the keys of a vault: each is a password that opens it');
  withCommonOptions(key.command('list [udid]'))
    .description('which keys there are, and which one is in use')
    .action((udid: string | undefined, options: CommonOptions) =>
      runCommand(options, (context) => list(udid, context)),
    );
  withNewKey(key.command('add [udid]'))
    .description('one more password that opens the vault')
    .action((udid: string | undefined, options: NewKeyOptions) =>
      runCommand(options, (context) => add(udid, options, context)),
    );
  withNewKey(key.command('change [udid]'))
    .description('another password in the place of the one in use')
    .option('--generate', 'make one, as for a new vault; the recovery kit then shows it')
    .action((udid: string | undefined, options: NewKeyOptions) =>
      runCommand(options, (context) => change(udid, options, context)),
    );
  withCommonOptions(key.command('remove <id> [udid]'))
    .description('take a password away; the one in use always stays')
    .option('--yes <id>', 'the id of the key, spelled out')
    .action((id: string, udid: string | undefined, options: CommonOptions & { readonly yes?: string }) =>
      runCommand(options, (context) => remove({ id, udid, yes: options.yes }, context)),
    );
  withCommonOptions(key.command('store'))
    .description(
      'move what opens a vault into the key store of this computer, or into files only you can read',
    )
    .addArgument(new Argument('<where>', 'where to').choices(['system', 'file']))
    .argument('[udid]')
    .action((where: SecretPlace, udid: string | undefined, options: CommonOptions) =>
      runCommand(options, (context) => store(where, udid, context)),
    );
}

function withNewKey(command: Command): Command {
  return withCommonOptions(command).option(
    '--new-key-file <file>',
    'holds the new password (or ROOTCELLAR_NEW_VAULT_PASSWORD)',
  );
}

async function list(
  vault: string | undefined,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const { udid, keys } = await listVaultKeys({ dataFolder, vault, signal });
  const lines = keys.map(({ id, createdAt, username, hostname, isCurrent }) =>
    [
      shortID(id),
      createdAt?.toISOString().slice(0, 10) ?? 'unknown',
      safeText(`${username}@${hostname}`),
      isCurrent ? 'in use' : '',
    ]
      .join('  ')
      .trimEnd(),
  );
  surface.finish(lines.join('\n'), { udid, keys });
  return EXIT_CODE_DONE;
}

async function add(
  vault: string | undefined,
  options: NewKeyOptions,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const added = await addVaultKey({ dataFolder, vault, signal, newKey: () => typedKey(options, surface) });
  surface.finish(`The vault opens with one more password: ${shortID(added.id)}.`, {
    ...added,
  });
  return EXIT_CODE_DONE;
}

async function change(
  vault: string | undefined,
  options: NewKeyOptions,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const newKey = async () => (options.generate ? newVaultKey() : typedKey(options, surface));
  const changed = await changeVaultKey({ dataFolder, vault, signal, newKey, isUnseen: options.generate });
  surface.finish(
    `The vault opens with the new password, and no longer with the one before.${whereKept(changed)}\n` +
      '  Recovery kits that were printed before do not open it any more. Print a new one: rootcellar recovery-kit',
    { ...changed },
  );
  return EXIT_CODE_DONE;
}

function whereKept({ isAtHand, place }: ChangedKey): string {
  if (place === undefined) return ' This computer does not keep it: set ROOTCELLAR_VAULT_PASSWORD to it.';
  const where = place === 'system' ? ' It lies in the key store of this computer.' : '';
  return isAtHand
    ? where
    : `${where || ' It is kept on this computer.'} ROOTCELLAR_VAULT_PASSWORD is the old one: unset it.`;
}

function typedKey({ newKeyFile }: NewKeyOptions, asking: Asking): Promise<Secret> {
  return readPassword(
    {
      purpose: 'the new password of the vault',
      environmentVariable: 'ROOTCELLAR_NEW_VAULT_PASSWORD',
      file: newKeyFile,
      fileOption: '--new-key-file',
      confirm: true,
    },
    asking,
  );
}

async function remove(
  wanted: { readonly id: string; readonly udid: string | undefined; readonly yes: string | undefined },
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const { id, udid: vault, yes } = wanted;
  const confirmed = (keyID: string) => isConfirmed(keyID, yes, surface);
  const removed = await removeVaultKey({ dataFolder, vault, id, confirmed, signal });
  const said = `The password of the key ${shortID(removed.id)} does not open the vault any more.`;
  surface.finish(said, { ...removed });
  return EXIT_CODE_DONE;
}

async function store(
  to: SecretPlace,
  vault: string | undefined,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const done = await moveVaultSecrets({ dataFolder, vault, to, signal });
  const place = to === 'system' ? 'in the key store of this computer' : 'in a file that only you can read';
  const already = done.moved === 0 ? ' It did already.' : '';
  const kit =
    to === 'system'
      ? '\n  A copy of the data folder does not open the vault any more. Print the key: rootcellar recovery-kit'
      : '';
  surface.finish(`The key of the vault of ${done.udid} lies ${place}.${already}${kit}`, { ...done });
  return EXIT_CODE_DONE;
}

async function isConfirmed(id: string, yes: string | undefined, surface: Surface): Promise<boolean> {
  if (yes !== undefined) {
    if (yes.length >= ID_CHARACTERS && id.startsWith(yes.toLowerCase())) return true;
    throw new UsageError(`--yes names another key than the one that is meant, ${shortID(id)}`);
  }
  if (!surface.canAsk) throw new UsageError(`Spell out which key is meant: --yes ${shortID(id)}`);
  const message = `Whoever has only the key ${shortID(id)} cannot open the vault any more. Go on?`;
  return askYes(message, surface);
}
