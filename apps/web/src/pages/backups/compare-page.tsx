import { Button, NativeSelect, PasswordInput } from '@mantine/core';
import { api, type BackupSummary, type Device } from '@rootcellar/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useBackupPasswords } from '../../hub/backup-passwords.tsx';
import { call } from '../../hub/call.ts';
import { useNow } from '../../hub/use-now.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { LinkButton } from '../../parts/link-button.tsx';
import { LoadingText } from '../../parts/loading-text.tsx';
import { goTo, linkToDevice, type Place } from '../../router/route.ts';
import { useLanguage } from '../../words/language.tsx';
import { Comparison } from './comparison.tsx';

/** Two versions side by side: what came, what changed, what is gone. */
export function ComparePage({
  device,
  backups,
  place,
}: {
  readonly device: Device;
  readonly backups: readonly BackupSummary[];
  readonly place: Place;
}) {
  const { words, format } = useLanguage();
  const { compare } = words.backups;
  const now = useNow();
  const passwords = useBackupPasswords();
  const [typed, setTyped] = useState('');
  const whole = backups.filter(({ kind }) => kind !== 'unfinished');
  const before = place.query.get('before') ?? '';
  const after = place.query.get('after') ?? '';
  const needsPassword = whole.some(({ id, encrypted }) => (id === before || id === after) && encrypted);
  const password = passwords.of(device.udid);
  const canAsk =
    before !== after && before !== '' && after !== '' && (!needsPassword || password !== undefined);
  const comparison = useQuery({
    queryKey: ['comparison', before, after, needsPassword ? passwords.typed : 0],
    queryFn: () =>
      call(api.backups.compareBackups, {
        params: { id: after },
        body: { before, ...(needsPassword && password !== undefined && { password }) },
      }),
    enabled: canAsk,
    retry: false,
  });
  const choose = (change: { readonly before?: string; readonly after?: string }) =>
    goTo(linkToDevice(device.udid, 'backups', { before, after, ...change }));
  const options = whole.map(({ id, takenAt }) => ({
    value: id,
    label: takenAt ? format.moment(takenAt, now) : id,
  }));
  return (
    <main id="main" tabIndex={-1}>
      <div className="page-head">
        <div>
          <h1>{compare.title}</h1>
          <p className="lead">{compare.lead}</p>
        </div>
        <LinkButton to={linkToDevice(device.udid, 'backups')}>{compare.backToList}</LinkButton>
      </div>
      <div className="halves wide">
        <NativeSelect
          label={compare.before}
          value={before}
          data={options}
          onChange={({ currentTarget }) => choose({ before: currentTarget.value })}
        />
        <NativeSelect
          label={compare.after}
          value={after}
          data={options}
          onChange={({ currentTarget }) => choose({ after: currentTarget.value })}
        />
      </div>
      {needsPassword && (password === undefined || comparison.isError) && (
        <form
          className="card in stack loose"
          onSubmit={(event) => {
            event.preventDefault();
            passwords.remember(device.udid, typed);
          }}
        >
          <PasswordInput
            label={words.backups.password}
            description={compare.needPassword}
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
          <div className="actions">
            <Button type="submit" variant="filled" disabled={typed === ''}>
              {compare.compare}
            </Button>
          </div>
        </form>
      )}
      <FailureNote error={comparison.error} />
      {canAsk && comparison.isPending && <LoadingText text={compare.working} />}
      {comparison.data && <Comparison found={comparison.data} />}
    </main>
  );
}
