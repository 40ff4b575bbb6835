import { EXIT_CODES } from '@rootcellar/core';
import { type Check, type Diagnosis, diagnoseConnection, usbmuxOfThisComputer } from '@rootcellar/operations';
import type { Command } from 'commander';
import { type CommonOptions, runCommand } from '../run-command.ts';
import { withCommonOptions } from './common-options.ts';

const MARKS = { ok: '✓', problem: '✗', unknown: '·' } as const;

export function addDoctor(program: Command): void {
  withCommonOptions(program.command('doctor [device]'))
    .description('say why no iPhone is found, or what it still needs, and what helps')
    .action((device: string | undefined, options: CommonOptions) =>
      runCommand(options, async ({ surface, dataFolder, signal }) => {
        const diagnosis = await diagnoseConnection({
          usbmux: usbmuxOfThisComputer(),
          device,
          dataFolder,
          addressIsNamed: Boolean(process.env['USBMUXD_SOCKET_ADDRESS']),
          signal,
        });
        surface.finish(describe(diagnosis), { checks: diagnosis.checks, ok: diagnosis.ok });
        return diagnosis.ok ? undefined : EXIT_CODES.unchanged;
      }),
    );
}

function describe({ checks, ok }: Diagnosis): string {
  const severalDevices = new Set(checks.flatMap(({ udid }) => udid ?? [])).size > 1;
  const lines = checks.flatMap((check, index) => [
    ...(severalDevices && isFirstOfDevice(checks, index) ? ['', `${check.udid}`] : []),
    `${MARKS[check.state]} ${check.sentence}`,
    ...(check.help === undefined ? [] : [`    ${check.help}`]),
  ]);
  return [...lines, '', ok ? 'All is well.' : 'An iPhone cannot be worked with yet.'].join('\n');
}

function isFirstOfDevice(checks: readonly Check[], index: number): boolean {
  const udid = checks[index]?.udid;
  return udid !== undefined && udid !== checks[index - 1]?.udid;
}
