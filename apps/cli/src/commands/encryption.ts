import { EXIT_CODE_DONE } from '@rootcellar/core';
import {
  changeBackupPassword,
  changeEncryption,
  type EncryptionChange,
  type EncryptionReport,
  type EncryptionStatus,
  FORGOTTEN_PASSWORD,
  readEncryptionStatus,
  usbmuxOfThisComputer,
} from '@rootcellar/operations';
import type { Command } from 'commander';
import { requireSameUdid } from '../consent.ts';
import { readPassword } from '../password-input.ts';
import { type Asking, askYes } from '../prompts.ts';
import { recordedRun } from '../recorded-run.ts';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import { UsageError } from '../usage-error.ts';
import { withCommonOptions } from './common-options.ts';

interface ChangeOptions extends CommonOptions {
  readonly passwordFile?: string;
  readonly newPasswordFile?: string;
  readonly yes?: string;
  readonly folder?: string;
}

const PASSWORD_NOW = 'ROOTCELLAR_BACKUP_PASSWORD';
const PASSWORD_NEW = 'ROOTCELLAR_NEW_BACKUP_PASSWORD';

export function addEncryption(program: Command): void {
  const encryption = program
    .command('encryption')
    .description('give the backups of an iPhone a password, which it then asks for at every restore');
  withCommonOptions(encryption.command('status [device]'))
    .description('show whether the next backup will have a password')
    .action((device: string | undefined, options: CommonOptions) =>
      runCommand(options, (context) => showStatus(device, context)),
    );
  withCommonOptions(encryption.command('on [device]'))
    .description('encrypt backups from now on; they then hold passwords, health data and calls as well')
    .option('--password-file <file>', `holds the password to set (or ${PASSWORD_NEW})`)
    .action((device: string | undefined, options: ChangeOptions) =>
      runCommand(options, (context) => change('on', device, options, context)),
    );
  withCommonOptions(encryption.command('change [device]'))
    .description('give backups another password; those made so far keep theirs')
    .option('--password-file <file>', `holds the password of now (or ${PASSWORD_NOW})`)
    .option('--new-password-file <file>', `holds the new one (or ${PASSWORD_NEW})`)
    .option('--folder <dir>', 'change it for this backup folder instead; no iPhone is needed')
    .action((device: string | undefined, options: ChangeOptions) =>
      runCommand(options, (context) =>
        options.folder === undefined
          ? change('change', device, options, context)
          : changeFolder(options.folder, device, options, context),
      ),
    );
  withCommonOptions(encryption.command('off [device]'))
    .description('encrypt backups no longer; those made so far keep their password')
    .option('--password-file <file>', `holds the password of now (or ${PASSWORD_NOW})`)
    .option('--yes <udid>', 'do not ask; spells out which iPhone is meant')
    .action((device: string | undefined, options: ChangeOptions) =>
      runCommand(options, (context) => change('off', device, options, context)),
    );
}

async function showStatus(wanted: string | undefined, { surface, signal }: CommandContext): Promise<number> {
  const status = await readEncryptionStatus({ usbmux: usbmuxOfThisComputer(), device: wanted, signal });
  const { device, encrypted, required } = status;
  const lines = [
    encrypted
      ? `Backups of ${device.name} have a password.`
      : `Backups of ${device.name} have no password. They leave out saved passwords, health data, Wi-Fi and calls.`,
  ];
  if (required) lines.push('The organisation that manages it allows backups with a password only.');
  if (encrypted) lines.push(FORGOTTEN_PASSWORD);
  surface.finish(lines.join('\n'), { udid: device.udid, name: device.name, encrypted, required });
  return EXIT_CODE_DONE;
}

async function changeFolder(
  what: string,
  device: string | undefined,
  options: ChangeOptions,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  if (device !== undefined) throw new UsageError('Name either an iPhone or a folder, not both.');
  const oldPassword = await readPassword(
    {
      purpose: 'the password that this backup has now',
      environmentVariable: PASSWORD_NOW,
      file: options.passwordFile,
    },
    surface,
  );
  const newPassword = await readPassword(
    {
      purpose: 'the new password of this backup',
      environmentVariable: PASSWORD_NEW,
      file: options.newPasswordFile,
      confirm: true,
    },
    surface,
  );
  surface.onProgress({ phase: 'unlocking' });
  const { folder } = await changeBackupPassword({ what, dataFolder, oldPassword, newPassword, signal });
  surface.finish('This backup has the new password. The iPhone, and its next backups, keep theirs.', {
    folder,
  });
  return EXIT_CODE_DONE;
}

async function change(
  wish: EncryptionChange,
  device: string | undefined,
  options: ChangeOptions,
  { surface, dataFolder, signal }: CommandContext,
): Promise<number> {
  const { canAsk, onProgress } = surface;
  if (wish === 'off' && !canAsk && (options.yes === undefined || device === undefined)) {
    throw new UsageError(
      'Nobody can be asked here. Spell out the iPhone: rootcellar encryption off UDID --yes UDID',
    );
  }
  const work = () =>
    changeEncryption({
      usbmux: usbmuxOfThisComputer(),
      device,
      change: wish,
      dataFolder,
      signal,
      onProgress,
      ...(wish === 'off' && {
        consent: (status: EncryptionStatus) => consentToOff(status, options, surface),
      }),
      askPassword: () =>
        readPassword(
          {
            purpose: 'the password that backups of this iPhone have now',
            environmentVariable: PASSWORD_NOW,
            file: options.passwordFile,
          },
          surface,
        ),
      askNewPassword: () => {
        if (wish === 'on' && canAsk) surface.say(`Keep the password safe. ${FORGOTTEN_PASSWORD}`);
        return readPassword(
          {
            purpose: 'the new password of backups of this iPhone',
            environmentVariable: wish === 'on' ? [PASSWORD_NEW, PASSWORD_NOW] : PASSWORD_NEW,
            file: wish === 'on' ? options.passwordFile : options.newPasswordFile,
            confirm: true,
          },
          surface,
        );
      },
    });
  const run = { dataFolder, operation: 'encryption', device, describe: forLedger };
  const report = await recordedRun(run, work);
  const { name, udid } = report.device;
  surface.finish(report.changed ? `${DONE[wish](name)}` : 'Nothing was done.', {
    udid,
    name,
    encrypted: report.encrypted,
    changed: report.changed,
  });
  return EXIT_CODE_DONE;
}

function forLedger({ device: { udid }, changed }: EncryptionReport) {
  return changed ? { udid } : ({ udid, outcome: 'did-not-happen', reason: 'not-agreed' } as const);
}

const DONE: Readonly<Record<EncryptionChange, (name: string) => string>> = {
  on: (name) =>
    `Backups of ${name} are encrypted from now on. The next one sends everything again; the ones made so far are as they were.`,
  change: (name) => `Backups of ${name} have another password from now on. The ones made so far keep theirs.`,
  off: (name) =>
    `Backups of ${name} are not encrypted any more. The next one sends everything again; the ones made so far keep their password.`,
};

async function consentToOff(
  { device }: EncryptionStatus,
  { yes }: ChangeOptions,
  asking: Asking,
): Promise<boolean> {
  if (yes !== undefined) return requireSameUdid(yes, device);
  return askYes(
    `Backups of ${device.name} (${device.udid}) will have no password, and leave out saved passwords, health data ` +
      'and calls. Go on?',
    asking,
  );
}
