import { Button, Modal, PasswordInput } from '@mantine/core';
import { api, type Device } from '@rootcellar/api';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useBackupPasswords } from '../../hub/backup-passwords.tsx';
import { call } from '../../hub/call.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { useLanguage } from '../../words/language.tsx';
import { whyNoBackup } from './why-not.ts';

/**
 * Back Up Now. Of an encrypted phone it asks for the password first, so that every file can be checked.
 * With `isFull` the iPhone sends everything again, whatever is here already.
 */
export function BackUpButton({
  device,
  label,
  isFull = false,
  onStarted,
}: {
  readonly device: Device;
  readonly label?: string;
  readonly isFull?: boolean;
  readonly onStarted?: () => void;
}) {
  const { words } = useLanguage();
  const passwords = useBackupPasswords();
  const [isAsking, setAsking] = useState(false);
  const known = passwords.of(device.udid);
  const start = useMutation({
    mutationFn: (password: string | undefined) =>
      call(api.devices.backUpDevice, {
        params: { udid: device.udid },
        body: { full: isFull, ...(password !== undefined && { password }) },
      }),
    onSuccess: (_job, password) => {
      if (password !== undefined) passwords.remember(device.udid, password);
      setAsking(false);
      onStarted?.();
    },
  });
  const why = whyNoBackup(device, words.device);
  const begin = () => (device.encryptsBackups && known === undefined ? setAsking(true) : start.mutate(known));
  return (
    <>
      <Button variant="filled" disabled={why !== undefined} loading={start.isPending} onClick={begin}>
        {label ?? words.device.backUpNow}
      </Button>
      {why && <span className="cap two">{why}</span>}
      {!isAsking && <FailureNote error={start.error} />}
      <Modal
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={words.device.sealedBackup.title}
        closeButtonProps={{ 'aria-label': words.shell.close }}
      >
        <SealedBackup
          onBegin={(password) => start.mutate(password)}
          isPending={start.isPending}
          error={start.error}
        />
      </Modal>
    </>
  );
}

function SealedBackup({
  onBegin,
  isPending,
  error,
}: {
  readonly onBegin: (password: string | undefined) => void;
  readonly isPending: boolean;
  readonly error: unknown;
}) {
  const { words } = useLanguage();
  const [password, setPassword] = useState('');
  return (
    <form
      className="stack loose"
      onSubmit={(event) => {
        event.preventDefault();
        if (password !== '') onBegin(password);
      }}
    >
      <p>{words.device.sealedBackup.text}</p>
      <PasswordInput
        label={words.device.sealedBackup.password}
        value={password}
        onChange={({ currentTarget }) => setPassword(currentTarget.value)}
        data-autofocus
      />
      <FailureNote error={error} />
      <div className="actions end">
        <Button onClick={() => onBegin(undefined)}>{words.device.sealedBackup.without}</Button>
        <Button type="submit" variant="filled" disabled={password === ''} loading={isPending}>
          {words.device.sealedBackup.with}
        </Button>
      </div>
    </form>
  );
}
