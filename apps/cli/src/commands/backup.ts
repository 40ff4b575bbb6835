import { resolve } from 'node:path';
import { text } from '@clack/prompts';
import { EXIT_CODE_DONE, EXIT_CODE_ITEMS_LEFT_OUT, folderTree, sizeWords } from '@rootcellar/core';
import { type BackupReport, backUpDevice, usbmuxOfThisComputer } from '@rootcellar/operations';
import type { Command } from 'commander';
import { type BackupPasswordOptions, backupPassword, withBackupPassword } from '../backup-password.ts';
import { recordedRun } from '../recorded-run.ts';
import { type CommonOptions, runCommand } from '../run-command.ts';
import type { Surface } from '../surface.ts';
import { UsageError } from '../usage-error.ts';
import { withCommonOptions } from './common-options.ts';

interface BackupOptions extends CommonOptions, BackupPasswordOptions {
  readonly folder?: string;
  readonly full?: boolean;
}

export function addBackup(program: Command): void {
  withBackupPassword(withCommonOptions(program.command('backup [device]')))
    .description('back up an iPhone; only what has changed travels')
    .option('--folder <dir>', 'keep it as a plain folder that Finder, iTunes and others can use too')
    .option('--full', 'send everything again')
    .action((device: string | undefined, options: BackupOptions) =>
      runCommand(options, async ({ surface, dataFolder, signal }) => {
        if (options.folder === '') throw new UsageError('Say where to keep the backup: --folder DIR');
        const folder = resolve(options.folder ?? (await askForFolder(surface)));
        const run = { dataFolder, operation: 'backup', device, describe: forLedger };
        const report = await recordedRun(run, () =>
          backUpDevice({
            usbmux: usbmuxOfThisComputer(),
            dataFolder,
            home: folderTree(folder),
            device,
            full: options.full ?? false,
            // Nobody is asked for it: the backup is as good without.
            password: backupPassword(options, { canAsk: false }),
            onProgress: surface.onProgress,
            signal,
          }),
        );
        const leftOut = report.unreadableFiles > 0 || report.withoutApps;
        surface.finish(describe(report, folder), {
          result: leftOut ? 'done-with-items-left-out' : 'done',
          snapshot: null,
          folder: resolve(folder, report.device.udid),
          files: report.files,
          bytes: report.bytes,
          changedFiles: report.changedFiles,
          changedBytes: report.changedBytes,
          unreadableFiles: report.unreadableFiles,
          withoutApps: report.withoutApps,
          doubts: report.doubts,
          encrypted: report.encrypted,
          sealed: report.sealed,
        });
        return leftOut ? EXIT_CODE_ITEMS_LEFT_OUT : EXIT_CODE_DONE;
      }),
    );
}

async function askForFolder(surface: Surface): Promise<string> {
  if (!surface.canAsk) throw new UsageError('Say where to keep the backup: --folder DIR');
  const answer = await text({ message: 'In which folder do you want to keep the backup?' });
  if (typeof answer !== 'string' || answer === '')
    throw new UsageError('Without a folder there is no backup.');
  return answer;
}

function forLedger({ device: { udid }, files, bytes }: BackupReport) {
  return { udid, files, bytes };
}

function describe(report: BackupReport, folder: string): string {
  const { device, files, bytes, changedFiles, changedBytes, unreadableFiles, withoutApps, doubts } = report;
  const isChecked = doubts === 0 && !report.sealed;
  const lines = [
    `${device.name} is backed up: ${files} files, ${sizeWords(bytes)}${report.encrypted ? ', encrypted' : ''}${isChecked ? ', checked' : ''}.`,
    `  Travelled   ${changedFiles} files, ${sizeWords(changedBytes)}`,
    `  Kept in     ${resolve(folder, device.udid)}`,
  ];
  if (report.sealed)
    lines.push(
      '  Checked     that nothing is missing; rootcellar verify looks inside, with the backup password',
    );
  if (doubts > 0) lines.push(`  In doubt    ${doubts} findings: rootcellar verify names them`);
  if (unreadableFiles > 0)
    lines.push(`  Left out    ${unreadableFiles} files that the iPhone itself could not read`);
  if (withoutApps) lines.push('  Left out    the list of apps: a restore will not install them again');
  return lines.join('\n');
}
