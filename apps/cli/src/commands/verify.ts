import { EXIT_CODE_DONE, EXIT_CODE_ITEMS_LEFT_OUT, EXIT_CODES, sizeWords } from '@rootcellar/core';
import { type CheckedBackup, verifyDeviceBackup } from '@rootcellar/operations';
import type { Command } from 'commander';
import { type BackupPasswordOptions, backupPassword, withBackupPassword } from '../backup-password.ts';
import { type CommonOptions, runCommand } from '../run-command.ts';
import { safeText } from '../safe-text.ts';
import { withCommonOptions } from './common-options.ts';

/** Enough to see what is wrong; scripts get all. */
const FINDINGS_SHOWN = 20;

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
        const { verdict, files, bytes, checkedBy, findings } = checked;
        surface.finish(describe(checked), { verdict, files, bytes, checkedBy, findings });
        if (verdict === 'whole') return EXIT_CODE_DONE;
        const isOpen = verdict === 'cannot-tell' || verdict === 'whole-but-old';
        return isOpen ? EXIT_CODE_ITEMS_LEFT_OUT : EXIT_CODES.damaged;
      }),
    );
}

const VERDICTS = {
  whole: 'This backup is whole.',
  'whole-but-old': 'This backup is whole, but not the newest, or over 30 days old.',
  incomplete: 'This backup is not complete.',
  damaged: 'This backup is damaged.',
  'cannot-tell': 'Not all of this backup could be checked.',
} as const;

function describe({ verdict, files, bytes, checkedBy, findings }: CheckedBackup): string {
  const { digest, structure, length } = checkedBy;
  const shown = findings.slice(0, FINDINGS_SHOWN);
  return [
    VERDICTS[verdict],
    `  ${files} files, ${sizeWords(bytes)}: ${digest} checked by digest, ${structure} by structure, ${length} by length`,
    ...shown.map(({ code, domain, path, message, remedy }) =>
      [`  ${safeText([domain, path].filter(Boolean).join('/')) || code}`, `    ${message} ${remedy}`].join(
        '\n',
      ),
    ),
    ...(findings.length > shown.length ? [`  … and ${findings.length - shown.length} more`] : []),
  ].join('\n');
}
