import { resolve } from 'node:path';
import {
  countWords,
  EXIT_CODE_DONE,
  EXIT_CODE_ITEMS_LEFT_OUT,
  folderTree,
  sizeWords,
} from '@rootcellar/core';
import {
  type BackupReport,
  backUpDevice,
  folderTarget,
  rememberFolder,
  shortID,
  usbmuxOfThisComputer,
  vaultTarget,
} from '@rootcellar/operations';
import type { Command } from 'commander';
import { type BackupPasswordOptions, backupPassword, withBackupPassword } from '../backup-password.ts';
import { recordedRun } from '../recorded-run.ts';
import { type CommonOptions, runCommand } from '../run-command.ts';
import { UsageError } from '../usage-error.ts';
import { withCommonOptions } from './common-options.ts';
import { keepOption } from './keep-option.ts';

interface BackupOptions extends CommonOptions, BackupPasswordOptions {
  readonly folder?: string;
  readonly full?: boolean;
  readonly keep?: 'small' | 'sealed';
}

export function addBackup(program: Command): void {
  withBackupPassword(withCommonOptions(program.command('backup [device]')))
    .description('back up an iPhone; only what has changed travels')
    .option(
      '--folder <dir>',
      'keep it as a plain folder that Finder, iTunes and others can use too, instead of in the vault',
    )
    .addOption(keepOption())
    .option('--full', 'send everything again')
    .action((device: string | undefined, options: BackupOptions) =>
      runCommand(options, async ({ surface, dataFolder, signal }) => {
        if (options.folder === '') throw new UsageError('Say where to keep the backup: --folder DIR');
        const folder = options.folder === undefined ? undefined : resolve(options.folder);
        const run = { dataFolder, operation: 'backup', device, describe: forLedger };
        const report = await recordedRun(run, () =>
          backUpDevice({
            usbmux: usbmuxOfThisComputer(),
            dataFolder,
            target:
              folder === undefined
                ? vaultTarget(dataFolder, { keep: options.keep })
                : folderTarget(folderTree(folder)),
            device,
            full: options.full ?? false,
            // Nobody is asked for it: the backup is as good without.
            password: backupPassword(options, { ...surface, canAsk: false }),
            onProgress: surface.onProgress,
            signal,
          }),
        );
        if (folder !== undefined) await rememberFolder(dataFolder, folder);
        const leftOut = report.unreadableFiles > 0 || report.withoutApps || report.wrongPassword;
        surface.finish([describe(report, folder), ...keptOtherwise(report, options)].join('\n'), {
          result: leftOut ? 'done-with-items-left-out' : 'done',
          snapshot: report.snapshot ?? null,
          folder: folder === undefined ? null : resolve(folder, report.device.udid),
          files: report.files,
          bytes: report.bytes,
          changedFiles: report.changedFiles,
          changedBytes: report.changedBytes,
          unreadableFiles: report.unreadableFiles,
          withoutApps: report.withoutApps,
          doubts: report.doubts,
          encrypted: report.encrypted,
          sealed: report.sealed,
          wrongPassword: report.wrongPassword,
        });
        return leftOut ? EXIT_CODE_ITEMS_LEFT_OUT : EXIT_CODE_DONE;
      }),
    );
}

function forLedger({ device: { udid }, files, bytes }: BackupReport) {
  return { udid, files, bytes };
}

/** Who asked for small and gave no password gets sealed; that is as safe, and larger. */
function keptOtherwise(
  { sealed, wrongPassword }: BackupReport,
  { keep, folder }: BackupOptions,
): readonly string[] {
  if (!sealed || wrongPassword || keep !== 'small' || folder !== undefined) return [];
  return ['  Kept sealed: without the backup password it cannot be kept small (--password-file)'];
}

function describe(report: BackupReport, folder: string | undefined): string {
  const { device, files, bytes, changedFiles, changedBytes, unreadableFiles, withoutApps, doubts } = report;
  const isChecked = doubts === 0 && !report.sealed;
  const lines = [
    `${device.name} is backed up: ${countWords(files, 'file')}, ${sizeWords(bytes)}${report.encrypted ? ', encrypted' : ''}${isChecked ? ', checked' : ''}.`,
    `  Travelled   ${countWords(changedFiles, 'file')}, ${sizeWords(changedBytes)}`,
    folder === undefined
      ? `  Kept as     ${shortID(report.snapshot ?? '')}, beside all earlier ones`
      : `  Kept in     ${resolve(folder, device.udid)}`,
  ];
  if (report.wrongPassword)
    lines.push(
      '  Not done    The backup password is wrong: the backup is kept as the iPhone encrypted it,',
      '              not decrypted and not looked into. Nothing of it is lost.',
      '  Next        rootcellar verify WHAT, with the right password, looks inside',
    );
  if (report.sealed && !report.wrongPassword)
    lines.push(
      '  Checked     that nothing is missing; rootcellar verify looks inside, with the backup password',
    );
  if (doubts > 0) lines.push(`  In doubt    ${countWords(doubts, 'finding')}: rootcellar verify names them`);
  if (unreadableFiles > 0)
    lines.push(`  Left out    ${countWords(unreadableFiles, 'file')} that the iPhone itself could not read`);
  if (withoutApps) lines.push('  Left out    the list of apps: a restore will not install them again');
  return lines.join('\n');
}
