import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderTree, sizeWords } from '@rootcellar/core';
import {
  backUpDevice,
  folderTarget,
  pairDevice,
  restoreDevice,
  usbmuxOfThisComputer,
  verifyDeviceBackup,
} from '@rootcellar/operations';
import type { SimulatedPhone } from '@rootcellar/simulator';
import type { Command } from 'commander';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import { withCommonOptions } from './common-options.ts';

export function addTour(program: Command): void {
  withCommonOptions(program.command('tour'))
    .description('see it work: a simulated iPhone is backed up, erased and restored')
    .action((options: CommonOptions) => runCommand(options, takeTour));
}

/** The whole story once, in a temporary folder, over the real protocols. */
async function takeTour(context: CommandContext): Promise<number> {
  const { surface } = context;
  const { startSimulator } = await import('@rootcellar/simulator');
  const place = await mkdtemp(join(tmpdir(), 'rootcellar-tour-'));
  const simulator = await startSimulator({ phones: [{ seed: 'tour' }] });
  try {
    const [phone] = simulator.phones;
    if (phone === undefined) throw new Error('A simulator without a phone');
    const { deviceName, productType, productVersion } = phone.identity;
    surface.say(`A simulated iPhone is switched on: ${deviceName} (${productType}, iOS ${productVersion}).`);
    surface.say('Nothing of this touches a real iPhone or leaves this computer.\n');
    return await tellStory({ ...context, phone, place, address: simulator.tcp });
  } finally {
    await simulator.close();
    await rm(place, { recursive: true, force: true });
  }
}

interface Stage extends CommandContext {
  readonly phone: SimulatedPhone;
  readonly place: string;
  readonly address: string;
}

async function tellStory(stage: Stage): Promise<number> {
  const { surface, phone } = stage;
  const { compareInventories, takeInventory } = await import('@rootcellar/simulator');
  await pairPhone(stage, '1. Pair');
  const first = await backUp(stage, '2. Back up');
  await check(stage, '3. Check');

  surface.say('4. A day passes on the iPhone');
  liveADay(phone);
  surface.say('   A photo is taken, one is renamed, one is deleted, and a setting changes.\n');

  const second = await backUp(stage, '5. Back up again');
  surface.say(
    `   Only the changes travelled: ${sizeWords(second.changedBytes)} instead of ${sizeWords(first.changedBytes)}.\n`,
  );
  const before = await takeInventory(phone);

  surface.say('6. Erase the iPhone');
  await phone.erase();
  surface.say('   It says Hello and trusts nobody.\n');
  await pairPhone(stage, '7. Pair again');
  await restore(stage, '8. Restore');

  const difference = compareInventories(before, await takeInventory(phone));
  const differing = difference.missing.length + difference.changed.length + difference.added.length;
  const document = { agree: differing === 0, items: before.size, difference, backup: second };
  surface.finish(
    differing === 0
      ? `iPhone and backup agree: all ${before.size} files, folders and links are back, with every attribute.`
      : `iPhone and backup differ in ${differing} of ${before.size} items.`,
    document,
  );
  return differing === 0 ? 0 : 1;
}

async function pairPhone({ surface, address, signal }: Stage, title: string): Promise<void> {
  surface.say(title);
  const { device } = await pairDevice({
    usbmux: usbmuxOfThisComputer(address),
    signal,
    onWaiting: (wait) =>
      surface.say(wait === 'tap-trust' ? '   Somebody taps Trust …' : '   Somebody unlocks it …'),
  });
  surface.say(`   ${device.name} trusts this computer.\n`);
}

async function backUp({ surface, address, place, signal }: Stage, title: string) {
  surface.say(title);
  const report = await backUpDevice({
    usbmux: usbmuxOfThisComputer(address),
    dataFolder: join(place, 'data'),
    target: folderTarget(folderTree(join(place, 'backups'))),
    onProgress: surface.onProgress,
    signal,
  });
  surface.say(
    `   ${report.files} files, ${sizeWords(report.bytes)}; ${report.changedFiles} files travelled.\n`,
  );
  const { files, bytes, changedFiles, changedBytes } = report;
  return { files, bytes, changedFiles, changedBytes };
}

async function check({ surface, place, signal }: Stage, title: string): Promise<void> {
  surface.say(title);
  const { verdict, files, checkedBy } = await verifyDeviceBackup(join(place, 'backups'), { signal });
  surface.say(
    `   The backup is ${verdict}: ${files} files, ${checkedBy.digest} checked by digest, ` +
      `${checkedBy.structure} by structure, ${checkedBy.length} by length.\n`,
  );
}

async function restore({ surface, address, place, signal }: Stage, title: string): Promise<void> {
  surface.say(title);
  await restoreDevice({
    usbmux: usbmuxOfThisComputer(address),
    dataFolder: join(place, 'data'),
    what: join(place, 'backups'),
    consent: async () => true,
    onProgress: surface.onProgress,
    signal,
  });
  surface.say('');
}

/** What a person does with a phone in a day, done on its own file system. */
function liveADay({ files }: SimulatedPhone): void {
  const photos = '/var/mobile/Media/DCIM/100APPLE';
  const [firstPhoto, secondPhoto] = files.list(photos);
  if (firstPhoto === undefined || secondPhoto === undefined) throw new Error('A phone without photos');
  const picture = files.stat(`${photos}/${firstPhoto}`)?.content;
  if (picture) files.writeFile(`${photos}/IMG_9001.JPG`, picture);
  files.writeFile('/var/mobile/Library/Preferences/com.example.orchard.plist', Buffer.from('Apples = 12;'));
  files.rename(`${photos}/${secondPhoto}`, `${photos}/IMG_9002.JPG`);
  files.remove(`${photos}/${firstPhoto}`);
}
