import { Button } from '@mantine/core';
import { api, type Device } from '@rootcellar/api';
import { useMutation } from '@tanstack/react-query';
import { call } from '../../hub/call.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Note } from '../../parts/note.tsx';
import { useLanguage } from '../../words/language.tsx';

/** Why a connected phone cannot be worked with yet, and what its owner does about it. */
export function TrustGuidance({ device }: { readonly device: Device }) {
  const { words } = useLanguage();
  const { trust } = device;
  if (!device.isConnected || trust === 'trusted' || trust === 'unknown') return null;
  const { title, text } = words.device.trustGuidance[trust];
  return (
    <Note
      tone="wait"
      title={title}
      action={trust === 'locked' ? undefined : <PairButton udid={device.udid} />}
    >
      {text}
    </Note>
  );
}

export function PairButton({ udid, isPrimary }: { readonly udid: string; readonly isPrimary?: boolean }) {
  const { words } = useLanguage();
  const pair = useMutation({ mutationFn: () => call(api.devices.pairDevice, { params: { udid } }) });
  return (
    <>
      <Button
        variant={isPrimary ? 'filled' : 'default'}
        loading={pair.isPending}
        onClick={() => pair.mutate()}
      >
        {words.device.pair}
      </Button>
      <FailureNote error={pair.error} />
    </>
  );
}
