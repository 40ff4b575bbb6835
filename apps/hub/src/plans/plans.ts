import { randomUUID } from 'node:crypto';
import type { PlanAnswer } from '@rootcellar/api';
import type { Clock } from '@rootcellar/core';
import { hubError } from '../errors.ts';

/** Design, safety rules: what was shown holds for ten minutes. */
const HOLDS_MS = 10 * 60_000;

/** Of one session; somebody who plans more than they carry out loses the oldest. */
const PLANS_MAX = 20;

type NewPlan = PlanAnswer extends infer Plan
  ? Plan extends PlanAnswer
    ? Omit<Plan, 'id' | 'expiresAt'>
    : never
  : never;

interface ShownPlan {
  readonly plan: PlanAnswer;
  readonly sessionID: string;
  readonly expiresMs: number;
}

/**
 * Plans that were shown and wait for a yes. Each can be carried out once, by the session that saw it, for the phone it
 * names. In memory only: after a restart of the hub it is shown again.
 */
export class Plans {
  readonly #clock: Clock;
  readonly #shown = new Map<string, ShownPlan>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  show(plan: NewPlan, sessionID: string): PlanAnswer {
    this.#forgetOld(sessionID);
    const expiresMs = this.#clock.now().getTime() + HOLDS_MS;
    const shown: PlanAnswer = { ...plan, id: randomUUID(), expiresAt: new Date(expiresMs).toISOString() };
    this.#shown.set(shown.id, { plan: shown, sessionID, expiresMs });
    return shown;
  }

  /**
   * Takes a plan that somebody said yes to. It is used up, whatever follows.
   * @throws `hub.plan-unknown`
   */
  take<Kind extends PlanAnswer['kind']>(
    id: string,
    wanted: { readonly kind: Kind; readonly sessionID: string; readonly udid: string },
  ): Extract<PlanAnswer, { kind: Kind }> {
    const shown = this.#shown.get(id);
    const fits =
      shown !== undefined &&
      shown.sessionID === wanted.sessionID &&
      shown.plan.kind === wanted.kind &&
      shown.plan.udid === wanted.udid;
    if (!fits) throw hubError('plan-unknown');
    this.#shown.delete(id);
    if (shown.expiresMs <= this.#clock.now().getTime()) throw hubError('plan-unknown');
    return shown.plan as Extract<PlanAnswer, { kind: Kind }>;
  }

  #forgetOld(sessionID: string): void {
    const now = this.#clock.now().getTime();
    for (const [id, { expiresMs }] of this.#shown) if (expiresMs <= now) this.#shown.delete(id);
    const own = [...this.#shown].filter(([, shown]) => shown.sessionID === sessionID);
    for (const [id] of own.slice(0, Math.max(0, own.length - PLANS_MAX + 1))) this.#shown.delete(id);
  }
}
