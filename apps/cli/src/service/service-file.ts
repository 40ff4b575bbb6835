import { createHash } from 'node:crypto';

/** What a service runs: the hub, as one types it. */
export interface ServiceWish {
  /** Absolute: a service has no PATH worth relying on. */
  readonly node: string;
  /** Absolute: `bin/rootcellar`. */
  readonly launcher: string;
  /** Of the launcher. */
  readonly args: readonly string[];
  /** What the service has to know besides: the address of usbmuxd, if it is not the usual one. */
  readonly environment: Readonly<Record<string, string>>;
}

/** One command of the system's own program for services. */
export interface ServiceCommand {
  readonly words: readonly string[];
  /** It says no where there is nothing to do. */
  readonly mayFail?: boolean;
}

/** How a system keeps the description of a service, and what to type so that it knows. */
export interface ServiceFile {
  readonly path: string;
  readonly text: string;
  /** After the file was written: runs what it says, now and after each sign-in. */
  readonly begin: readonly ServiceCommand[];
  /** When the file was as it is before: what runs goes on. */
  readonly keep: readonly ServiceCommand[];
  /** Before the file is removed, and after. */
  readonly end: readonly ServiceCommand[];
  readonly forget: readonly ServiceCommand[];
  /** What a person may want to know or do. */
  readonly hints: readonly string[];
}

const MARK = 'Written by `rootcellar service install`';

/** A line that says whose file this is, and a digest of the rest, so that a change by hand is not thrown away. */
export function markOf(body: string): string {
  return `${MARK}, sha256 ${createHash('sha256').update(body).digest('hex')}`;
}

/** Did `service install` write this file, all of it? Lines are compared, so how the mark is commented does not matter. */
export function isOurs(text: string): boolean {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.includes(MARK));
  if (at < 0) return false;
  const body = lines.toSpliced(at, 1).join('\n');
  return (lines[at] ?? '').includes(markOf(body));
}
