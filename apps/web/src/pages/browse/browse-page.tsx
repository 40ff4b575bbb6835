import { Button, PasswordInput } from '@mantine/core';
import type { BackupSummary, BrowsedBackup, Device } from '@rootcellar/api';
import { api } from '@rootcellar/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Icon } from '../../drawing/icon.tsx';
import { useBackupPasswords } from '../../hub/backup-passwords.tsx';
import { call } from '../../hub/call.ts';
import { useBackups } from '../../hub/queries.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { LoadingText } from '../../parts/loading-text.tsx';
import type { Place } from '../../router/route.ts';
import { useLanguage } from '../../words/language.tsx';
import { BrowseBackup } from './browse-backup.tsx';
import './browse.css';

/** What is in a backup, by app and part of the phone. */
export default function BrowsePage({ device, place }: { readonly device: Device; readonly place: Place }) {
  const { words } = useLanguage();
  const { data: all, isPending, error } = useBackups(device.udid);
  if (isPending) return <LoadingText />;
  if (error) return <FailureNote error={error} />;
  const backups = all.filter(({ kind }) => kind !== 'unfinished');
  const backup = backups.find(({ id }) => id === place.query.get('backup')) ?? backups[0];
  if (backup === undefined) {
    return (
      <main id="main" tabIndex={-1} className="lone lesson">
        <Icon name="folder" />
        <h1>{words.browse.none}</h1>
        <p className="lead">{words.browse.noneText}</p>
      </main>
    );
  }
  return <OpenedBackup key={backup.id} device={device} backup={backup} backups={backups} place={place} />;
}

function OpenedBackup({
  device,
  backup,
  backups,
  place,
}: {
  readonly device: Device;
  readonly backup: BackupSummary;
  readonly backups: readonly BackupSummary[];
  readonly place: Place;
}) {
  const { words } = useLanguage();
  const passwords = useBackupPasswords();
  const password = passwords.of(device.udid);
  const isLocked = backup.encrypted && password === undefined;
  const opened = useQuery({
    queryKey: ['browse', backup.id, backup.encrypted ? passwords.typed : 0],
    queryFn: async (): Promise<BrowsedBackup> => {
      const body = backup.encrypted && password !== undefined ? { password } : {};
      return (await call(api.browse.openBackup, { params: { id: backup.id }, body })).browse;
    },
    enabled: !isLocked,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
  });
  if (isLocked || (backup.encrypted && (opened.error || opened.data?.isReadable === false))) {
    return <Unlock device={device} error={opened.error} isPending={opened.isFetching} />;
  }
  if (opened.error) {
    return (
      <main id="main" tabIndex={-1}>
        <FailureNote error={opened.error} />
      </main>
    );
  }
  if (opened.data === undefined) return <LoadingText text={words.browse.opening} />;
  return <BrowseBackup device={device} browse={opened.data} backups={backups} place={place} />;
}

function Unlock({
  device,
  error,
  isPending,
}: {
  readonly device: Device;
  readonly error: unknown;
  readonly isPending: boolean;
}) {
  const { words } = useLanguage();
  const passwords = useBackupPasswords();
  const [password, setPassword] = useState('');
  return (
    <main id="main" tabIndex={-1} className="lone">
      <form
        className="card in stack loose unlock"
        onSubmit={(event) => {
          event.preventDefault();
          passwords.remember(device.udid, password);
        }}
      >
        <Icon name="lock" />
        <div>
          <h1 className="h2">{words.browse.locked}</h1>
          <p className="two">{words.browse.lockedText}</p>
        </div>
        <PasswordInput
          label={words.browse.password}
          value={password}
          onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          data-autofocus
        />
        <FailureNote error={error} />
        <div className="actions">
          <Button type="submit" variant="filled" disabled={password === ''} loading={isPending}>
            {words.browse.open}
          </Button>
        </div>
      </form>
    </main>
  );
}
