import { AfcRefusal } from './afc-files.ts';
import { STATUS } from './afc-packet.ts';

/** What one AFC connection shows. */
export interface AfcRoot {
  /** Device path of what clients call `/`; nothing above it can be named. */
  readonly folder: string;
  /** The only entry of the root that may be entered; all of them if absent. */
  readonly only?: string;
}

/** `com.apple.afc` shows the media folder. Source: device-protocols, section 9.1. */
export const MEDIA_ROOT: AfcRoot = { folder: '/var/mobile/Media' };

/**
 * The device path of a name that a client sent. `..` works inside the root.
 *
 * @throws `AfcRefusal` if it leads out of the root, or where this connection may not look
 */
export function pathIn({ folder, only }: AfcRoot, name: string): string {
  const segments = segmentsOf(name);
  if (only !== undefined && segments.length > 0 && segments[0] !== only)
    throw new AfcRefusal(STATUS.notPermitted);
  return [folder, ...segments].join('/');
}

/**
 * Where a link points stays as it was written; whether it may point there is decided by where it leads.
 *
 * @param options.name of the link, as the client sent it
 * @throws `AfcRefusal` if the target leads out of the root
 *
 * Unknown: whether phones refuse such links, or only to follow them.
 */
export function requireInside(
  root: AfcRoot,
  { name, target }: { readonly name: string; readonly target: string },
): void {
  if (target === '') throw new AfcRefusal(STATUS.invalidArgument);
  pathIn(root, target.startsWith('/') ? target : `${name}/../${target}`);
}

function segmentsOf(name: string): readonly string[] {
  const segments: string[] = [];
  for (const segment of name.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) throw new AfcRefusal(STATUS.notPermitted);
  }
  return segments;
}
