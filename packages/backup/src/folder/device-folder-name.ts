/** `<UDID>`, or `<UDID>-YYYYMMDD-HHMMSS` for a backup that Finder or iTunes set aside. */
const FOLDER_NAME = /^([0-9a-f]{40}|[0-9A-F]{8}-[0-9A-F]{16})(?:-(\d{8})-(\d{6}))?$/i;

export interface DeviceFolderName {
  /** As devices spell it: 40 lower-case digits, or 8 and 16 upper-case ones with a dash. */
  readonly udid: string;
  /** When it was set aside, `YYYYMMDD-HHMMSS` in the computer's local time. */
  readonly archived?: string;
}

/**
 * What the name of a device folder says; `undefined` if it is no such name. People rename folders: the
 * identity is in Info.plist and Manifest.plist, this is only how to find candidates.
 */
export function parseDeviceFolderName(name: string): DeviceFolderName | undefined {
  const match = FOLDER_NAME.exec(name);
  if (match === null) return undefined;
  const [, id, day, time] = match as unknown as [string, string, string?, string?];
  const udid = id.includes('-') ? id.toUpperCase() : id.toLowerCase();
  return day === undefined ? { udid } : { udid, archived: `${day}-${time}` };
}

/**
 * The folder a device's backup belongs into. USB leaves out the dash of newer identifiers; folders have it.
 */
export function deviceFolderName(udid: string): string {
  const dashed = /^[0-9a-f]{24}$/i.test(udid) ? `${udid.slice(0, 8)}-${udid.slice(8)}` : udid;
  return dashed.includes('-') ? dashed.toUpperCase() : dashed.toLowerCase();
}
