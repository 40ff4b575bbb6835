import { OperationFailure } from '@rootcellar/core';
import { pairDevice } from '@rootcellar/operations';
import type { Hub } from '../../hub.ts';
import type { JobRequest } from '../job-runner.ts';

/** Whoever taps Trust holds the phone, so who asked for it is its owner, if it has none. */
export function pairWork(
  { registry }: Pick<Hub, 'registry'>,
  udid: string,
  personID: string,
): JobRequest['work'] {
  return async ({ signal, ask }) => {
    const { present } = registry.requirePresent(udid);
    try {
      const { wasPaired } = await pairDevice({
        usbmux: present.source.usbmux,
        device: udid,
        signal,
        onWaiting: (wait) => ask('waiting-for-trust', wait === 'unlock' ? 'unlock' : 'trust'),
      });
      // One that trusted this computer before was asked by somebody else: no tap has shown who holds it.
      if (!wasPaired) await registry.claim(udid, personID);
      return { kind: 'pair', wasPaired };
    } catch (error) {
      const code = error instanceof OperationFailure ? error.report.code : undefined;
      if (code === 'lockdown.trust-denied') registry.setDenied(udid, true);
      throw error;
    } finally {
      await registry.refresh(udid);
    }
  };
}
