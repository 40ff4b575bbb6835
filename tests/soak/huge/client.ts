import { join } from 'node:path';
import { backUpDevice, folderTarget, pairDevice, usbmuxOfThisComputer } from '@rootcellar/operations';
import { discardingTree } from './discarding-tree.ts';

/*
 * Our client in a process of its own: pairs with the only phone and backs it up, with a disk that keeps no
 * payload. Arguments: the address of the multiplexer, a temporary folder. Prints one line of JSON for each sample
 * of its memory.
 */

const SAMPLE_EVERY_MS = 250;

const [address = '', folder = ''] = process.argv.slice(2);
const usbmux = usbmuxOfThisComputer(address);
await pairDevice({ usbmux });

let phase = 'preparing';
let bytes = 0;
const beganAt = performance.now();
const sample = (): void => {
  const seconds = (performance.now() - beganAt) / 1000;
  const { rss, heapUsed, external } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ phase, seconds, bytes, rss, heapUsed, external })}\n`);
};
const timer = setInterval(sample, SAMPLE_EVERY_MS);
const report = await backUpDevice({
  usbmux,
  dataFolder: join(folder, 'data'),
  target: folderTarget(discardingTree(join(folder, 'backups'))),
  onProgress: (event) => {
    phase = event.phase;
    bytes = event.bytes ?? bytes;
  },
});
clearInterval(timer);
phase = 'done';
bytes = report.bytes;
sample();
