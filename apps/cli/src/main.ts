import { EXIT_CODE_USAGE } from '@rootcellar/core';
import { Command, CommanderError } from 'commander';
import { addBackup } from './commands/backup.ts';
import { addBackups } from './commands/backups.ts';
import { addCompare } from './commands/compare.ts';
import { addDevices } from './commands/devices.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEncryption } from './commands/encryption.ts';
import { addFiles } from './commands/files.ts';
import { addKeychain } from './commands/keychain.ts';
import { addPair } from './commands/pair.ts';
import { addRestore } from './commands/restore.ts';
import { addService } from './commands/service.ts';
import { addSimulate } from './commands/simulate.ts';
import { addStart } from './commands/start.ts';
import { addTour } from './commands/tour.ts';
import { addVault } from './commands/vault.ts';
import { addVerify } from './commands/verify.ts';

const program = new Command('rootcellar')
  .description('Backup and restore for iPhones and iPads, on machines their owners control.')
  .version('0.1.0')
  .showHelpAfterError('Use --help to see what there is.')
  .exitOverride();

for (const add of [
  addDevices,
  addPair,
  addDoctor,
  addBackup,
  addRestore,
  addEncryption,
  addBackups,
  addVault,
  addVerify,
  addFiles,
  addCompare,
  addKeychain,
  addSimulate,
  addStart,
  addService,
  addTour,
]) {
  add(program);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Help and version are no mistakes.
  process.exitCode = error.exitCode === 0 ? 0 : EXIT_CODE_USAGE;
}
