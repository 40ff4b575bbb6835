import type { PlanAnswer, RestorePlanAnswer } from '@rootcellar/api';
import { Secret } from '@rootcellar/core';
import { planDeviceRestore, type RestorePlan, restoreDevice } from '@rootcellar/operations';
import { hubError } from '../../errors.ts';
import type { Hub } from '../../hub.ts';
import type { JobRequest } from '../job-runner.ts';

/** Reads all of a backup and looks at the phone; the plan waits for a yes of the session that asked. */
export function restorePlanWork(
  hub: Hub,
  wanted: {
    readonly udid: string;
    readonly backup: string;
    readonly password?: string | undefined;
    readonly sessionID: string;
  },
): JobRequest['work'] {
  const { udid, backup, password, sessionID } = wanted;
  return async ({ signal, onProgress }) => {
    const { present, told } = hub.registry.requirePresent(udid);
    const plan = await planDeviceRestore({
      usbmux: present.source.usbmux,
      what: hub.library.openable(backup),
      device: udid,
      ...(password !== undefined && { password: new Secret(password) }),
      onProgress,
      signal,
      clock: hub.clock,
    });
    const restore = restorePlanAnswer(plan);
    const shown = hub.plans.show(
      { kind: 'restore', udid, deviceName: told.name, backup, restore },
      sessionID,
    );
    return { kind: 'restore-plan', plan: shown };
  };
}

/** Makes the plan anew, and stops before the phone is touched if it is another than the one that was agreed to. */
export function restoreWork(
  hub: Hub,
  agreed: Extract<PlanAnswer, { kind: 'restore' }>,
  password: string | undefined,
): JobRequest['work'] {
  const { udid, backup } = agreed;
  return async ({ signal, onProgress }) => {
    const { present } = hub.registry.requirePresent(udid);
    try {
      const { files, bytes } = await restoreDevice({
        usbmux: present.source.usbmux,
        dataFolder: hub.dataFolder,
        what: hub.library.openable(backup),
        device: udid,
        ...(password !== undefined && { password: new Secret(password) }),
        consent: async (plan) => {
          const differences = differencesOf(agreed.restore, restorePlanAnswer(plan));
          if (differences.length === 0) return true;
          throw hubError('plan-changed', { differences: differences.join(', ') });
        },
        onProgress,
        signal,
        clock: hub.clock,
      });
      return { kind: 'restore', files, bytes };
    } finally {
      await hub.registry.refresh(udid);
    }
  };
}

export function restorePlanAnswer(plan: RestorePlan): RestorePlanAnswer {
  const { udid, deviceName, productVersion, takenAt, files, bytes, encrypted } = plan.backup;
  return {
    allowed: plan.allowed,
    backup: {
      udid: udid ?? null,
      deviceName: deviceName ?? null,
      productVersion: productVersion ?? null,
      takenAt: takenAt?.toISOString() ?? null,
      files,
      bytes,
      encrypted,
    },
    rules: plan.rules.map((rule) => ({ ...rule })),
    comesBack: plan.comesBack.map((line) => ({ ...line })),
    staysBehind: plan.staysBehind.map((line) => ({ ...line })),
    apps: [...plan.apps],
  };
}

/** Which parts are others. Sentences may name numbers that move, such as the battery; what they mean may not. */
function differencesOf(agreed: RestorePlanAnswer, now: RestorePlanAnswer): readonly string[] {
  const meaning = ({ rules, ...rest }: RestorePlanAnswer): Record<string, unknown> => ({
    ...rest,
    rules: rules.map(({ code, effect }) => `${code} ${effect}`),
  });
  const [before, after] = [meaning(agreed), meaning(now)];
  return Object.keys(before).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}
