import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { CHROMIUM } from './chromium.ts';

const WEB_APP = join(import.meta.dirname, '..', '..', 'apps', 'web', 'dist', 'index.html');

/** Tests in a browser. Without one, or without a built web app, they fail in CI and are skipped elsewhere. */
export function describeInBrowser(name: string, tests: () => void): void {
  const isReady = existsSync(CHROMIUM) && existsSync(WEB_APP);
  const skips = !isReady && !process.env['CI'];
  if (skips) console.warn(`Skipped: ${name}. ${CHROMIUM} and a built web app (npm run build) are needed.`);
  describe.skipIf(skips)(name, tests);
}
