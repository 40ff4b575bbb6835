import type { PlanLine } from '@rootcellar/api';

/** What the plans of the hub say, by code; those of a restore stand with its rules. Codes are stable, wording is not. */
export const HUB_PLAN_SENTENCES = {
  'others-stay': 'This backup is deleted for good. Other backups of this iPhone stay.',
  'none-stays': 'This backup is deleted for good. It is the only one of this iPhone.',
  /** Source: backup-format §5.9; Apple, "About encrypted backups". */
  'without-password':
    'Only the key of this computer protects backups made from now on, and nothing protects a folder taken out of them. They ' +
    'leave out saved passwords, Wi-Fi networks, health data and calls. Backups made so far keep their password.',
} as const;

export function hubPlanLine(code: keyof typeof HUB_PLAN_SENTENCES): PlanLine {
  return { code, details: {}, sentence: HUB_PLAN_SENTENCES[code] };
}
