import { countWords, sizeWords } from '@rootcellar/core';
import { type BackupAge, type CheckedBackup, dateWords } from '@rootcellar/operations';
import { safeText } from './safe-text.ts';

/** Enough to see what is wrong; scripts get all. */
const FINDINGS_SHOWN = 20;

const VERDICTS = {
  whole: 'This backup is whole.',
  'whole-but-old': 'This backup is whole, but old.',
  incomplete: 'This backup is not complete.',
  damaged: 'This backup is damaged.',
  'cannot-tell': 'Not all of this backup could be checked.',
} as const;

/** What checking a backup has found, as a person reads it. */
export function renderVerification(checked: CheckedBackup, { deep = false } = {}): string {
  const { verdict, files, bytes, checkedBy, findings, age } = checked;
  const { digest, structure, length } = checkedBy;
  const shown = findings.slice(0, FINDINGS_SHOWN);
  return [
    VERDICTS[verdict],
    ...(age ? ageLines(age) : []),
    `  ${countWords(files, 'file')}, ${sizeWords(bytes)}: ${digest} checked by digest, ${structure} by structure, ${length} by length`,
    ...(deep ? [insideLine(findings)] : []),
    ...shown.flatMap(({ domain, path, message, remedy }) => {
      const place = safeText([domain, path].filter(Boolean).join('/'));
      return place === '' ? [`  ${message} ${remedy}`] : [`  ${place}`, `    ${message} ${remedy}`];
    }),
    ...(findings.length > shown.length ? [`  … and ${findings.length - shown.length} more`] : []),
  ].join('\n');
}

function insideLine(findings: CheckedBackup['findings']): string {
  const isSealed = findings.some(({ code }) => code === 'manifest-encrypted');
  return isSealed
    ? '  Not looked inside: it is encrypted, and its password was not given (--password-file)'
    : '  Looked inside too: databases, property lists, pictures and films';
}

/** Which of the two makes it an old one: that there is a newer one, its own date, or both. */
function ageLines({ takenAt, newestAt, isLongAgo }: BackupAge): readonly string[] {
  return [
    ...(newestAt ? [`  It is not the newest: that is of ${dateWords(newestAt)}.`] : []),
    ...(isLongAgo && takenAt ? [`  It is over 30 days old: of ${dateWords(takenAt)}.`] : []),
  ];
}
