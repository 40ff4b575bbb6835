import {
  countWords,
  EXIT_CODE_DONE,
  EXIT_CODE_ITEMS_LEFT_OUT,
  EXIT_CODES,
  sizeWords,
} from '@rootcellar/core';
import {
  archiveSnapshot,
  type ClosedVault,
  deleteKeptSnapshot,
  exportFolder,
  ID_CHARACTERS,
  importFolder,
  type Kept,
  type KeptSnapshot,
  type LostFile,
  listFolderBackups,
  listKeptSnapshots,
  type MissedBackup,
  missedError,
  shortID,
  type UnreadableRecord,
} from '@rootcellar/operations';
import type { Command } from 'commander';
import { type BackupPasswordOptions, backupPassword, withBackupPassword } from '../backup-password.ts';
import { minuteHere } from '../minute-here.ts';
import { askYes } from '../prompts.ts';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import { safeText } from '../safe-text.ts';
import type { Surface } from '../surface.ts';
import { UsageError } from '../usage-error.ts';
import { withCommonOptions } from './common-options.ts';
import { keepOption } from './keep-option.ts';

/** Enough to see what is wrong; scripts get all. */
const LOST_SHOWN = 5;

interface ImportOptions extends CommonOptions, BackupPasswordOptions {
  readonly keep?: Kept;
  readonly full?: boolean;
}

export function addBackups(program: Command): void {
  withCommonOptions(program.command('backups'))
    .description('list the backups that are kept in vaults and folders, the newest first')
    .option('--long', 'also show what restic calls those in vaults')
    .action((options: CommonOptions & { readonly long?: boolean }) =>
      runCommand(options, (context) => list(options.long === true, context)),
    );
  withCommonOptions(program.command('archive <what>'))
    .description('keep a backup for good: no rule removes it')
    .option('--off', 'no longer')
    .action((what: string, options: CommonOptions & { readonly off?: boolean }) =>
      runCommand(options, (context) => archive(what, options.off === true, context)),
    );
  withCommonOptions(program.command('delete <what>'))
    .description('delete a backup from its vault; pruning the vault then frees the room')
    .option('--yes <id>', 'the id of the backup, spelled out')
    .action((what: string, options: CommonOptions & { readonly yes?: string }) =>
      runCommand(options, (context) => remove(what, options.yes, context)),
    );
  withBackupPassword(withCommonOptions(program.command('import <folder>')))
    .description(
      'take a backup folder of any program into the vault of its iPhone; the folder stays as it is',
    )
    .addOption(keepOption())
    .option('--full', 'read all files, also those that seem to be in the vault already')
    .action((folder: string, options: ImportOptions) =>
      runCommand(options, (context) => importInto(folder, options, context)),
    );
  withCommonOptions(program.command('export-folder <what>'))
    .description('give back a backup as the folder that the iPhone wrote, byte for byte')
    .requiredOption('--to <dir>', 'it becomes DIR/UDID')
    .action((what: string, options: CommonOptions & { readonly to: string }) =>
      runCommand(options, (context) => exportTo(what, options.to, context)),
    );
}

async function list(isLong: boolean, { surface, dataFolder, signal }: CommandContext): Promise<number> {
  const closed: ClosedVault[] = [];
  const unreadable: UnreadableRecord[] = [];
  const missed: MissedBackup[] = [];
  const inVaults = await listKeptSnapshots(dataFolder, {
    signal,
    onClosed: (vault) => closed.push(vault),
    onUnreadable: (record) => unreadable.push(record),
    onMissed: (backup) => missed.push(backup),
  });
  const backups = [...inVaults, ...(await listFolderBackups(dataFolder))];
  const isMore = closed.length + unreadable.length + missed.length > 0;
  const none = isMore ? [] : ['There are none yet. Make one: rootcellar backup'];
  const lines = backups.length > 0 ? backups.map((backup) => lineOf(backup, isLong)) : none;
  const more = [...closed.map(closedLine), ...missed.map(missedLine), ...unreadableLines(unreadable)];
  surface.finish([...lines, ...more].join('\n'), {
    missed: missed.map(({ udid, takenAt, again }) => ({ udid, takenAt, foundAs: again?.id ?? null })),
    vaultsNotOpened: closed.map(({ udid, error }) => ({ udid, code: error.code, happened: error.happened })),
    recordsNotRead: unreadable,
    backups: backups.map(({ verifiedAt, damagedAt, recordID, ...backup }) => ({
      ...backup,
      recordID: recordID ?? null,
      deviceName: backup.deviceName ?? null,
      verified: verifiedAt !== undefined,
      verifiedAt,
      damagedAt,
    })),
  });
  return isMore ? EXIT_CODE_ITEMS_LEFT_OUT : EXIT_CODE_DONE;
}

/** In place of an id. */
const NAMES: Partial<Record<KeptSnapshot['kind'], string>> = { unfinished: '–', folder: 'folder' };

/** What is in it is not known; that is no reason to believe that it is gone. */
function closedLine({ udid, error }: ClosedVault): string {
  return `The vault of ${udid} cannot be opened now. ${error.happened} ${error.next}`;
}

function missedLine(missed: MissedBackup): string {
  const { happened, next } = missedError(missed);
  return `${missed.udid}: ${happened} ${next}`;
}

/** One backup may have several records. */
function unreadableLines(records: readonly UnreadableRecord[]): readonly string[] {
  return [...Map.groupBy(records, ({ udid }) => udid)].map(
    ([udid, { length }]) =>
      `In the vault of ${udid}, ${countWords(length, 'record')} of ${length === 1 ? 'a backup' : 'backups'} cannot be read. What ${length === 1 ? 'it' : 'they'} named is found again, without ${length === 1 ? 'its name' : 'their names'}: rootcellar vault repair ${udid} --salvage`,
  );
}

