import { Checkbox, UnstyledButton } from '@mantine/core';
import type { Device } from '@rootcellar/api';
import { useState } from 'react';
import { useLanguage } from '../../words/language.tsx';
import { EncryptionDialog } from './encryption-dialog.tsx';
import { whyNoBackup } from './why-not.ts';

export type EncryptionChange = 'on' | 'change' | 'off';

/** Encrypt local backup, Change Password…: as in iTunes, and with what is lost without. */
export function EncryptionChoice({ device }: { readonly device: Device }) {
  const { words } = useLanguage();
  const [asked, setAsked] = useState<EncryptionChange>();
  const isUnknown = device.encryptsBackups === null;
  const cannot = isUnknown || whyNoBackup(device, words.device) !== undefined;
  const hint = isUnknown
    ? words.device.encryptUnknown
    : device.requiresEncryption
      ? words.device.encryptOrganisation
      : words.device.encryptHint;
  return (
    <>
      <Checkbox
        label={words.device.encrypt}
        description={hint}
        checked={device.encryptsBackups === true}
        disabled={cannot || (device.requiresEncryption && device.encryptsBackups === true)}
        onChange={() => setAsked(device.encryptsBackups ? 'off' : 'on')}
      />
      {device.encryptsBackups && (
        <UnstyledButton
          className="text-button under-choice"
          disabled={cannot}
          onClick={() => setAsked('change')}
        >
          {words.device.changePassword}
        </UnstyledButton>
      )}
      <EncryptionDialog device={device} change={asked} onClose={() => setAsked(undefined)} />
    </>
  );
}
