import { Secret } from '@rootcellar/core';
import { changeEncryption, type EncryptionChange } from '@rootcellar/operations';
import type { Hub } from '../../hub.ts';
import type { JobRequest } from '../job-runner.ts';

export function encryptionWork(
  hub: Pick<Hub, 'registry' | 'dataFolder' | 'clock'>,
  udid: string,
  wanted: {
    readonly change: EncryptionChange;
    readonly password?: string | undefined;
    readonly newPassword?: string | undefined;
  },
): JobRequest['work'] {
  const { change, password, newPassword } = wanted;
  return async ({ signal, onProgress }) => {
    const { present } = hub.registry.requirePresent(udid);
    try {
      const { encrypted } = await changeEncryption({
        usbmux: present.source.usbmux,
        dataFolder: hub.dataFolder,
        device: udid,
        change,
        askPassword: async () => new Secret(password ?? ''),
        askNewPassword: async () => new Secret(newPassword ?? ''),
        onProgress,
        signal,
        clock: hub.clock,
      });
      return { kind: 'encryption', encrypted };
    } finally {
      await hub.registry.refresh(udid);
    }
  };
}
