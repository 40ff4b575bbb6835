import { Button, Modal, PasswordInput } from '@mantine/core';
import { api, type Device } from '@rootcellar/api';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useBackupPasswords } from '../../hub/backup-passwords.tsx';
import { call } from '../../hub/call.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { LoadingText } from '../../parts/loading-text.tsx';
import { Note } from '../../parts/note.tsx';
import { goTo, linkToDevice } from '../../router/route.ts';
import { useLanguage } from '../../words/language.tsx';
import { planSentence } from '../../words/told-plan.ts';
import type { EncryptionChange } from './encryption-choice.tsx';
import { type NewPassword, NewPasswordFields } from './new-password-fields.tsx';

/** A password for backups: a first one, another one, or none. The phone asks for its passcode afterwards. */
export function EncryptionDialog({
  device,
  change,
  onClose,
}: {
  readonly device: Device;
  readonly change: EncryptionChange | undefined;
  readonly onClose: () => void;
}) {
  const { words } = useLanguage();
  const { encryption } = words.device;
  const title = { on: encryption.onTitle, change: encryption.changeTitle, off: encryption.offTitle }[
    change ?? 'on'
  ];
  return (
    <Modal
      opened={change !== undefined}
      onClose={onClose}
      title={title}
      closeButtonProps={{ 'aria-label': words.shell.close }}
    >
      {change === 'off' ? (
        <TurnOff device={device} onDone={onClose} />
      ) : (
        <SetPassword device={device} isFirst={change !== 'change'} onDone={onClose} />
      )}
    </Modal>
  );
}

function SetPassword({
  device,
  isFirst,
  onDone,
}: {
  readonly device: Device;
  readonly isFirst: boolean;
  readonly onDone: () => void;
}) {
  const { words } = useLanguage();
  const { encryption } = words.device;
  const passwords = useBackupPasswords();
  const [oldPassword, setOldPassword] = useState(passwords.of(device.udid) ?? '');
  const [fresh, setFresh] = useState<NewPassword>({ password: '', isReady: false });
  const change = useMutation({
    mutationFn: () =>
      call(api.devices.changeEncryption, {
        params: { udid: device.udid },
        body: isFirst
          ? { change: 'on', newPassword: fresh.password }
          : { change: 'change', password: oldPassword, newPassword: fresh.password },
      }),
    onSuccess: () => finish(() => passwords.remember(device.udid, fresh.password)),
  });
  const finish = (remember: () => void) => {
    remember();
    onDone();
    goTo(linkToDevice(device.udid));
  };
  return (
    <form
      className="stack loose"
      onSubmit={(event) => {
        event.preventDefault();
        if (fresh.isReady) change.mutate();
      }}
    >
      <p>{isFirst ? encryption.onText : encryption.changeText}</p>
      {!isFirst && (
        <PasswordInput
          label={encryption.oldPassword}
          value={oldPassword}
          onChange={({ currentTarget }) => setOldPassword(currentTarget.value)}
        />
      )}
      <NewPasswordFields onChange={setFresh} />
      <Note tone="wait">{encryption.lost}</Note>
      <FailureNote error={change.error} />
      <div className="actions end">
        <Button onClick={onDone}>{words.shell.cancel}</Button>
        <Button
          type="submit"
          variant="filled"
          disabled={!fresh.isReady || (!isFirst && oldPassword === '')}
          loading={change.isPending}
        >
          {isFirst ? encryption.turnOn : encryption.change}
        </Button>
      </div>
    </form>
  );
}

/** The hub shows what it means; only then it can be done, and only as shown. */
function TurnOff({ device, onDone }: { readonly device: Device; readonly onDone: () => void }) {
  const { words, language } = useLanguage();
  const { encryption } = words.device;
  const passwords = useBackupPasswords();
  const [password, setPassword] = useState(passwords.of(device.udid) ?? '');
  const plan = useQuery({
    queryKey: ['encryption-off-plan', device.udid],
    queryFn: () => call(api.devices.planEncryptionOff, { params: { udid: device.udid } }),
    gcTime: 0,
  });
  const turnOff = useMutation({
    mutationFn: (planID: string) =>
      call(api.devices.changeEncryption, {
        params: { udid: device.udid },
        body: { change: 'off', password, plan: planID },
      }),
    onSuccess: onDone,
  });
  if (plan.error) return <FailureNote error={plan.error} />;
  if (plan.data?.plan.kind !== 'encryption-off') return <LoadingText />;
  const { id } = plan.data.plan;
  return (
    <form
      className="stack loose"
      onSubmit={(event) => {
        event.preventDefault();
        turnOff.mutate(id);
      }}
    >
      <Note tone="wait">{planSentence(language, plan.data.plan)}</Note>
      <PasswordInput
        label={encryption.oldPassword}
        value={password}
        onChange={({ currentTarget }) => setPassword(currentTarget.value)}
        data-autofocus
      />
      <FailureNote error={turnOff.error} />
      <div className="actions end">
        <Button onClick={onDone}>{words.shell.cancel}</Button>
        <Button type="submit" variant="danger" disabled={password === ''} loading={turnOff.isPending}>
          {encryption.turnOff}
        </Button>
      </div>
    </form>
  );
}
