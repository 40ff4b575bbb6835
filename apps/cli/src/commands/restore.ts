import { EXIT_CODE_DONE, EXIT_CODES, sizeWords } from '@rootcellar/core';
import {
  type DeviceSummary,
  planDeviceRestore,
  quotedForShell,
  type RestorePlan,
  type RestoreReport,
  restoreDevice,
  usbmuxOfThisComputer,
} from '@rootcellar/operations';
import type { Command } from 'commander';
import { type BackupPasswordOptions, backupPassword, withBackupPassword } from '../backup-password.ts';
import { requireSameUdid } from '../consent.ts';
import { type Asking, askYes } from '../prompts.ts';
import { recordedRun } from '../recorded-run.ts';
import { backupWords, planDocument, renderPlan } from '../render-plan.ts';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import { UsageError } from '../usage-error.ts';
import { withCommonOptions } from './common-options.ts';

interface RestoreOptions extends CommonOptions, BackupPasswordOptions {
  readonly plan?: boolean;
  readonly yes?: string;
}

export function addRestore(program: Command): void {
  withBackupPassword(withCommonOptions(program.command('restore <what> [device]')))
    .description('put a backup onto an iPhone; shows what will happen first')
    .option('--plan', 'only show what would happen')
    .option('--yes <udid>', 'do not ask; spells out which iPhone is meant')
    .action((what: string, device: string | undefined, options: RestoreOptions) =>
      runCommand(options, (context) => restore(what, device, options, context)),
    );
}

async function restore(
  what: string,
  device: string | undefined,
  options: RestoreOptions,
  context: CommandContext,
): Promise<number> {
  const { surface, dataFolder, signal } = context;
  const { onProgress } = surface;
  const usbmux = usbmuxOfThisComputer();
  const wanted = {
    usbmux,
    what,
    dataFolder,
    device,
    signal,
    onProgress,
    askPassword: backupPassword(options, surface),
  };
  if (options.plan) {
    const plan = await planDeviceRestore(wanted);
    surface.finish(renderPlan(plan), { plan: planDocument(plan) });
    return plan.allowed ? EXIT_CODE_DONE : EXIT_CODES.unchanged;
  }

  if (!surface.canAsk && (options.yes === undefined || device === undefined)) {
    const udid = options.yes ?? 'UDID';
    throw new UsageError(
      `Nobody can be asked here. Spell out the iPhone, twice: rootcellar restore ${quotedForShell(what)} ${udid} --yes ${udid}`,
    );
  }
  const report = await recordedRun({ dataFolder, operation: 'restore', device, describe: forLedger }, () =>
    restoreDevice({
      ...wanted,
      dataFolder,
      onPlan: (plan) => surface.say(renderPlan(plan)),
      consent: async (plan, target) =>
        options.yes === undefined ? askConsent(target, plan, surface) : requireSameUdid(options.yes, target),
    }),
  );
  const { udid, name } = report.device;
  surface.finish(
    report.restored ? `${name} is restored: ${sizeWords(report.bytes)} were sent.` : 'Nothing was done.',
    { restored: report.restored, udid, bytes: report.bytes, plan: planDocument(report.plan) },
  );
  return EXIT_CODE_DONE;
}

function forLedger({ device: { udid }, files, bytes, restored }: RestoreReport) {
  return restored
    ? { udid, files, bytes }
    : ({ udid, outcome: 'did-not-happen', reason: 'not-agreed' } as const);
}

function askConsent(device: DeviceSummary, plan: RestorePlan, asking: Asking): Promise<boolean> {
  return askYes(
    `Everything on ${device.name} (${device.udid}) will be replaced by ${backupWords(plan.backup)}. Go on?`,
    asking,
  );
}
