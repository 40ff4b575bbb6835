import { Button, PasswordInput, Radio } from '@mantine/core';
import { api, type BackupSummary, type Device } from '@rootcellar/api';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useBackupPasswords } from '../../hub/backup-passwords.tsx';
import { call } from '../../hub/call.ts';
import { isEnded, useJobs } from '../../hub/queries.ts';
import { useNow } from '../../hub/use-now.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { FourFacts } from '../../parts/four-facts.tsx';
import { VerdictTag } from '../../parts/verdict-tag.tsx';
import { factsOf } from '../../shell/job-ended.tsx';
import { useLanguage } from '../../words/language.tsx';
import { PairButton } from '../device/trust-guidance.tsx';
import { whyNoRestore } from '../device/why-not.ts';
import type { Chosen, RestorePlan } from './restore-wizard.tsx';

/** What an iPhone answers that was erased, or whose trust was taken back: it has to be asked anew. */
const TRUST_IS_GONE: ReadonlySet<string> = new Set([
  'lockdown.not-trusted',
  'lockdown.secure-connection-failed',
  'lockdown.wrong-device-key',
]);

/** 1. Which backup, and its password. Both are checked while the plan is made. */
export function ChooseStep({
  device,
  backups,
  others,
  preselected,
  onPlan,
}: {
  readonly device: Device;
  readonly backups: readonly BackupSummary[];
  readonly others: readonly BackupSummary[];
  readonly preselected: BackupSummary | undefined;
  readonly onPlan: (plan: RestorePlan, chosen: Chosen) => void;
}) {
  const { words } = useLanguage();
  const passwords = useBackupPasswords();
  const [id, setID] = useState(preselected?.id ?? '');
  const [typed, setTyped] = useState<string>();
  const backup = [...backups, ...others].find((other) => other.id === id);
  const password = typed ?? passwords.of(backup?.udid ?? '') ?? '';
  const needsPassword = backup?.encrypted === true;
  const given = needsPassword && password !== '' ? password : undefined;
  const ask = useMutation({
    mutationFn: () =>
      call(api.devices.planRestore, {
        params: { udid: device.udid },
        body: { backup: id, ...(given !== undefined && { password: given }) },
      }),
  });
  const job = useJobs().find((other) => other.id === ask.data?.job.id);
  useEffect(() => {
    if (job?.result?.kind !== 'restore-plan' || job.result.plan.kind !== 'restore' || backup === undefined)
      return;
    if (given !== undefined) passwords.remember(backup.udid, given);
    onPlan(job.result.plan, { backup, password: given });
  }, [job?.result, backup, given, passwords, onPlan]);
  const isPlanning = ask.isPending || (job !== undefined && !isEnded(job));
  const why = isPlanning ? undefined : whyNoRestore(device, words);
  const hasFailed = job !== undefined && isEnded(job) && job.state !== 'done';
  return (
    <form
      className="stack loose"
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate();
      }}
    >
      <section className="card in stack">
        <div>
          <h2 className="h3">{words.restore.chooseTitle}</h2>
          <p className="two">{words.restore.chooseText}</p>
        </div>
        <Radio.Group value={id} onChange={setID} aria-label={words.restore.chooseTitle}>
          <div className="stack near">
            {backups.map((other) => (
              <BackupChoice key={other.id} backup={other} />
            ))}
            {others.length > 0 && <h3 className="cap two">{words.restore.ofOthers}</h3>}
            {others.map((other) => (
              <BackupChoice key={other.id} backup={other} />
            ))}
          </div>
        </Radio.Group>
        {needsPassword && (
          <PasswordInput
            className="narrow-field"
            label={words.restore.password}
            description={words.restore.passwordText[backup.keptAs ?? 'sealed']}
            value={password}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        )}
      </section>
      {hasFailed && (
        <section className="card in stack" role="alert">
          <h2 className="h3">{words.restore.planFailed}</h2>
          <FourFacts failure={factsOf(job, words.job)} />
          {TRUST_IS_GONE.has(job.error?.code ?? '') && (
            <div className="actions">
              <PairButton udid={device.udid} />
            </div>
          )}
        </section>
      )}
      <FailureNote error={ask.error} />
      <div className="actions">
        <Button
          type="submit"
          variant="filled"
          loading={isPlanning}
          disabled={why !== undefined || backup === undefined || (needsPassword && password === '')}
        >
          {words.restore.makePlan}
        </Button>
        <span className="cap two" role="status">
          {isPlanning ? words.restore.planning : why}
        </span>
      </div>
    </form>
  );
}

function BackupChoice({ backup }: { readonly backup: BackupSummary }) {
  const { format } = useLanguage();
  const now = useNow();
  return (
    <Radio.Card value={backup.id} className="choice-card backup-choice">
      <Radio.Indicator />
      <span>
        <b>{backup.takenAt ? format.moment(backup.takenAt, now) : backup.id}</b>
        <span className="cap two block">
          {backup.deviceName}, iOS {backup.productVersion ?? '–'}
        </span>
      </span>
      <span className="num nowrap">{format.bytes(backup.sizeBytes)}</span>
      <VerdictTag backup={backup} />
    </Radio.Card>
  );
}
