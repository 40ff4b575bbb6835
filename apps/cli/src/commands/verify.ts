import { EXIT_CODE_DONE, EXIT_CODE_ITEMS_LEFT_OUT, EXIT_CODES } from '@rootcellar/core';
import { verifyDeviceBackup } from '@rootcellar/operations';
import type { Command } from 'commander';
import { type BackupPasswordOptions, backupPassword, withBackupPassword } from '../backup-password.ts';
import { renderVerification } from '../render-verification.ts';
import { type CommonOptions, runCommand } from '../run-command.ts';
import { withCommonOptions } from './common-options.ts';

interface VerifyOptions extends CommonOptions, BackupPasswordOptions {
  readonly deep?: boolean;
}

export function addVerify(program: Command): void {
  withBackupPassword(withCommonOptions(program.command('verify <what>')))
    .description('check every file of a backup; changes nothing')
    .option('--deep', 'also decrypt everything and look into databases, property lists, pictures and films')
    .action((what: string, options: VerifyOptions) =>
      runCommand(options, async ({ surface, dataFolder, signal }) => {
        const checked = await verifyDeviceBackup(what, {
          signal,
          dataFolder,
          deep: options.deep === true,
          password: backupPassword(options, surface),
          onProgress: ({ files, bytes }) => surface.onProgress({ phase: 'verifying', files, bytes }),
        });
        const { verdict, files, bytes, checkedBy, findings, age } = checked;
        surface.finish(renderVerification(checked, { deep: options.deep === true }), {
          verdict,
          files,
          bytes,
          checkedBy,
          findings,
          ...age,
        });
        if (verdict === 'whole') return EXIT_CODE_DONE;
        const isOpen = verdict === 'cannot-tell' || verdict === 'whole-but-old';
        return isOpen ? EXIT_CODE_ITEMS_LEFT_OUT : EXIT_CODES.damaged;
      }),
    );
}
