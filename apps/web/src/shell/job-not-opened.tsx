import { Button } from '@mantine/core';
import type { Job } from '@rootcellar/api';
import { Icon } from '../drawing/icon.tsx';
import { LinkButton } from '../parts/link-button.tsx';
import { linkToDevice } from '../router/route.ts';
import { useLanguage } from '../words/language.tsx';

/** A backup that is stored although the password given for it was wrong: what was not done with it. */
export function JobNotOpened({ job, onDismiss }: { readonly job: Job; readonly onDismiss: () => void }) {
  const { words } = useLanguage();
  return (
    <div className="in stack roomy" role="alert">
      <div className="row">
        <Icon name="alert" />
        <h2>{words.wrongPassword.title(job.deviceName)}</h2>
      </div>
      <p>{words.wrongPassword.text}</p>
      <p>{words.wrongPassword.next}</p>
      <div className="actions">
        <LinkButton to={linkToDevice(job.udid, 'backups')}>{words.job.allBackups}</LinkButton>
        <Button variant="subtle" onClick={onDismiss}>
          {words.job.dismiss}
        </Button>
      </div>
    </div>
  );
}
