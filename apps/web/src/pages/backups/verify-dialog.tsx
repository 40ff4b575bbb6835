import { Button, Modal, PasswordInput } from '@mantine/core';
import { api, type BackupSummary, type Device } from '@rootcellar/api';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useBackupPasswords } from '../../hub/backup-passwords.tsx';
import { call } from '../../hub/call.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { useLanguage } from '../../words/language.tsx';

interface VerifyProps {
  readonly device: Device;
  readonly backup: BackupSummary;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Checks every file. An encrypted backup needs its password for that; the others start at once. */
export function VerifyDialog({ device, backup, isOpen, onClose }: VerifyProps) {
  const { words } = useLanguage();
  const passwords = useBackupPasswords();
  const [password, setPassword] = useState('');
  const known = passwords.of(device.udid);
  const verify = useMutation({
    mutationFn: (given: string | undefined) =>
      call(api.backups.verifyBackup, {
        params: { id: backup.id },
        body: { deep: true, ...(given !== undefined && { password: given }) },
      }),
    onSuccess: (_job, given) => {
      if (given !== undefined) passwords.remember(device.udid, given);
      onClose();
    },
  });
  const needsNothing = !backup.encrypted || known !== undefined;
  const { mutate, isIdle } = verify;
  useEffect(() => {
    if (isOpen && needsNothing && isIdle) mutate(known);
  }, [isOpen, needsNothing, isIdle, known, mutate]);
  useEffect(() => {
    if (!isOpen) verify.reset();
  }, [isOpen, verify.reset]);
  return (
    <Modal
      opened={isOpen && (!needsNothing || verify.isError)}
      onClose={onClose}
      title={words.backups.verifyTitle}
      closeButtonProps={{ 'aria-label': words.shell.close }}
    >
      <form
        className="stack loose"
        onSubmit={(event) => {
          event.preventDefault();
          if (password !== '') verify.mutate(password);
        }}
      >
        <p>{words.backups.verifyPassword}</p>
        <PasswordInput
          label={words.backups.password}
          value={password}
          onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          data-autofocus
        />
        <FailureNote error={verify.error} />
        <div className="actions end">
          <Button onClick={() => verify.mutate(undefined)}>{words.backups.withoutPassword}</Button>
          <Button type="submit" variant="filled" disabled={password === ''} loading={verify.isPending}>
            {words.backups.withPassword}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
