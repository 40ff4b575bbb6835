import type { BackupSummary, Device, PlanAnswer } from '@rootcellar/api';
import { useEffect, useRef, useState } from 'react';
import { verdictOf } from '../../parts/verdict-tag.tsx';
import { useLanguage } from '../../words/language.tsx';
import { TrustFirst } from '../device/trust-first.tsx';
import { ChooseStep } from './choose-step.tsx';
import { ConfirmStep } from './confirm-step.tsx';
import { PlanStep } from './plan-step.tsx';
import { SafetyStep } from './safety-step.tsx';

const STEPS = ['backup', 'plan', 'safety', 'confirm'] as const;
type Step = (typeof STEPS)[number];

export type RestorePlan = Extract<PlanAnswer, { kind: 'restore' }>;

/** What has been chosen so far. */
export interface Chosen {
  readonly backup: BackupSummary;
  readonly password: string | undefined;
}

/** Four steps; nothing on the phone changes before the end of the last. */
export function RestoreWizard({
  device,
  backups,
  others,
  wanted,
}: {
  readonly device: Device;
  readonly backups: readonly BackupSummary[];
  /** Of one's other phones. */
  readonly others: readonly BackupSummary[];
  readonly wanted: string | null;
}) {
  const { words } = useLanguage();
  const [step, setStep] = useState<Step>('backup');
  const [chosen, setChosen] = useState<Chosen>();
  const [plan, setPlan] = useState<RestorePlan>();
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step begins at its heading
  useEffect(() => {
    if (!isFirst.current) heading.current?.focus();
    isFirst.current = false;
  }, [step]);
  const at = STEPS.indexOf(step);
  return (
    <main id="main" tabIndex={-1}>
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {words.restore.title(device.name)}
        </h1>
        <p className="lead">{words.restore.lead}</p>
      </div>
      <ol className="crumbs" aria-label={words.restore.stepsLabel}>
        {STEPS.map((name, index) => (
          <li
            key={name}
            className={index < at ? 'done' : undefined}
            aria-current={index === at ? 'step' : undefined}
          >
            {words.restore.steps[name]}
          </li>
        ))}
      </ol>
      <TrustFirst device={device} />
      {step === 'backup' && (
        <ChooseStep
          device={device}
          backups={backups}
          others={others}
          preselected={
            [...backups, ...others].find(({ id }) => id === wanted) ?? usualChoice(backups, others)
          }
          onPlan={(made, of) => {
            setPlan(made);
            setChosen(of);
            setStep('plan');
          }}
        />
      )}
      {step === 'plan' && plan && chosen && (
        <PlanStep
          device={device}
          plan={plan}
          backup={chosen.backup}
          onBack={() => setStep('backup')}
          onNext={() => setStep('safety')}
        />
      )}
      {step === 'safety' && (
        <SafetyStep device={device} onBack={() => setStep('plan')} onNext={() => setStep('confirm')} />
      )}
      {step === 'confirm' && plan && chosen && (
        <ConfirmStep
          device={device}
          plan={plan}
          chosen={chosen}
          onBack={() => setStep('safety')}
          onAgain={() => setStep('backup')}
        />
      )}
    </main>
  );
}

/** One's own newest. For a new phone, that of the old one, if there is no doubt which phone that is. */
function usualChoice(
  own: readonly BackupSummary[],
  others: readonly BackupSummary[],
): BackupSummary | undefined {
  const isOnePhone = new Set(others.map(({ udid }) => udid)).size === 1;
  return newestGood(own) ?? (isOnePhone ? newestGood(others) : undefined);
}

/** The newest of which nothing bad is known; if there is none, the newest. */
export function newestGood(backups: readonly BackupSummary[]): BackupSummary | undefined {
  return backups.find((backup) => !['incomplete', 'damaged'].includes(verdictOf(backup))) ?? backups[0];
}
