import { spawnSync } from 'node:child_process';
import {
  encodeBinaryPlist,
  encodeXmlPlist,
  PlistReal,
  PlistUid,
  type PlistValue,
  parsePropertyList,
} from '@rootcellar/codecs';
import { describe, expect, it } from 'vitest';

/** Generous: Python starts in a tenth of a second. */
const PYTHON_TIMEOUT_MS = 30_000;

const SAMPLE: PlistValue = {
  text: 'Boskoop & Söhne <7> 🍎\r\n\ttabs',
  empty: '',
  '': 'empty key',
  small: 7,
  edges: [0, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, -1, -128, -(2 ** 31), -(2 ** 53 - 1)],
  wide: [2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n - 1n],
  reals: [
    new PlistReal(2),
    new PlistReal(2.1),
    new PlistReal(-1e300),
    new PlistReal(Number.POSITIVE_INFINITY),
  ],
  yes: true,
  no: false,
  when: new Date('2026-05-03T08:00:00Z'),
  data: Uint8Array.from({ length: 300 }, (_, index) => index % 256),
  nested: { list: [[], {}, [{}]], again: 'Boskoop & Söhne <7> 🍎\r\n\ttabs' },
  many: Array.from({ length: 400 }, (_, index) => `entry ${index % 350}`),
};

/** Reads a list from stdin and writes it again, in the encoding that is named. */
const REWRITE = `
import plistlib, sys
value = plistlib.loads(sys.stdin.buffer.read())
sys.stdout.buffer.write(plistlib.dumps(value, fmt=getattr(plistlib, sys.argv[1]), sort_keys=False))
`;

const python = spawnSync('python3', ['--version'], { timeout: PYTHON_TIMEOUT_MS });
const hasPython = python.status === 0;
if (!hasPython && process.env['CI'] !== 'true') {
  console.warn('python3 is missing: the comparison with its plistlib is skipped');
}

describe.skipIf(!hasPython && process.env['CI'] !== 'true')('plistlib of Python', () => {
  it('reads our lists of both encodings, and we read what it writes', () => {
    for (const bytes of [encodeBinaryPlist(SAMPLE), encodeXmlPlist(SAMPLE)]) {
      expect(parsePropertyList(rewrite(bytes, 'FMT_BINARY'))).toEqual(parsePropertyList(bytes));
    }
  });

  it('writes the same binary list, byte for byte', () => {
    const ours = encodeBinaryPlist(SAMPLE);
    expect(Buffer.compare(rewrite(ours, 'FMT_BINARY'), ours)).toBe(0);
  });

  it('writes XML that we read as the same values', () => {
    const { text, nested, ...rest } = SAMPLE as Record<string, PlistValue>;
    // Python turns a carriage return into a line feed when it writes; the texts with one stay out.
    const plain = { ...rest, text: (text as string).replace('\r', ''), nested: [] };
    expect(nested).toBeDefined();
    const bytes = encodeBinaryPlist(plain);
    expect(parsePropertyList(rewrite(bytes, 'FMT_XML'))).toEqual(parsePropertyList(bytes));
  });

  it('agrees on the UIDs of archives', () => {
    const bytes = encodeBinaryPlist([new PlistUid(1), new PlistUid(70_000)]);
    expect(Buffer.compare(rewrite(bytes, 'FMT_BINARY'), bytes)).toBe(0);
  });
});

function rewrite(bytes: Uint8Array, format: 'FMT_BINARY' | 'FMT_XML'): Buffer {
  const run = spawnSync('python3', ['-c', REWRITE, format], { input: bytes, timeout: PYTHON_TIMEOUT_MS });
  if (run.status !== 0) throw new Error(`python3 failed: ${run.stderr.toString()}`);
  return run.stdout;
}
