import type { VaultRepair } from '@rootcellar/operations';
import { expect, it } from 'vitest';
import { renderVaultRepair } from './render-vault-repair.ts';

const NOTHING: VaultRepair = {
  udid: 'udid',
  packs: 66,
  isRepaired: false,
  foundPacks: [],
  packsRead: 0,
  unreadablePacks: [],
  lostPacks: [],
  damagedFiles: [],
  salvaged: [],
  recovered: [],
  piecesLost: 0,
};

it('says that nothing needed repair where nothing did', () => {
  expect(renderVaultRepair(NOTHING)).toBe('Nothing needed repair, and nothing was written.');
});

it('counts one as one', () => {
  const one = ['ab'.repeat(32)];
  const text = renderVaultRepair({
    ...NOTHING,
    packs: 1,
    isRepaired: true,
    foundPacks: one,
    lostPacks: one,
    unreadablePacks: one,
    damagedFiles: one,
    recovered: one,
    piecesLost: 1,
    salvaged: [{ of: one[0] ?? '', snapshot: 'cd'.repeat(32), files: 1, lostFiles: 1 }],
  });
  expect(text).not.toMatch(/\b1 (packs|files|pieces|backups)\b|\b1 .* are\b/);
  expect(text).toContain('1 file is kept as cdcdcdcd, and 1 is lost');
});
