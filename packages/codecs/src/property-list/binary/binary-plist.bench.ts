import { it } from 'vitest';
import { encodeBinaryPlist } from './encode-binary-plist.ts';
import { openBinaryPlist, parseBinaryPlist } from './parse-binary-plist.ts';

/** A directory listing as a host sends it: 60,000 files, about 10 MB. */
const LISTING = Object.fromEntries(
  Array.from({ length: 60_000 }, (_, index) => [
    `00008120-0001A2B3C4D5E6F7/Snapshot/ab/abcdef0123456789abcdef0123456789abcdef${index}`,
    {
      DLFileType: 'DLFileTypeRegular',
      DLFileSize: index * 977,
      DLFileModificationDate: new Date(1_600_000_000_000 + index * 1000),
    },
  ]),
);
const BYTES = encodeBinaryPlist(LISTING);

/** A run takes a third of a second; ten say enough. */
const RUNS = { time: 0, iterations: 10, warmupTime: 0, warmupIterations: 3 };

it('parses, encodes and walks 60,000 dictionaries', async ({ bench }) => {
  await bench.compare(
    bench('parse', () => void parseBinaryPlist(BYTES)),
    bench('encode', () => void encodeBinaryPlist(LISTING)),
    bench('walk', () => {
      const list = openBinaryPlist(BYTES);
      for (const [, ref] of list.dictPairs(list.root)) list.value(ref);
    }),
    RUNS,
  );
});
