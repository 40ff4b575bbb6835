import { countWords, EXIT_CODE_DONE, EXIT_CODES, sizeWords } from '@rootcellar/core';
import {
  acceptPhoneVault,
  checkPhoneVault,
  forgetInPhoneVault,
  prunePhoneVault,
  recoveryKit,
  repairPhoneVault,
  shortID,
} from '@rootcellar/operations';
import { type Command, InvalidArgumentError } from 'commander';
import { minuteHere } from '../minute-here.ts';
import { askYes } from '../prompts.ts';
import { kitFile, writeKit } from '../recovery-kit/write-kit.ts';
import { renderVaultCheck } from '../render-vault-check.ts';
import { renderVaultRepair } from '../render-vault-repair.ts';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import type { Surface } from '../surface.ts';
import { UsageError } from '../usage-error.ts';
import { withCommonOptions } from './common-options.ts';
import { addVaultCreate } from './vault-create.ts';
import { addVaultKeys } from './vault-key.ts';
import { addVaultList } from './vault-list.ts';

interface ForgetOptions extends CommonOptions {
  readonly keepLast?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  readonly dryRun?: boolean;
  readonly yes?: string;
}

export function addVault(program: Command): void {
  const vault = program.command('vault').description('look after the vaults, in which backups are kept');
  addVaultCreate(vault);
  addVaultList(vault);
  addVaultKeys(vault);
  withCommonOptions(vault.command('check [udid]'))
    .description('can every backup be restored?')
    .option('--read-data', 'also read every byte')
    .action((udid: string | undefined, options: CommonOptions & { readonly readData?: boolean }) =>
      runCommand(options, (context) => check(udid, options.readData === true, context)),
    );
  withCommonOptions(vault.command('forget [udid]'))
    .description('remove backups that no rule keeps; archived ones and the newest stay')
    .option('--keep-last <n>', 'the newest ones', count)
    .option('--keep-daily <n>', 'the newest of each of so many days', count)
    .option('--keep-weekly <n>', 'of each of so many weeks', count)
    .option('--keep-monthly <n>', 'of each of so many months', count)
    .option('--keep-yearly <n>', 'of each of so many years', count)
    .option('--dry-run', 'only say what would be removed')
    .option('--yes <udid>', 'do not ask; spells out whose vault is meant')
    .action((udid: string | undefined, options: ForgetOptions) =>
      runCommand(options, (context) => forget(udid, options, context)),
    );
  withCommonOptions(vault.command('prune [udid]'))
    .description('free the room that no backup needs any more')
    .action((udid: string | undefined, options: CommonOptions) =>
      runCommand(options, (context) => prune(udid, context)),
    );
  withCommonOptions(vault.command('repair [udid]'))
    .description('make a lost or damaged index anew')
    .option(
      '--salvage',
      'also keep what is whole of damaged backups, and find those that are in no list any more',
    )
    .action((udid: string | undefined, options: CommonOptions & { readonly salvage?: boolean }) =>
      runCommand(options, (context) => repair(udid, options.salvage === true, context)),
    );
  withCommonOptions(vault.command('accept [udid]'))
    .description('what is in the vault is all there is: a backup that is missed is looked for no more')
    .option('--yes <udid>', 'do not ask; spells out whose vault is meant')
    .action((udid: string | undefined, options: CommonOptions & { readonly yes?: string }) =>
      runCommand(options, (context) => accept(udid, options.yes, context)),
    );
  withCommonOptions(program.command('recovery-kit [udid]'))
    .description('write a page to print: all that opens a vault without this program')
    .option('--to <file>', 'where to; not overwritten. Default: recovery-kit-UDID.html in your home folder')
    .action((udid: string | undefined, options: CommonOptions & { readonly to?: string }) =>
      runCommand(options, (context) => kit(udid, options.to, context)),
    );
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a number from 1 on.');
  return value;
}

async function check(
  vault: string | undefined,
  readData: boolean,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const report = await checkPhoneVault({ dataFolder, vault, readData, signal });
  surface.finish(renderVaultCheck(report, { readData }), { ...report });
  return report.isWhole ? EXIT_CODE_DONE : EXIT_CODES.damaged;
}

