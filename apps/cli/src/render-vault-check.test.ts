import type { CheckedVault, VaultFindingCode } from '@rootcellar/operations';
import { expect, it } from 'vitest';
import { renderVaultCheck } from './render-vault-check.ts';

const WHOLE: CheckedVault = {
  udid: 'udid',
  isWhole: true,
  findings: [],
  snapshots: 3,
  backups: 3,
  isSentSince: false,
  missed: [],
  removable: [],
  damagedSnapshots: [],
  mendedSnapshots: [],
  isIndexIncomplete: false,
  packs: 1,
  packsRead: 0,
  blobs: 9,
};

const found = (code: VaultFindingCode, count: number) =>
  Array.from({ length: count }, (_, n) => ({ code, id: `${n}`.padStart(8, '0').padEnd(64, 'f') }));

it('says of a whole vault no more than that', () => {
  expect(renderVaultCheck(WHOLE)).toBe('This vault is whole.\n  3 backups, 1 pack');
});

it('says that the index is lost once, with a few examples, and what makes it anew', () => {
  const findings = [...found('pack-unindexed', 81), ...found('snapshot-damaged', 1)];
  const text = renderVaultCheck({ ...WHOLE, isWhole: false, isIndexIncomplete: true, packs: 0, findings });
  expect(text).toMatchInlineSnapshot(`
    "This vault is damaged.
      3 backups, 0 packs
      The index is incomplete: 81 packs are in no index file
        00000000, 00000001, 00000002, 00000003, 00000004 … and 76 more (--json names all)
      1 backup cannot be read as long as it is
        00000000
      Next: let the index be made anew, then check again: rootcellar vault repair udid"
  `);
});

it('names no codes, and counts one as one', () => {
  const codes: readonly VaultFindingCode[] = [
    'snapshot-record-damaged',
    'index-file-damaged',
    'pack-missing',
    'pack-size-wrong',
    'pack-damaged',
    'snapshot-damaged',
    'snapshot-damaged-before',
    'snapshot-not-whole',
    'pack-unindexed',
  ];
  const findings = codes.flatMap((code) => found(code, 1));
  const text = renderVaultCheck({ ...WHOLE, isWhole: false, findings });
  for (const code of codes) expect(text).not.toContain(code);
  expect(text).not.toMatch(/\b1 (packs|backups|files)\b/);
  expect(text.split('\n')).toHaveLength(2 + 2 * codes.length + 1);
});

it('says of backups that were found damaged before how to find out more', () => {
  const findings = found('snapshot-damaged-before', 2);
  const text = renderVaultCheck({ ...WHOLE, isWhole: false, findings });
  expect(text).toContain('2 backups were found damaged before');
  expect(text).toContain('rootcellar vault check udid --read-data');
});

it('says which are whole again', () => {
  const text = renderVaultCheck({ ...WHOLE, mendedSnapshots: ['ab'.repeat(32)] }, { readData: true });
  expect(text).toContain('1 backup that was damaged is whole again\n    abababab');
});

it('does not send to the iPhone for what it has sent since', () => {
  const [{ id = '' } = {}] = found('snapshot-damaged', 1);
  const damaged = {
    ...WHOLE,
    isWhole: false,
    findings: [{ code: 'snapshot-damaged', id }],
    removable: [id],
  } as const;
  const adviceOf = (more: Partial<CheckedVault>) => renderVaultCheck({ ...damaged, ...more });
  expect(adviceOf({})).toContain('rootcellar backup');
  expect(adviceOf({ isSentSince: true })).toMatch(
    /repair udid --salvage\n.*rootcellar delete 00000000 --yes 00000000$/,
  );
});

it('says what should be in the vault, and is not', () => {
  const missed = [{ udid: 'udid', takenAt: new Date(0), isNewest: true, again: undefined }];
  expect(renderVaultCheck({ ...WHOLE, isWhole: false, missed })).toMatch(
    /The backup of 1970-01-01 00:00 UTC.* is not in its vault.*\n +Next: .*rootcellar vault repair udid --salvage/,
  );
});
