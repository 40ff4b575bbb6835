import { Button } from '@mantine/core';
import type { Device } from '@rootcellar/api';
import { useEffect, useRef, useState } from 'react';
import { Brand } from '../../drawing/brand.tsx';
import { useDevice } from '../../hub/queries.ts';
import { goTo, linkTo, linkToDevice } from '../../router/route.ts';
import { useLanguage } from '../../words/language.tsx';
import { EncryptStep } from './encrypt-step.tsx';
import { markVisited } from './needs-first-visit.ts';
import { StartStep } from './start-step.tsx';
import { TrustStep } from './trust-step.tsx';
import { WhereStep } from './where-step.tsx';
import './first-visit.css';

const STEPS = ['trust', 'where', 'encrypt', 'start'] as const;
type Step = (typeof STEPS)[number];

export interface StepProps {
  readonly device: Device;
  readonly onNext: () => void;
}

/** Four steps from a phone nobody knows to its first backup. The recovery kit belongs to the last: there is no key before. */
export default function FirstVisitPage({ udid }: { readonly udid: string | undefined }) {
  const device = useDevice(udid ?? '');
  const { words } = useLanguage();
  const [step, setStep] = useState<Step>('trust');
  const top = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) top.current?.querySelector<HTMLElement>('h1')?.focus();
    isFirst.current = step === 'trust' && isFirst.current;
  }, [step]);
  if (device === undefined) return <Gone />;
  const finish = () => {
    markVisited(device.udid);
    goTo(linkToDevice(device.udid));
  };
  const at = STEPS.indexOf(step);
  return (
    <div className="welcome">
      <section className="welcome-head row apart" aria-label="Rootcellar">
        <span className="brand">
          <Brand /> Rootcellar
        </span>
        <span className="row">
          <span className="cap two">{words.firstVisit.step(at + 1, STEPS.length)}</span>
          <Button variant="subtle" onClick={finish}>
            {words.firstVisit.later}
          </Button>
        </span>
      </section>
      <main id="main" tabIndex={-1} ref={top}>
        {step === 'trust' && <TrustStep device={device} onNext={() => setStep('where')} />}
        {step === 'where' && <WhereStep device={device} onNext={() => setStep('encrypt')} />}
        {step === 'encrypt' && <EncryptStep device={device} onNext={() => setStep('start')} />}
        {step === 'start' && <StartStep device={device} onNext={finish} />}
      </main>
    </div>
  );
}

/** The phone left, or there never was one. */
function Gone() {
  useEffect(() => goTo(linkTo([])), []);
  return <main id="main" />;
}
