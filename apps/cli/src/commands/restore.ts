import { confirm, isCancel } from '@clack/prompts';
import { EXIT_CODE_DONE, EXIT_CODES, type Secret, sizeWords } from '@rootcellar/core';
import {
  type DeviceSummary,
  planDeviceRestore,
  type RestorePlan,
  restoreDevice,
  usbmuxOfThisComputer,
} from '@rootcellar/operations';
import type { Command } from 'commander';
import { requireSameUdid } from '../consent.ts';
import { readPassword } from '../password-input.ts';
import { backupWords, renderPlan } from '../render-plan.ts';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import type { Surface } from '../surface.ts';
import { UsageError } from '../usage-error.ts';
import { withCommonOptions } from './common-options.ts';

interface RestoreOptions extends CommonOptions {
  readonly plan?: boolean;
  readonly yes?: string;
  readonly passwordFile?: string;
}

const BACKUP_PASSWORD = 'ROOTCELLAR_BACKUP_PASSWORD';

export function addRestore(program: Command): void {
  withCommonOptions(program.command('restore <folder> [device]'))
    .description('put a backup onto an iPhone; shows what will happen first')
    .option('--plan', 'only show what would happen')
    .option('--yes <udid>', 'do not ask; spells out which iPhone is meant')
    .option('--password-file <file>', 'holds the backup password (or ROOTCELLAR_BACKUP_PASSWORD)')
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
    device,
    signal,
    onProgress,
    askPassword: () => backupPassword(options, surface),
  };
  if (options.plan) {
    const plan = await planDeviceRestore(wanted);
    surface.finish(renderPlan(plan), { plan });
    return plan.allowed ? EXIT_CODE_DONE : EXIT_CODES.unchanged;
  }

  if (!surface.canAsk && (options.yes === undefined || device === undefined)) {
    throw new UsageError(
      'Nobody can be asked here. Spell out the iPhone: rootcellar restore FOLDER UDID --yes UDID',
    );
  }
  const report = await restoreDevice({
    ...wanted,
    dataFolder,
    onPlan: (plan) => surface.say(renderPlan(plan)),
    consent: async (plan, target) =>
      options.yes === undefined ? askConsent(target, plan) : requireSameUdid(options.yes, target),
  });
  const { udid, name } = report.device;
  surface.finish(
    report.restored ? `${name} is restored: ${sizeWords(report.bytes)} were sent.` : 'Nothing was done.',
    { restored: report.restored, udid, bytes: report.bytes, plan: report.plan },
  );
  return EXIT_CODE_DONE;
}

async function askConsent(device: DeviceSummary, plan: RestorePlan): Promise<boolean> {
  const answer = await confirm({
    message: `Everything on ${device.name} (${device.udid}) will be replaced by ${backupWords(plan.backup)}. Go on?`,
    initialValue: false,
  });
  return !isCancel(answer) && answer;
}

/** @returns `undefined` where nobody gave one and nobody can be asked: the plan then says that it is needed */
async function backupPassword(options: RestoreOptions, { canAsk }: Surface): Promise<Secret | undefined> {
  const given = options.passwordFile !== undefined || Boolean(process.env[BACKUP_PASSWORD]);
  if (!given && !canAsk) return undefined;
  return readPassword({
    purpose: 'the password of this backup',
    environmentVariable: BACKUP_PASSWORD,
    file: options.passwordFile,
  });
}
