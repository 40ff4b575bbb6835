import type { PlanRule, RestorePlan } from '@rootcellar/operations';

const MARKS = { blocks: 'Stop', warns: 'Warning', informs: 'Note' } as const;

/** A restore plan as a person reads it. */
export function renderPlan(plan: RestorePlan): string {
  return [
    plan.allowed
      ? 'This backup can be restored to this iPhone.'
      : 'This backup cannot be restored to this iPhone now.',
    ...plan.rules.map((rule) => `  ${mark(rule)}${rule.sentence}`),
    ...section('Comes back', plan.comesBack),
    ...section('Stays behind', plan.staysBehind),
    ...section('Apps to be downloaded again', plan.apps),
  ].join('\n');
}

function mark({ effect }: PlanRule): string {
  return `${MARKS[effect]}:`.padEnd(9);
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  - ${line}`)];
}
