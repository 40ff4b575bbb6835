import { KnownError, treeError } from '@rootcellar/core';

/**
 * What a device understands about a failure on our side.
 * Source: device-protocols §7.4 (pymobiledevice3, `services/device_link.py`).
 */
export const STATUS_CODE = {
  ok: 0,
  unsupported: -1,
  notFound: -6,
  exists: -7,
  notAFolder: -8,
  isAFolder: -9,
  linkLoop: -10,
  inputOutput: -11,
  /** Of several files some failed; the payload says which. */
  multiStatus: -13,
  noSpace: -15,
} as const;

/** Words for the device's own log, as other hosts say them. */
const TEXTS: Readonly<Record<number, string>> = {
  [STATUS_CODE.unsupported]: 'Operation not supported',
  [STATUS_CODE.notFound]: 'No such file or directory',
  [STATUS_CODE.notAFolder]: 'Not a directory',
  [STATUS_CODE.isAFolder]: 'Is a directory',
  [STATUS_CODE.inputOutput]: 'Input/output error',
  [STATUS_CODE.multiStatus]: 'Multi status',
  [STATUS_CODE.noSpace]: 'No space left on device',
};

/** Anything a tree can fail with, as a status code. */
export function statusCodeOf(error: unknown): number {
  if (!(error instanceof KnownError)) return STATUS_CODE.unsupported;
  if (treeError.matches(error, 'not-found')) return STATUS_CODE.notFound;
  if (treeError.matches(error, 'not-a-folder')) return STATUS_CODE.notAFolder;
  if (treeError.matches(error, 'is-a-folder')) return STATUS_CODE.isAFolder;
  if (treeError.matches(error, 'disk-full')) return STATUS_CODE.noSpace;
  if (treeError.matches(error, 'input-output')) return STATUS_CODE.inputOutput;
  return STATUS_CODE.unsupported;
}

export function statusText(code: number): string {
  return TEXTS[code] ?? 'Operation failed';
}
