import { Button, Radio } from '@mantine/core';
import { api, type Failure } from '@rootcellar/api';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useBackupPasswords } from '../../hub/backup-passwords.tsx';
import { call } from '../../hub/call.ts';
import { isEnded, useJobs } from '../../hub/queries.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Note } from '../../parts/note.tsx';
import { JobCard } from '../../shell/job-card.tsx';
import { useLanguage } from '../../words/language.tsx';
import { toldIn } from '../../words/told-error.ts';
import { useChangeSettings } from '../device/automatic-choice.tsx';
import { KeptChoice } from '../device/kept-choice.tsx';
import { type NewPassword, NewPasswordFields } from '../device/new-password-fields.tsx';
import type { StepProps } from './first-visit-page.tsx';
import { StepHeading } from './step-heading.tsx';

/** 3. Encrypt? Why, and what is lost without. */
export function EncryptStep({ device, onNext }: StepProps) {
  const { words } = useLanguage();
  const { encrypt } = words.firstVisit;
  const [wants, setWants] = useState<'yes' | 'no'>('yes');
  const [fresh, setFresh] = useState<NewPassword>({ password: '', isReady: false });
  const passwords = useBackupPasswords();
  const job = useJobs().find(({ udid, kind }) => udid === device.udid && kind === 'encryption');
  const isConfirming = job !== undefined && !isEnded(job);
  const turnOn = useMutation({
    mutationFn: () =>
      call(api.devices.changeEncryption, {
        params: { udid: device.udid },
        body: { change: 'on', newPassword: fresh.password },
      }),
    onSuccess: () => passwords.remember(device.udid, fresh.password),
  });
  if (isConfirming) {
    return (
      <div className="stack loose">
        <StepHeading title={encrypt.title} text={encrypt.waiting} />
        <JobCard job={job} onDismiss={() => {}} />
      </div>
    );
  }
  if (device.encryptsBackups)
    return <HowToKeep device={device} isNew={job?.state === 'done'} onNext={onNext} />;
  return (
    <form
      className="stack loose step"
      onSubmit={(event) => {
        event.preventDefault();
        if (wants === 'no') onNext();
        else if (fresh.isReady) turnOn.mutate();
      }}
    >
      <StepHeading title={encrypt.title} text={encrypt.text} />
      {job?.error && <FailedChange error={job.error} />}
      <YesOrNo wants={wants} onChange={setWants} requiresEncryption={device.requiresEncryption} />
      {wants === 'yes' && (
        <>
          <div className="cols narrow-fields">
            <NewPasswordFields onChange={setFresh} />
          </div>
          <Note tone="wait">{words.device.encryption.lost}</Note>
        </>
      )}
      <FailureNote error={turnOn.error} />
      <div className="actions">
        <Button
          type="submit"
          variant="filled"
          disabled={wants === 'yes' && !fresh.isReady}
          loading={turnOn.isPending}
        >
          {wants === 'yes' ? encrypt.set : words.shell.continue}
        </Button>
      </div>
    </form>
  );
}

function YesOrNo({
  wants,
  onChange,
  requiresEncryption,
}: {
  readonly wants: 'yes' | 'no';
  readonly onChange: (wants: 'yes' | 'no') => void;
  readonly requiresEncryption: boolean;
}) {
  const { words } = useLanguage();
  const { encrypt } = words.firstVisit;
  return (
    <Radio.Group
      value={wants}
      onChange={(value) => onChange(value === 'no' ? 'no' : 'yes')}
      aria-label={encrypt.title}
    >
      <div className="choices">
        <Radio.Card value="yes" className="choice-card">
          <Radio.Indicator />
          <span>
            <b>{encrypt.yes}</b>
            <span className="cap two block">{encrypt.yesText}</span>
          </span>
        </Radio.Card>
        <Radio.Card value="no" className="choice-card" disabled={requiresEncryption}>
          <Radio.Indicator />
          <span>
            <b>{encrypt.no}</b>
            <span className="cap two block">
              {requiresEncryption ? words.device.encryptOrganisation : encrypt.noText}
            </span>
          </span>
        </Radio.Card>
      </div>
    </Radio.Group>
  );
}

function FailedChange({ error }: { readonly error: Failure }) {
  const { language } = useLanguage();
  const told = toldIn(language, error);
  return (
    <Note tone="danger" title={told.happened}>
      {told.next}
    </Note>
  );
}

/** There is a password: is it to stay a second lock, or to save room? */
function HowToKeep({ device, isNew, onNext }: StepProps & { readonly isNew: boolean }) {
  const { words } = useLanguage();
  const { encrypt } = words.firstVisit;
  const [kept, setKept] = useState(device.settings.encryptedAs);
  const change = useChangeSettings(device);
  const goOn = () => change.mutate({ encryptedAs: kept }, { onSuccess: onNext });
  return (
    <div className="stack loose step">
      <StepHeading
        title={isNew ? encrypt.isSet : encrypt.title}
        text={isNew ? encrypt.yesText : encrypt.already}
      />
      <KeptChoice value={kept} onChange={setKept} />
      <FailureNote error={change.error} />
      <div className="actions">
        <Button variant="filled" loading={change.isPending} onClick={goOn}>
          {words.shell.continue}
        </Button>
      </div>
    </div>
  );
}
