import { Secret } from '@rootcellar/core';
import { publishBackups } from '../../events/publish.ts';
import type { Hub } from '../../hub.ts';
import type { JobRequest } from '../job-runner.ts';

/** A page shows so many; the command line lists all. */
const FINDINGS_SHOWN_MAX = 100;

export function verifyWork(
  hub: Hub,
  backup: { readonly id: string; readonly udid: string },
  wanted: { readonly deep: boolean; readonly password?: string | undefined },
): JobRequest['work'] {
  const { deep, password } = wanted;
  return async ({ signal, onProgress }) => {
    const checked = await hub.library.verify(backup.id, {
      deep,
      ...(password !== undefined && { password: async () => new Secret(password) }),
      onProgress: ({ files, bytes }) => onProgress({ phase: 'verifying', files, bytes }),
      signal,
    });
    await hub.catalogue.renew(backup.udid);
    publishBackups(hub, backup.udid);
    const { verdict, files, bytes, checkedBy, findings, findingsLeftOut } = checked;
    return {
      kind: 'verify',
      verdict,
      files,
      bytes,
      checkedBy,
      findings: findings
        .slice(0, FINDINGS_SHOWN_MAX)
        .map(({ code, fileID, domain, path, message, remedy }) => ({
          code,
          fileID: fileID ?? null,
          domain: domain ?? null,
          path: path ?? null,
          message,
          remedy,
        })),
      findingsLeftOut: findingsLeftOut + Math.max(0, findings.length - FINDINGS_SHOWN_MAX),
    };
  };
}
