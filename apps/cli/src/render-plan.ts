import { countWords, sizeWords } from '@rootcellar/core';
import { dateWords, type PlanLine, type PlanRule, type RestorePlan } from '@rootcellar/operations';

const MARKS = { blocks: 'Stop', warns: 'Warning', informs: 'Note' } as const;

/** A restore plan as a person reads it. */
export function renderPlan(plan: RestorePlan): string {
  return [
    plan.allowed
      ? 'This backup can be restored to this iPhone.'
      : 'This backup cannot be restored to this iPhone now.',
    `  ${backupWords(plan.backup)}: ${countWords(plan.backup.files, 'file')}, ${sizeWords(plan.backup.bytes)}${plan.backup.encrypted ? ', encrypted' : ''}`,
    ...plan.rules.map((rule) => `  ${mark(rule)}${rule.sentence}`),
    ...section('Comes back', sentencesOf(plan.comesBack)),
    ...section('Stays behind', sentencesOf(plan.staysBehind)),
    ...section('Apps to be downloaded again', plan.apps),
  ].join('\n');
}

/** A restore plan as a script reads it: what comes back and what stays is said in words. */
export function planDocument(plan: RestorePlan): Readonly<Record<string, unknown>> {
  const { comesBack, staysBehind } = plan;
  return { ...plan, comesBack: sentencesOf(comesBack), staysBehind: sentencesOf(staysBehind) };
}

/** "the backup of Ann's iPhone (iOS 18.1) of 3 May 2026 at 14:05" */
export function backupWords({ deviceName, productVersion, takenAt }: RestorePlan['backup']): string {
  const system = productVersion === undefined ? '' : ` (iOS ${productVersion})`;
  return `the backup of ${deviceName ?? 'an iPhone'}${system}${takenAt ? ` of ${dateWords(takenAt)}` : ''}`;
}

function sentencesOf(lines: readonly PlanLine[]): readonly string[] {
  return lines.map(({ sentence }) => sentence);
}

function mark({ effect }: PlanRule): string {
  return `${MARKS[effect]}:`.padEnd(9);
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  - ${line}`)];
}
