import { Secret } from '@rootcellar/core';
import { publishBackups } from '../../events/publish.ts';
import type { Hub } from '../../hub.ts';
import type { JobRequest } from '../job-runner.ts';

export function backUpWork(
  hub: Hub,
  udid: string,
  wanted: { readonly full: boolean; readonly password?: string | undefined },
): JobRequest['work'] {
  const { full, password } = wanted;
  return async ({ signal, onProgress }) => {
    const { present } = hub.registry.requirePresent(udid);
    try {
      const report = await hub.library.backUp({
        usbmux: present.source.usbmux,
        device: udid,
        full,
        ...(password !== undefined && { password: async () => new Secret(password) }),
        onProgress,
        signal,
        clock: hub.clock,
      });
      const { files, bytes, changedFiles, changedBytes, unreadableFiles, withoutApps } = report;
      const { encrypted, sealed, wrongPassword, doubts, id } = report;
      return {
        kind: 'backup',
        backup: id,
        files,
        bytes,
        changedFiles,
        changedBytes,
        unreadableFiles,
        withoutApps,
        encrypted,
        sealed,
        wrongPassword,
        doubts,
      };
    } finally {
      await hub.catalogue.renew(udid);
      publishBackups(hub, udid);
    }
  };
}
