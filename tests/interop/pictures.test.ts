import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '@rootcellar/core';
import type { PhoneNode, SimulatedPhone } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeJpeg } from '../../packages/simulator/src/content/jpeg.ts';
import { paintLandscape } from '../../packages/simulator/src/content/picture.ts';
import { openStage, type Stage } from '../stage.ts';
import { isMissing } from './required-program.ts';

async function bytesOf(node: PhoneNode): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(node.content?.read() ?? []));
}

function filesOf(phone: SimulatedPhone, named: RegExp): readonly PhoneNode[] {
  return [...phone.files.walk('/var')].filter(({ path, kind }) => kind === 'file' && named.test(path));
}

describe.skipIf(isMissing('djpeg'))('photos of the simulated phone', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ profile: 'family:4' });
  });
  afterAll(() => stage.close());

  test('are decoded by somebody else to what was painted', () => {
    const picture = paintLandscape(seededRandom(3), 96, 64);
    const decoded = execFileSync('djpeg', ['-ppm'], { input: encodeJpeg(picture) }).subarray(
      -picture.rgb.length,
    );
    const error = decoded.reduce((sum, value, at) => sum + Math.abs(value - (picture.rgb[at] ?? 0)), 0);
    expect(error / decoded.length).toBeLessThan(4);
  });

  test('are decoded wherever they lie, without a warning', async () => {
    const pictures = filesOf(stage.phone, /\.jpe?g$/i);
    expect(pictures.length).toBeGreaterThan(200);
    for (const node of pictures) {
      // `-strict` makes an error of every warning.
      const input = await bytesOf(node);
      const decoded = execFileSync('djpeg', ['-strict', '-scale', '1/8', '-ppm'], { input, stdio: 'pipe' });
      expect(decoded.subarray(0, 2).toString()).toBe('P6');
    }
  });
});

describe.skipIf(isMissing('python3'))('databases of the simulated phone', () => {
  test.each(['12.1.4', '15.6.1', '18.6.2', '26.1'])('of iOS %s are sound for Python', async (ios) => {
    const stage = await openStage({ profile: 'family:8', ios });
    try {
      const databases = filesOf(stage.phone, /\.(db|sqlite|sqlitedb|storedata)$/);
      expect(databases.length).toBeGreaterThan(30);
      for (const [index, node] of databases.entries()) {
        await writeFile(join(stage.folder, `${index}.copy`), await bytesOf(node));
      }
      const verdicts = execFileSync('python3', ['-c', CHECK_DATABASES, stage.folder]);
      expect(JSON.parse(verdicts.toString())).toEqual(databases.map(() => 'ok'));
    } finally {
      await stage.close();
    }
  });
});

const CHECK_DATABASES = `
import glob, json, sqlite3, sys
copies = sorted(glob.glob(sys.argv[1] + '/*.copy'))
print(json.dumps([sqlite3.connect(copy).execute('PRAGMA integrity_check').fetchone()[0] for copy in copies]))
`;
