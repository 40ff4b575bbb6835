import type { Job } from '@rootcellar/api';
import { lookOf } from '../drawing/device-look.ts';
import { Icon } from '../drawing/icon.tsx';
import { PasscodeDots, PasscodePad, Phone } from '../drawing/phone.tsx';
import { useDevice } from '../hub/queries.ts';
import { useLanguage } from '../words/language.tsx';
import { CancelJob } from './cancel-job.tsx';

type Prompt = NonNullable<Job['progress']['prompt']>;

/** What the owner has to do at the phone, with a picture of it. */
export function JobPrompt({ job, prompt }: { readonly job: Job; readonly prompt: Prompt }) {
  const { words } = useLanguage();
  const told = words.job[prompt];
  const device = useDevice(job.udid);
  const look = lookOf(device?.productType ?? '', device?.color ?? null, job.udid);
  const text = prompt === 'passcode' && job.kind !== 'backup' ? words.job.passcode.textOther : told.text;
  return (
    <div className="ask">
      <Phone look={look} label={told.picture} width={10} isDimmed>
        <PromptScreen prompt={prompt} />
      </Phone>
      <div className="stack roomy">
        <div role="status">
          <h2>{told.title(job.deviceName)}</h2>
          <p className="lead">{text}</p>
        </div>
        <ol className="steps">
          {told.steps.map((step) => (
            <li key={step}>
              <span>{step}</span>
            </li>
          ))}
        </ol>
        <div className="row wrap apart">
          {prompt === 'passcode' && (
            <span className="tag wait">
              <Icon name="clock" small /> {words.job.states['waiting-for-passcode']}
            </span>
          )}
          <div className="actions">
            <CancelJob job={job} />
          </div>
        </div>
        {prompt === 'passcode' && job.kind === 'backup' && (
          <p className="cap two">{words.job.passcode.nothingLost}</p>
        )}
      </div>
    </div>
  );
}

function PromptScreen({ prompt }: { readonly prompt: Prompt }) {
  const { words } = useLanguage();
  if (prompt === 'trust') {
    return (
      <div className="ios-alert">
        <p className="ios-title">{words.job.trust.screenTitle}</p>
        <p>{words.job.trust.screenText}</p>
        <div>
          <span>{words.job.trust.screenTrust}</span>
          <span>{words.job.trust.screenDeny}</span>
        </div>
      </div>
    );
  }
  if (prompt === 'unlock') {
    return (
      <span className="locked">
        <Icon name="lock" />
      </span>
    );
  }
  return (
    <>
      <p className="pad-title">{words.job.passcode.screenTitle}</p>
      <p className="pad-text">{words.job.passcode.screenText}</p>
      <PasscodeDots typed={2} />
      <PasscodePad />
    </>
  );
}