function lineOf(backup: KeptSnapshot, isLong: boolean): string {
  const {
    id,
    recordID,
    kind,
    udid,
    readable,
    takenAt,
    sizeBytes,
    addedBytes,
    encrypted,
    kept,
    verifiedAt,
    damagedAt,
    archived,
    imported,
    incomplete,
  } = backup;
  const signs = [
    ...(kind === 'unfinished' ? ['unfinished'] : []),
    ...(encrypted ? [`encrypted${kept === 'small' ? ', kept small' : ''}`] : []),
    ...(verifiedAt && readable ? ['verified'] : []),
    ...(damagedAt ? ['damaged'] : []),
    ...(archived ? ['archived'] : []),
    ...(imported ? ['imported'] : []),
    ...(incomplete ? [`incomplete: ${whatToDoWith(backup)}`] : []),
    ...(readable ? [] : ['cannot be read now: rootcellar vault check']),
    ...(isLong && recordID !== undefined ? [`${shortID(recordID)} in restic`] : []),
  ];
  const date = takenAt ? minuteHere(takenAt) : '';
  const added = addedBytes === undefined ? '' : ` (+${sizeWords(addedBytes)})`;
  const name = NAMES[kind] ?? shortID(id);
  const place = kind === 'folder' ? [id] : [];
  return safeText(
    `${name.padEnd(ID_CHARACTERS)}  ${date}  ${backup.deviceName ?? udid}  ${sizeWords(sizeBytes)}${added}  ${[...signs, ...place].join(', ')}`,
  ).trimEnd();
}

function whatToDoWith({ id, foundAgain, productType }: KeptSnapshot): string {
  if (foundAgain) return `found again; is it whole? rootcellar verify ${shortID(id)}`;
  return productType === undefined ? 'export-folder gives its files' : 'files can be extracted';
}

async function archive(
  what: string,
  off: boolean,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const backup = await archiveSnapshot({ dataFolder, what, archived: !off, signal });
  const { id, archived } = backup;
  surface.finish(
    `${lineOf(backup, false)}\n${archived ? 'It is kept for good.' : 'Rules may remove it again.'}`,
    { id, archived },
  );
  return EXIT_CODE_DONE;
}

async function remove(
  what: string,
  yes: string | undefined,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const confirmDelete = (backup: KeptSnapshot) => requireConsent(backup, yes, surface);
  const { id } = await deleteKeptSnapshot({ dataFolder, what, confirm: confirmDelete, signal });
  surface.finish('It is deleted. The room that it alone needed is freed by: rootcellar vault prune', { id });
  return EXIT_CODE_DONE;
}

/** What is deleted is gone. */
async function requireConsent(
  backup: KeptSnapshot,
  yes: string | undefined,
  surface: Surface,
): Promise<void> {
  const { id, recordID = id } = backup;
  if (yes !== undefined) {
    const isIt = [id, recordID].some((name) => name.startsWith(yes.toLowerCase()));
    if (yes.length >= ID_CHARACTERS && isIt) return;
    throw new UsageError(`--yes names another backup than the one that is meant, ${shortID(id)}`);
  }
  if (!surface.canAsk)
    throw new UsageError(`What is deleted is gone. Spell out its id: --yes ${shortID(id)}`);
  const message = `This backup is gone then:\n${lineOf(backup, false)}\nGo on?`;
  if (await askYes(message, surface)) return;
  throw new UsageError('Nothing was deleted.');
}

async function importInto(
  folder: string,
  options: ImportOptions,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const { keep, full } = options;
  const password = backupPassword(options, surface);
  const { onProgress } = surface;
  const report = await importFolder({ dataFolder, folder, keep, password, full, signal, onProgress });
  const { snapshot, files, bytes, addedBytes } = report;
  surface.finish(
    `Kept as ${shortID(snapshot)}: ${countWords(files, 'file')}, ${sizeWords(bytes)}, of which ${sizeWords(addedBytes)} were new.`,
    { ...report },
  );
  return EXIT_CODE_DONE;
}

async function exportTo(
  what: string,
  to: string,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const report = await exportFolder({ dataFolder, what, to, signal, onProgress: surface.onProgress });
  const { folder, files, bytes, incomplete, lost } = report;
  surface.finish(
    [
      `${countWords(files, 'file')}, ${sizeWords(bytes)}, are in ${folder}.`,
      ...(incomplete
        ? ['  Incomplete  It is what is left of a backup, or what arrived of one: no iPhone takes it.']
        : []),
      ...(lost.length > 0 ? lostLines(lost) : []),
    ].join('\n'),
    { ...report },
  );
  if (lost.length > 0) return EXIT_CODES.damaged;
  return incomplete ? EXIT_CODE_ITEMS_LEFT_OUT : EXIT_CODE_DONE;
}

function lostLines(lost: readonly LostFile[]): readonly string[] {
  const names = lost.map(({ path, domain, relativePath }) =>
    domain === undefined ? path : `${domain}/${relativePath}`,
  );
  const more = lost.length - LOST_SHOWN;
  return [
    `  Damaged     ${countWords(lost.length, 'item')} could not be written, because the content is damaged or gone where it is kept:`,
    ...names.slice(0, LOST_SHOWN).map((name) => `              ${safeText(name)}`),
    ...(more > 0 ? [`              … and ${more} more (--json names all)`] : []),
    '  Next        What the iPhone still has, it sends again: rootcellar backup. Then export into another folder.',
  ];
}
