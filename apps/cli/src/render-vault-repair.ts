import { countWords } from '@rootcellar/core';
import { shortID, type VaultRepair } from '@rootcellar/operations';

/** What repairing a vault has done, as a person reads it. */
export function renderVaultRepair(report: VaultRepair): string {
  const lines = [...indexLines(report), ...salvageLines(report)];
  return lines.length === 0 ? 'Nothing needed repair, and nothing was written.' : lines.join('\n');
}

function indexLines(report: VaultRepair): readonly string[] {
  const { isRepaired, packs, foundPacks, lostPacks, unreadablePacks, damagedFiles } = report;
  const [found, lost, unreadable] = [foundPacks.length, lostPacks.length, unreadablePacks.length];
  return [
    ...(isRepaired ? [`The index was made anew: it names ${countWords(packs, 'pack')}.`] : []),
    ...(damagedFiles.length > 0
      ? [`  ${countWords(damagedFiles.length, 'file')} of the old one could not be read`]
      : []),
    ...(found > 0
      ? [`  ${countWords(found, 'pack')} that it did not name ${found === 1 ? 'is' : 'are'} in it again`]
      : []),
    ...(lost > 0 ? [`  ${countWords(lost, 'pack')} that it named ${lost === 1 ? 'is' : 'are'} gone`] : []),
    ...(unreadable > 0
      ? [
          `  ${countWords(unreadable, 'pack')} cannot be read, and ${unreadable === 1 ? 'stays' : 'stay'} as ${unreadable === 1 ? 'it is' : 'they are'}`,
        ]
      : []),
    ...(isRepaired || unreadable > 0
      ? ['  What that means for the backups: rootcellar vault check --read-data']
      : []),
  ];
}

function salvageLines({ salvaged, piecesLost, recovered }: VaultRepair): readonly string[] {
  return [
    ...salvaged.map(
      ({ of, snapshot, files, lostFiles }) =>
        `Of ${shortID(of)}, ${countWords(files, 'file')} ${files === 1 ? 'is' : 'are'} kept as ${shortID(snapshot)}, and ${lostFiles} ${lostFiles === 1 ? 'is' : 'are'} lost.`,
    ),
    ...(piecesLost > 0
      ? [
          `${countWords(piecesLost, 'piece')} of files cannot be read. The iPhone sends again what it still has: rootcellar backup`,
        ]
      : []),
    ...(recovered.length > 0
      ? [
          `${countWords(recovered.length, 'backup')} that ${recovered.length === 1 ? 'was' : 'were'} in no list any more: ${recovered.map(shortID).join(', ')}`,
          `Until it is found whole, it counts as incomplete: ${recovered.map((id) => `rootcellar verify ${shortID(id)}`).join(' ; ')}`,
          'It is archived: no rule removes it. If it need not be kept for good: rootcellar archive ID --off',
        ]
      : []),
  ];
}
