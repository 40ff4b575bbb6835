import { EXIT_CODE_DONE, sizeWords } from '@rootcellar/core';
import { compareDeviceBackups } from '@rootcellar/operations';
import type { Command } from 'commander';
import { type BackupPasswordOptions, backupPassword, withBackupPassword } from '../backup-password.ts';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import { safeText } from '../safe-text.ts';
import { withCommonOptions } from './common-options.ts';

interface CompareOptions extends CommonOptions, BackupPasswordOptions {
  readonly files?: boolean;
}

type Comparison = Awaited<ReturnType<typeof compareDeviceBackups>>;
type Tallies = Pick<Comparison, 'added' | 'changed' | 'removed'>;

const SIGNS = { added: '+', changed: '~', removed: '-' } as const;

export function addCompare(program: Command): void {
  withBackupPassword(withCommonOptions(program.command('compare <before> <after>')))
    .description('say what came, changed and went between two backups, by app and by part of the iPhone')
    .option('--files', 'name every file')
    .action((before: string, after: string, options: CompareOptions) =>
      runCommand(options, (context) => compare(before, after, options, context)),
    );
}

async function compare(
  before: string,
  after: string,
  options: CompareOptions,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const differences: { change: keyof Tallies; domain: string; path: string; sizeBytes: number }[] = [];
  const comparison = await compareDeviceBackups({
    before,
    after,
    dataFolder,
    password: backupPassword(options, surface),
    signal,
    onProgress: surface.onProgress,
    ...(options.files && {
      onDifference: ({ change, before, after }) => {
        const entry = after ?? before;
        if (entry === undefined) return;
        const { domain, relativePath: path, sizeBytes = 0 } = entry;
        differences.push({ change, domain, path, sizeBytes });
      },
    }),
  });
  const { added, changed, removed, byDomain, byApp } = comparison;
  const lines = [
    ...differences.map(({ change, domain, path }) => `${SIGNS[change]} ${safeText(`${domain}/${path}`)}`),
    ...section('By app', byApp),
    ...section('By part', byDomain),
    `In all: ${words(comparison)}.`,
  ];
  surface.finish(lines.join('\n'), {
    added,
    changed,
    removed,
    byDomain: Object.fromEntries(byDomain),
    byApp: Object.fromEntries(byApp),
    ...(options.files && { files: differences }),
  });
  return EXIT_CODE_DONE;
}

function section(title: string, tallies: ReadonlyMap<string, Tallies>): readonly string[] {
  if (tallies.size === 0) return [];
  const sorted = [...tallies].sort(([one], [other]) => (one < other ? -1 : 1));
  return [title, ...sorted.map(([name, some]) => `  ${safeText(name)}: ${words(some)}`)];
}

function words({ added, changed, removed }: Tallies): string {
  const parts = [
    [added, 'new'],
    [changed, 'changed'],
    [removed, 'gone'],
  ] as const;
  const some = parts.filter(([{ files }]) => files > 0);
  if (some.length === 0) return 'nothing is different';
  return some.map(([{ files, bytes }, word]) => `${files} ${word} (${sizeWords(bytes)})`).join(', ');
}
