import { Button } from '@mantine/core';
import { lookOf } from '../../drawing/device-look.ts';
import { Phone } from '../../drawing/phone.tsx';
import { Note } from '../../parts/note.tsx';
import { JobCard } from '../../shell/job-card.tsx';
import { useLanguage } from '../../words/language.tsx';
import { PairButton } from '../device/trust-guidance.tsx';
import { useShownJob } from '../device/use-shown-job.ts';
import type { StepProps } from './first-visit-page.tsx';
import { StepHeading } from './step-heading.tsx';

/** 1. The phone has to trust this computer. */
export function TrustStep({ device, onNext }: StepProps) {
  const { words } = useLanguage();
  const { trust } = words.firstVisit;
  const { job, dismiss } = useShownJob(device.udid);
  const isTrusted = device.trust === 'trusted';
  const needsMore = device.trust === 'denied' || device.trust === 'locked' ? device.trust : undefined;
  const guidance = needsMore && words.device.trustGuidance[needsMore];
  const isPairing = job?.kind === 'pair' && !isTrusted;
  if (isPairing) {
    return (
      <div className="stack loose">
        <StepHeading title={trust.title(device.name)} text={trust.text} />
        <JobCard job={job} nextStep={<PairButton udid={device.udid} />} onDismiss={dismiss} />
      </div>
    );
  }
  return (
    <div className="step-with-picture">
      <Phone
        look={lookOf(device.productType, device.color, device.udid)}
        label={words.device.drawing(device.modelName)}
        width={9}
      />
      <div className="stack loose">
        <StepHeading
          title={isTrusted ? trust.ready(device.name) : trust.title(device.name)}
          text={isTrusted ? trust.readyText : trust.text}
        />
        {guidance && (
          <Note tone="wait" title={guidance.title}>
            {guidance.text}
          </Note>
        )}
        <div className="actions">
          {isTrusted ? (
            <Button variant="filled" onClick={onNext}>
              {words.shell.continue}
            </Button>
          ) : (
            <PairButton udid={device.udid} isPrimary />
          )}
        </div>
      </div>
    </div>
  );
}
