import { Button, Modal } from '@mantine/core';
import { api, type Job } from '@rootcellar/api';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../hub/call.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { useLanguage } from '../words/language.tsx';

/** Stops a job, after saying what that means for the data. */
export function CancelJob({ job, isSmall }: { readonly job: Job; readonly isSmall?: boolean }) {
  const { words } = useLanguage();
  const [isAsking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () => call(api.jobs.cancelJob, { params: { id: job.id } }),
    onSuccess: () => setAsking(false),
  });
  const meaning =
    job.kind === 'backup'
      ? words.job.stopBackup
      : job.kind === 'restore'
        ? words.job.stopRestore
        : words.job.stopOther;
  return (
    <>
      <Button
        onClick={() => setAsking(true)}
        disabled={cancel.isSuccess}
        {...(isSmall && { size: 'compact-md' })}
      >
        {cancel.isSuccess ? words.job.stopping : words.job.stop}
      </Button>
      <Modal
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={words.job.stopTitle(job.deviceName)}
        closeButtonProps={{ 'aria-label': words.shell.close }}
      >
        <div className="stack loose">
          <p>{meaning}</p>
          <FailureNote error={cancel.error} />
          <div className="actions end">
            <Button onClick={() => setAsking(false)}>{words.job.keepGoing}</Button>
            <Button
              variant={job.kind === 'restore' ? 'danger' : 'filled'}
              loading={cancel.isPending}
              onClick={() => cancel.mutate()}
            >
              {words.job.stopNow}
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}
