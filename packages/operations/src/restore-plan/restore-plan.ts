import { type ComesBack, whatComesBack, whatStaysBehind } from './contents.ts';
import type { RestoreFacts } from './facts.ts';
import { RULES, type RuleEffect } from './rules.ts';

/** A rule that applies to this backup and this device. */
export interface PlanRule {
  /** Stable for ever, in words: `find-my-on`. */
  readonly code: string;
  readonly effect: RuleEffect;
  /** For the owner, with what to do about it. */
  readonly sentence: string;
  /** How we know. */
  readonly source: string;
}

/** What a restore would do, told before the device is touched. */
export interface RestorePlan {
  readonly allowed: boolean;
  readonly rules: readonly PlanRule[];
  readonly comesBack: readonly ComesBack[];
  readonly staysBehind: readonly string[];
  /** Bundle ids that the device will download again from the App Store. */
  readonly apps: readonly string[];
}

/** Applies every rule to the facts. Pure: the same facts give the same plan. */
export function planRestore(facts: RestoreFacts): RestorePlan {
  const rules = RULES.flatMap((rule): readonly PlanRule[] => {
    const sentence = rule.applies(facts);
    return sentence === undefined
      ? []
      : [{ code: rule.code, effect: rule.effect, sentence, source: rule.source }];
  });
  return {
    allowed: rules.every(({ effect }) => effect !== 'blocks'),
    rules,
    comesBack: whatComesBack(facts),
    staysBehind: whatStaysBehind(facts),
    apps: facts.backup.apps,
  };
}
