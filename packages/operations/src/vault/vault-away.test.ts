import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { vaultAway } from './vault-away.ts';
import { parseVaultLocation } from './vault-location.ts';

test.each(["/disk/ann's vault", '/disk/$HOME `id`'])(
  'what is advised can be typed as it stands there: %s',
  (folder) => {
    const { happened, next } = vaultAway('UDID', parseVaultLocation(folder));
    expect(happened).toContain(folder);
    const [, typed] = / --storage (.*) --anew/.exec(next.slice(next.indexOf('gone for good'))) ?? [];
    expect(execFileSync('sh', ['-c', `printf %s ${typed}`], { encoding: 'utf8' })).toBe(folder);
  },
);
