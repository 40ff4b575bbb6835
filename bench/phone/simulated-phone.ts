import { randomFillSync } from 'node:crypto';
import {
  createPhoneFiles,
  type FileContent,
  type FillPhone,
  type SimulatedPhone,
  startSimulator,
} from '@rootcellar/simulator';

/**
 * A simulated phone in a process of its own, so that its share of the work can be told from the
 * clients'. Started by `bench/backup.ts`, which it obeys by messages.
 */
export interface PhoneWish {
  readonly files: number;
  readonly bytesEach: number;
}

/** What it tells when it is ready. */
export interface PhoneReady {
  readonly ready: true;
  readonly address: string;
  readonly udid: string;
}

const PHOTOS = '/var/mobile/Media/DCIM';
const FILES_PER_FOLDER = 1_000;

/** Random, so that no file system compresses it away; the same for all files, so that it costs nothing. */
const BLOCK = randomFillSync(Buffer.alloc(1024 * 1024));

const wish: PhoneWish = JSON.parse(process.argv[2] ?? '{}');
const simulator = await startSimulator({
  fill: filled(wish),
  phones: [{ seed: 'bench' }],
});
const [phone] = simulator.phones;
if (phone === undefined) throw new Error('A simulator without a phone');
phone.condition.passcode = undefined;

process.on('message', (message: { readonly change?: number; readonly cpu?: true }) => {
  if (message.change !== undefined) changeSome(phone, message.change);
  process.send?.({ cpu: process.cpuUsage() });
});
process.on('disconnect', () => void simulator.close().then(() => process.exit()));
process.send?.({ ready: true, address: simulator.tcp, udid: phone.identity.udid } satisfies PhoneReady);

function filled({ files: count, bytesEach }: PhoneWish): FillPhone {
  return async ({ clock, capacityBytes }) => {
    const files = await createPhoneFiles({ clock, capacityBytes });
    for (let i = 0; i < count; i += 1) files.writeFile(photoPath(i), randomContent(bytesEach));
    return { files, apps: [] };
  };
}

/** Every n-th photo, so that exactly `fraction` of them have changed. */
function changeSome({ files }: SimulatedPhone, fraction: number): void {
  const every = Math.round(1 / fraction);
  for (let i = 0; i < wish.files; i += every) files.writeFile(photoPath(i), randomContent(wish.bytesEach));
}

function photoPath(index: number): string {
  const folder = 100 + Math.floor(index / FILES_PER_FOLDER);
  return `${PHOTOS}/${folder}APPLE/IMG_${String(index).padStart(6, '0')}.JPG`;
}

function randomContent(sizeBytes: number): FileContent {
  return {
    sizeBytes,
    async *read(start = 0) {
      for (let at = start; at < sizeBytes; at += BLOCK.length) {
        yield BLOCK.subarray(0, Math.min(BLOCK.length, sizeBytes - at));
      }
    },
  };
}
