import { countWords, EXIT_CODE_DONE, EXIT_CODE_ITEMS_LEFT_OUT, sizeWords } from '@rootcellar/core';
import { type ListedVault, listVaults, type VaultKeyState } from '@rootcellar/operations';
import type { Command } from 'commander';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import { withCommonOptions } from './common-options.ts';

const KEY_WORDS: Readonly<Record<VaultKeyState, string>> = {
  file: 'is kept on this computer; print it: rootcellar recovery-kit',
  system: 'lies in the key store of this computer; print it: rootcellar recovery-kit',
  environment: 'comes from ROOTCELLAR_VAULT_PASSWORD',
  missing: 'is missing; it stands on the recovery kit',
  wrong: 'does not open it; the right one stands on the recovery kit',
};

export function addVaultList(vault: Command): void {
  withCommonOptions(vault.command('list'))
    .description('where the vaults lie, how large they are, and whether their keys are at hand')
    .action((options: CommonOptions) => runCommand(options, list));
}

async function list({ surface, dataFolder, signal }: CommandContext): Promise<number> {
  const vaults = await listVaults(dataFolder, signal);
  const none = 'There are none yet. The first backup makes one: rootcellar backup';
  surface.finish(vaults.length === 0 ? none : vaults.map(describe).join('\n\n'), {
    vaults: vaults.map(({ problem, ...vault }) => ({
      ...vault,
      kind: vault.kind ?? null,
      location: vault.location ?? null,
      sizeBytes: vault.sizeBytes ?? null,
      backups: vault.backups ?? null,
      problem: problem ? { code: problem.code, happened: problem.happened, next: problem.next } : null,
    })),
  });
  return vaults.some(({ problem, damaged }) => problem || damaged > 0)
    ? EXIT_CODE_ITEMS_LEFT_OUT
    : EXIT_CODE_DONE;
}

function describe({ udid, location, sizeBytes, backups, damaged, key, problem }: ListedVault): string {
  const lines = [udid, `  Lies at     ${location ?? 'unknown'}`];
  if (backups !== undefined && sizeBytes !== undefined)
    lines.push(`  Holds       ${backups} ${backups === 1 ? 'backup' : 'backups'}, ${sizeWords(sizeBytes)}`);
  lines.push(`  Its key     ${KEY_WORDS[key]}`);
  if (damaged > 0)
    lines.push(`  Damaged     ${countWords(damaged, 'backup')}; what helps: rootcellar vault check ${udid}`);
  if (problem) lines.push(`  Problem     ${problem.happened} ${problem.next}`);
  return lines.join('\n');
}
