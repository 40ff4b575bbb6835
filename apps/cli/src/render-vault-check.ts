import { countWords } from '@rootcellar/core';
import { type CheckedVault, missedError, shortID, type VaultFindingCode } from '@rootcellar/operations';

/** Enough to see what is wrong; scripts get all. */
const EXAMPLES_SHOWN = 5;

type Words = (count: number) => string;

/** What was found, of so many. */
const FOUND: Readonly<Record<VaultFindingCode, Words>> = {
  'snapshot-record-damaged': (n) => `${countWords(n, 'backup')} cannot be opened: the record is damaged`,
  'index-file-damaged': (n) => `The index is incomplete: ${countWords(n, 'file')} of it cannot be read`,
  'pack-missing': (n) => `${countWords(n, 'pack')} ${is(n)} gone, and the index names ${them(n)}`,
  'pack-size-wrong': (n) => `${countWords(n, 'pack')} ${has(n)} lost a part`,
  'pack-damaged': (n) => `${countWords(n, 'pack')} ${has(n)} bytes that are not those that were stored`,
  'snapshot-damaged': (n) => `${countWords(n, 'backup')} ${is(n)} damaged: not all files can be read`,
  'snapshot-damaged-before': (n) =>
    `${countWords(n, 'backup')} ${was(n)} found damaged before, and nobody has found ${them(n)} whole since`,
  'snapshot-not-whole': (n) =>
    `${countWords(n, 'backup')} ${is(n)} not what was backed up, though the vault has all of ${them(n)}`,
  'pack-unindexed': (n) =>
    `${countWords(n, 'pack')} ${is(n)} in no index: left by a run that was stopped, or given up as damaged. rootcellar vault prune frees the room`,
};

const WITHOUT_INDEX: Partial<typeof FOUND> = {
  'pack-unindexed': (n) => `The index is incomplete: ${countWords(n, 'pack')} ${is(n)} in no index file`,
  'snapshot-damaged': (n) => `${countWords(n, 'backup')} cannot be read as long as it is`,
};

const is = (count: number): string => (count === 1 ? 'is' : 'are');
const was = (count: number): string => (count === 1 ? 'was' : 'were');
const them = (count: number): string => (count === 1 ? 'it' : 'them');
const has = (count: number): string => (count === 1 ? 'has' : 'have');

/** What checking a vault has found, as a person reads it. */
export function renderVaultCheck(report: CheckedVault, { readData = false } = {}): string {
  const { isWhole, packs, packsRead, mendedSnapshots, isIndexIncomplete } = report;
  const mended = mendedSnapshots.length;
  const found = Map.groupBy(report.findings, ({ code }) => code);
  const words = isIndexIncomplete ? { ...FOUND, ...WITHOUT_INDEX } : FOUND;
  // The cause before what follows from it.
  const codes = (Object.keys(FOUND) as VaultFindingCode[]).filter((code) => found.has(code));
  if (isIndexIncomplete)
    codes.sort((one, other) => Number(other === 'pack-unindexed') - Number(one === 'pack-unindexed'));
  return [
    isWhole ? 'This vault is whole.' : 'This vault is damaged.',
    `  ${snapshotWords(report)}, ${countWords(packs, 'pack')}${readData ? `, ${packsRead} read` : ''}`,
    ...codes.flatMap((code) => {
      const ids = (found.get(code) ?? []).map(({ id }) => id);
      return [`  ${words[code](ids.length)}`, examples(ids)];
    }),
    ...(mended > 0
      ? [
          `  ${countWords(mended, 'backup')} that ${was(mended)} damaged ${is(mended)} whole again`,
          examples(mendedSnapshots),
        ]
      : []),
    ...report.missed.map((missed) => `  ${missedError(missed).happened}`),
    ...adviceFor(report).map((line) => `  ${line}`),
  ].join('\n');
}

/** Lists show backups; a vault holds more snapshots than those. */
function snapshotWords({ snapshots, backups }: CheckedVault): string {
  const others = snapshots - backups;
  const rest = others > 0 ? ` and ${others} of unfinished ones or of restic (${snapshots} snapshots)` : '';
  return `${countWords(backups, 'backup')}${rest}`;
}

function examples(ids: readonly string[]): string {
  const more = ids.length - EXAMPLES_SHOWN;
  const shown = ids.slice(0, EXAMPLES_SHOWN).map(shortID).join(', ');
  return `    ${shown}${more > 0 ? ` … and ${more} more (--json names all)` : ''}`;
}

/** What helps depends on what is wrong, and on what was done about it already. */
function adviceFor(checked: CheckedVault): readonly string[] {
  const { udid, findings, isIndexIncomplete, isSentSince, missed, removable } = checked;
  const isAny = (...some: readonly VaultFindingCode[]) => findings.some(({ code }) => some.includes(code));
  if (isIndexIncomplete || isAny('index-file-damaged', 'pack-missing'))
    return [`Next: let the index be made anew, then check again: rootcellar vault repair ${udid}`];
  if (isAny('snapshot-record-damaged'))
    return [
      `Next: what the record named is found again, without its name: rootcellar vault repair ${udid} --salvage`,
    ];
  const [gone] = missed;
  if (gone) return [`Next: ${missedError(gone).next}`];
  const removal = removable
    .slice(0, EXAMPLES_SHOWN)
    .map((id) => `rootcellar delete ${shortID(id)} --yes ${shortID(id)}`)
    .join(' ; ');
  if (isAny('snapshot-damaged') && isSentSince)
    return [
      'There is a whole backup since, with all that the iPhone had. Another one brings back no more of what is damaged.',
      `Next: keep what is whole of that by itself: rootcellar vault repair ${udid} --salvage`,
      `Then it can go: ${removal}`,
    ];
  if (isAny('snapshot-damaged'))
    return [
      'Next: the iPhone sends again what it still has, and that heals older backups too: rootcellar backup',
      `Without the iPhone, what is whole can be kept by itself: rootcellar vault repair ${udid} --salvage`,
      `What stays damaged then can go: ${removal}`,
    ];
  if (isAny('pack-damaged', 'pack-size-wrong'))
    return [
      `No backup lacks anything. Let the vault forget those bytes: rootcellar vault repair ${udid} --salvage`,
    ];
  if (isAny('snapshot-damaged-before'))
    return [
      'Next: make a backup, if there was none since: what is lost is sent again: rootcellar backup',
      `Then read all, to see whether the older ones are whole now: rootcellar vault check ${udid} --read-data`,
    ];
  if (isAny('snapshot-not-whole'))
    return [
      'Next: see what is wrong: rootcellar verify ID',
      'What the iPhone still has is in the next backup: rootcellar backup',
    ];
  return [];
}
