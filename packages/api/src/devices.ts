import { z } from 'zod';
import { backupSummary } from './backup-summary.ts';
import { jobAnswer } from './jobs.ts';
import { planAnswer } from './plan.ts';
import { defineRoute } from './route.ts';
import { bytes, id, password, time, udid } from './words.ts';

/** What the owner of a phone has chosen for it. */
export const deviceSettings = z
  .strictObject({
    /** Back up when it is connected, at most once a day. The phone then asks for its passcode. */
    automatic: z.boolean(),
    /** After how many days without a good backup an alarm is due. */
    overdueAfterDays: z.int().min(1).max(365),
    keepOn: z.enum(['this-computer']),
    /**
     * How a backup with a password is kept. `small`: opened, and protected by the key of the vault alone; later versions
     * take a tenth of the room. `sealed`: as the phone encrypted it, protected by the backup password as well.
     */
    encryptedAs: z.enum(['small', 'sealed']).default('sealed'),
  })
  .meta({ id: 'DeviceSettings' });
export type DeviceSettings = z.infer<typeof deviceSettings>;

/** Why a phone can be worked with, or not. */
export const trust = z
  .enum(['trusted', 'not-trusted', 'denied', 'locked', 'unknown'])
  .meta({ id: 'Trust', description: '`unknown`: not connected, or it does not answer' });

export const device = z
  .object({
    udid,
    /** "iPhone" until it trusts this computer and tells its name. From a phone: never markup. */
    name: z.string(),
    /** "iPhone 14 Pro"; the product type where we do not know it. */
    modelName: z.string(),
    productType: z.string(),
    productVersion: z.string(),
    serialNumber: z.string().nullable(),
    /** As Apple numbers colours of a model. */
    color: z.string().nullable(),
    isSimulated: z.boolean(),
    isConnected: z.boolean(),
    connections: z.array(z.enum(['usb', 'wifi'])),
    trust,
    lastSeenAt: time.nullable(),
    /** Of the data part of its disk; `null` until it tells. */
    space: z
      .object({
        totalBytes: bytes,
        freeBytes: bytes,
        /** By kind, where the phone tells: `photos`, `apps`, … */
        byKind: z.record(z.string(), bytes),
      })
      .nullable(),
    battery: z.object({ percent: z.int().min(0).max(100), isCharging: z.boolean() }).nullable(),
    /** Has the next backup a password? `null` until it tells. */
    encryptsBackups: z.boolean().nullable(),
    /** Does an organisation forbid backups without one? */
    requiresEncryption: z.boolean(),
    /** `false`: it says Hello, as new or erased, and cannot be backed up. `null` until it tells. */
    isSetUp: z.boolean().nullable(),
    /** `nobody`: the first who pairs it or backs it up will be its owner. */
    ownedBy: z.enum(['you', 'nobody', 'somebody-else']),
    lastBackup: backupSummary.nullable(),
    isOverdue: z.boolean(),
    /** What is being done with it now. */
    job: id.nullable(),
    settings: deviceSettings,
  })
  .meta({ id: 'Device' });
export type Device = z.infer<typeof device>;

const params = z.strictObject({ udid });

export const listDevices = defineRoute({
  name: 'listDevices',
  method: 'get',
  path: '/api/devices',
  summary: 'Phones that are connected, and those that were',
  status: 200,
  answer: z.object({ devices: z.array(device) }),
});

export const readDevice = defineRoute({
  name: 'readDevice',
  method: 'get',
  path: '/api/devices/{udid}',
  summary: 'One phone',
  params,
  status: 200,
  answer: z.object({ device }),
});

export const pairDevice = defineRoute({
  name: 'pairDevice',
  method: 'post',
  path: '/api/devices/{udid}/pair',
  summary: 'Ask the phone to trust this computer; its owner taps Trust',
  params,
  status: 202,
  answer: jobAnswer,
});

export const backUpDevice = defineRoute({
  name: 'backUpDevice',
  method: 'post',
  path: '/api/devices/{udid}/backup',
  summary: 'Back up now; the phone asks for its passcode',
  params,
  body: z.strictObject({
    /** Send everything again. */
    full: z.boolean().default(false),
    /** Of its backups: with it, an encrypted one is checked inside. */
    password: password.optional(),
  }),
  status: 202,
  answer: jobAnswer,
});

export const changeEncryption = defineRoute({
  name: 'changeEncryption',
  method: 'post',
  path: '/api/devices/{udid}/encryption',
  summary: 'Give backups a password, another one, or none',
  params,
  body: z.discriminatedUnion('change', [
    z.strictObject({ change: z.literal('on'), newPassword: password }),
    z.strictObject({ change: z.literal('change'), password, newPassword: password }),
    z.strictObject({ change: z.literal('off'), password, plan: id }),
  ]),
  status: 202,
  answer: jobAnswer,
});

export const planEncryptionOff = defineRoute({
  name: 'planEncryptionOff',
  method: 'post',
  path: '/api/devices/{udid}/encryption-off-plan',
  summary: 'Show what backups without a password mean; needed before it is switched off',
  params,
  status: 201,
  answer: z.object({ plan: planAnswer }),
});

export const planRestore = defineRoute({
  name: 'planRestore',
  method: 'post',
  path: '/api/devices/{udid}/restore-plan',
  summary:
    'Find out what a restore would do. Reads all of the backup, so it is a job; its result is the plan',
  params,
  body: z.strictObject({ backup: id, password: password.optional() }),
  status: 202,
  answer: jobAnswer,
});

export const restoreDevice = defineRoute({
  name: 'restoreDevice',
  method: 'post',
  path: '/api/devices/{udid}/restore',
  summary: 'Carry out a restore plan that was shown: once, within ten minutes, in the same session',
  params,
  body: z.strictObject({ plan: id, password: password.optional() }),
  status: 202,
  answer: jobAnswer,
});

export const downloadRecoveryKit = defineRoute({
  name: 'downloadRecoveryKit',
  method: 'get',
  path: '/api/devices/{udid}/recovery-kit',
  summary: 'A page to print, with the key of the vault in it: whoever has it and the vault reads everything',
  params,
  status: 200,
  answer: { contentType: 'text/html' },
});

export const changeSettings = defineRoute({
  name: 'changeSettings',
  method: 'put',
  path: '/api/devices/{udid}/settings',
  summary: 'Choose when the phone is backed up',
  params,
  body: deviceSettings,
  status: 200,
  answer: z.object({ device }),
});
