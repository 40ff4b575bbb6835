import type { KnownError } from '@rootcellar/core';
import { vaultError } from '@rootcellar/vault';
import { describe, expect, test } from 'vitest';
import type { UnfinishedBackup } from './backup-target.ts';
import { describeUnfinished } from './describe-unfinished.ts';

async function told(
  hasEarlier: boolean,
  files: number,
  beginsAnew: boolean,
  error?: KnownError,
): Promise<string> {
  const folder = {
    hasEarlier,
    isCommitted: false,
    resumed: false,
    leaveUnfinished: async () => ({ files, bytes: 5_000_000, beginsAnew }),
  } as Partial<UnfinishedBackup> as UnfinishedBackup;
  const state = { earlierAt: undefined, keptAs: undefined, error };
  return (await describeUnfinished(folder, state)).yourData;
}

describe('a backup that did not finish', () => {
  test('and is the first begins anew: nothing of it is promised to the next run', async () => {
    expect(await told(false, 129, true)).toBe(
      'There is no finished backup yet. Of the unfinished one 129 files (5.0 MB) had arrived; an iPhone begins its first backup anew, so the next run receives everything again.',
    );
  });

  test('and is a later one, or a first one with its list of files, stays for the next run', async () => {
    expect(await told(true, 1, false)).toContain('1 file (5.0 MB) stays here for the next run.');
    expect(await told(false, 129, false)).toContain('129 files (5.0 MB) stay here for the next run.');
  });

  test('because the vault is damaged does not call the one before intact', async () => {
    expect(await told(true, 1, false, vaultError('blob-missing'))).toMatch(
      /^Whether your backup is whole is not known now; nothing of it was changed\. Of the unfinished one 1 file/,
    );
    expect(await told(true, 1, false, vaultError('not-there'))).toMatch(/^Your backup is intact\./);
  });

  test('and of which nothing arrived leaves nothing', async () => {
    expect(await told(false, 0, true)).toContain('nothing was kept');
  });
});
