import { Checkbox } from '@mantine/core';
import { api, type Device } from '@rootcellar/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../hub/call.ts';
import { queries } from '../../hub/queries.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { useLanguage } from '../../words/language.tsx';

/** Changes what the owner has chosen for a phone. */
export function useChangeSettings(device: Device) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: Partial<Device['settings']>) =>
      call(api.devices.changeSettings, {
        params: { udid: device.udid },
        body: { ...device.settings, ...change },
      }),
    onSuccess: ({ device: changed }) =>
      client.setQueryData(queries.devices.queryKey, (devices) =>
        devices?.map((other) => (other.udid === changed.udid ? changed : other)),
      ),
  });
}

/** Back up when it is connected. The phone asks each time, so it is at most once a day. */
export function AutomaticChoice({ device }: { readonly device: Device }) {
  const { words } = useLanguage();
  const change = useChangeSettings(device);
  return (
    <>
      <Checkbox
        label={words.device.automatic}
        description={words.device.automaticHint}
        checked={change.isPending ? change.variables.automatic === true : device.settings.automatic}
        disabled={device.ownedBy === 'somebody-else'}
        onChange={({ currentTarget }) => change.mutate({ automatic: currentTarget.checked })}
      />
      <FailureNote error={change.error} />
    </>
  );
}
