import { whatComesBack, whatStaysBehind } from './contents.ts';
import type { BackupFacts, RestoreFacts } from './facts.ts';
import type { PlanLine } from './plan-line.ts';
import { RULES, type RuleEffect } from './rules.ts';

/** A rule that applies to this backup and this device. */
export interface PlanRule extends PlanLine {
  readonly effect: RuleEffect;
  /** How we know. */
  readonly source: string;
}

/** A backup as a plan names it; what it does not say of itself is `undefined`. */
export type PlannedBackup = Pick<
  BackupFacts,
  'udid' | 'deviceName' | 'productVersion' | 'takenAt' | 'files' | 'bytes' | 'encrypted'
>;

/** What a restore would do, told before the device is touched. */
export interface RestorePlan {
  readonly allowed: boolean;
  /** Which backup it is, so that nobody takes another for it. */
  readonly backup: PlannedBackup;
  readonly rules: readonly PlanRule[];
  readonly comesBack: readonly PlanLine[];
  readonly staysBehind: readonly PlanLine[];
  /** Bundle ids that the device will download again from the App Store. */
  readonly apps: readonly string[];
}

/** Applies every rule to the facts. Pure: the same facts give the same plan. */
export function planRestore(facts: RestoreFacts): RestorePlan {
  const rules = RULES.flatMap(({ effect, source, applies }): readonly PlanRule[] => {
    const line = applies(facts);
    return line === undefined ? [] : [{ ...line, effect, source }];
  });
  const { udid, deviceName, productVersion, takenAt, files, bytes, encrypted } = facts.backup;
  return {
    backup: { udid, deviceName, productVersion, takenAt, files, bytes, encrypted },
    allowed: rules.every(({ effect }) => effect !== 'blocks'),
    rules,
    comesBack: whatComesBack(facts),
    staysBehind: whatStaysBehind(facts),
    apps: facts.backup.apps,
  };
}
