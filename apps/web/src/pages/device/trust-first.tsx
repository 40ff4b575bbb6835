import type { Device } from '@rootcellar/api';
import { isEnded } from '../../hub/queries.ts';
import { JobCard } from '../../shell/job-card.tsx';
import { PairButton, TrustGuidance } from './trust-guidance.tsx';
import { useShownJob } from './use-shown-job.ts';

/** Before what an iPhone does for those alone that it trusts: why it does not, or how the asking goes. */
export function TrustFirst({ device }: { readonly device: Device }) {
  const { job, dismiss } = useShownJob(device.udid);
  const isNews = job?.kind === 'pair' && (!isEnded(job) || device.trust !== 'trusted');
  if (!isNews) return <TrustGuidance device={device} />;
  return <JobCard job={job} nextStep={<PairButton udid={device.udid} />} onDismiss={dismiss} />;
}