async function forget(
  vault: string | undefined,
  options: ForgetOptions,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const policy = {
    ...(options.keepLast && { last: options.keepLast }),
    ...(options.keepDaily && { daily: options.keepDaily }),
    ...(options.keepWeekly && { weekly: options.keepWeekly }),
    ...(options.keepMonthly && { monthly: options.keepMonthly }),
    ...(options.keepYearly && { yearly: options.keepYearly }),
  };
  if (Object.keys(policy).length === 0) throw new UsageError('Say what to keep, such as --keep-daily 7.');
  const dryRun = options.dryRun === true;
  const wanted = { dataFolder, vault, policy, signal };
  const planned = await forgetInPhoneVault({ ...wanted, dryRun: true });
  const names = planned.removed.map(({ id, time }) => `  ${shortID(id)}  ${minuteHere(time)}`);
  if (!dryRun && planned.removed.length > 0) {
    surface.say(['These would be removed:', ...names].join('\n'));
    await requireConsent(planned.udid, options.yes, surface);
  }
  const { kept, removed } = dryRun ? planned : await forgetInPhoneVault({ ...wanted, dryRun });
  const words = dryRun ? 'would be removed' : removed.length === 1 ? 'was removed' : 'were removed';
  const list = dryRun ? names : [];
  surface.finish(
    [
      ...list,
      `${countWords(kept.length, 'backup')} ${kept.length === 1 ? 'stays' : 'stay'}, ${removed.length} ${words}.`,
    ].join('\n'),
    {
      kept: kept.map(({ snapshot, reasons }) => ({ id: snapshot.id, reasons })),
      removed: removed.map(({ id }) => id),
    },
  );
  return EXIT_CODE_DONE;
}

/** What is removed is gone. */
async function requireConsent(udid: string, yes: string | undefined, surface: Surface): Promise<void> {
  if (yes !== undefined && yes.toUpperCase() === udid.toUpperCase()) return;
  if (yes === undefined && surface.canAsk) {
    if (await askYes('Go on?', surface)) return;
    throw new UsageError('Nothing was removed.');
  }
  throw new UsageError(`What is removed is gone. Spell out whose vault is meant: --yes ${udid}`);
}

async function prune(
  vault: string | undefined,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const report = await prunePhoneVault({ dataFolder, vault, signal });
  surface.finish(`${sizeWords(report.freedBytes)} are free again.`, { ...report });
  return EXIT_CODE_DONE;
}

async function repair(
  vault: string | undefined,
  salvage: boolean,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const report = await repairPhoneVault({ dataFolder, vault, salvage, signal });
  surface.finish(renderVaultRepair(report), { ...report });
  return EXIT_CODE_DONE;
}

async function accept(
  vault: string | undefined,
  yes: string | undefined,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const { udid, missedNoMore } = await acceptPhoneVault({
    dataFolder,
    vault,
    signal,
    async confirm(owner, missed) {
      const dates = missed.map(({ takenAt }) => `  ${minuteHere(takenAt)}`);
      surface.say(
        ['These would be looked for no more, and pruning frees what is left of them:', ...dates].join('\n'),
      );
      await requireConsent(owner, yes, surface);
    },
  });
  const { length } = missedNoMore;
  surface.finish(
    length === 0
      ? 'Nothing is missed in this vault.'
      : `${countWords(length, 'backup')} ${length === 1 ? 'is' : 'are'} missed no more.`,
    { udid, missedNoMore },
  );
  return EXIT_CODE_DONE;
}

async function kit(
  vault: string | undefined,
  to: string | undefined,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const { udid, html } = await recoveryKit({ dataFolder, vault, now: new Date(), signal });
  const file = kitFile(to, udid);
  await writeKit(file, html);
  surface.finish(`Print ${file}, then delete it: the key of the vault stands in it.`, { udid, file });
  return EXIT_CODE_DONE;
}
