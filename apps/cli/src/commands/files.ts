import { countWords, EXIT_CODE_DONE, EXIT_CODE_ITEMS_LEFT_OUT, sizeWords } from '@rootcellar/core';
import { extractBackup, listFiles } from '@rootcellar/operations';
import type { Command } from 'commander';
import { type BackupPasswordOptions, backupPassword, withBackupPassword } from '../backup-password.ts';
import { minuteHere } from '../minute-here.ts';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import { safeText } from '../safe-text.ts';
import { withCommonOptions } from './common-options.ts';

interface SelectionOptions extends CommonOptions, BackupPasswordOptions {
  readonly domain?: string;
  readonly app?: string;
  readonly like?: string;
}

interface ExtractOptions extends SelectionOptions {
  readonly to: string;
}

/** People look at a few; scripts get all. */
const LEFT_OUT_SHOWN = 20;

export function addFiles(program: Command): void {
  withSelection(program.command('files <what>'))
    .description('list the files of a backup')
    .action((what: string, options: SelectionOptions) =>
      runCommand(options, (context) => files(what, options, context)),
    );
  withSelection(program.command('extract <what>'))
    .description('copy files out of a backup, decrypted, under their own names; overwrites nothing')
    .requiredOption('--to <dir>', 'where to; made if missing')
    .action((what: string, options: ExtractOptions) =>
      runCommand(options, (context) => extract(what, options, context)),
    );
}

function withSelection(command: Command): Command {
  return withBackupPassword(withCommonOptions(command))
    .option('--domain <domain>', 'only this part of the iPhone, such as CameraRollDomain')
    .option('--app <bundle>', 'only this app, such as net.whatsapp.WhatsApp')
    .option('--like <glob>', "only what fits 'domain/path', such as '**/*.jpg'");
}

async function files(
  what: string,
  options: SelectionOptions,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const { domain, app, like } = options;
  const { folder, entries } = await listFiles({
    what,
    dataFolder,
    selection: { ...(domain && { domain }), ...(app && { app }), ...(like && { like }) },
    password: backupPassword(options, surface),
    signal,
    onProgress: surface.onProgress,
  });
  const lines = entries.map(({ kind, sizeBytes, modifiedAt, domain, relativePath, target }) => {
    const size = kind === 'file' ? sizeWords(sizeBytes ?? 0) : kind;
    const date = modifiedAt ? minuteHere(modifiedAt) : '';
    const arrow = target === undefined ? '' : ` → ${target}`;
    return `${size.padStart(10)}  ${date.padEnd(16)}  ${safeText(`${domain}/${relativePath}${arrow}`)}`;
  });
  const totalBytes = entries.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  const count = entries.filter(({ kind }) => kind === 'file').length;
  surface.finish([...lines, `${countWords(count, 'file')}, ${sizeWords(totalBytes)}`].join('\n'), {
    folder,
    files: entries.map(({ fileID, domain, relativePath, kind, sizeBytes, modifiedAt, mode, target }) => ({
      fileID,
      domain,
      path: relativePath,
      kind,
      sizeBytes,
      modifiedAt,
      mode,
      target,
    })),
  });
  return EXIT_CODE_DONE;
}

async function extract(
  what: string,
  options: ExtractOptions,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const { domain, app, like, to } = options;
  const unreadable: string[] = [];
  const done = await extractBackup({
    what,
    dataFolder,
    to,
    selection: { ...(domain && { domain }), ...(app && { app }), ...(like && { like }) },
    password: backupPassword(options, surface),
    signal,
    onProgress: surface.onProgress,
    onLeftOut: ({ entry, why, error }) => {
      if (why === 'unreadable')
        unreadable.push(`${entry.domain}/${entry.relativePath}: ${error?.happened ?? 'cannot be read'}`);
    },
  });
  const notes = [
    done.files + done.kept === 0
      ? 'Nothing in this backup fits. What there is: rootcellar files'
      : `${countWords(done.files, 'file')} ${done.files === 1 ? 'was' : 'were'} put into ${to}, ${sizeWords(done.bytes)}.`,
    ...(done.kept > 0
      ? [`${countWords(done.kept, 'file')} ${done.kept === 1 ? 'was' : 'were'} there already.`]
      : []),
    ...(done.renamed > 0
      ? [
          `${countWords(done.renamed, 'file')} ${done.renamed === 1 ? 'has' : 'have'} another name here, because this disk cannot have the one on the iPhone.`,
        ]
      : []),
    ...(done.links > 0
      ? [
          `${countWords(done.links, 'link')} ${done.links === 1 ? 'was' : 'were'} left out: ${done.links === 1 ? 'it leads' : 'they lead'} to places on the iPhone.`,
        ]
      : []),
    ...(done.unreadable > 0 ? [`${countWords(done.unreadable, 'file')} could not be read:`] : []),
    ...unreadable.slice(0, LEFT_OUT_SHOWN).map((line) => `  ${safeText(line)}`),
  ];
  surface.finish(notes.join('\n'), { ...done, to, leftOut: unreadable });
  return done.unreadable > 0 ? EXIT_CODE_ITEMS_LEFT_OUT : EXIT_CODE_DONE;
}
