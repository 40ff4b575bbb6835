import type { PlistDict } from '@rootcellar/codecs';
import { backupAgentError } from '../errors.ts';
import type { PasscodeReason, Phone } from '../phone/phone.ts';
import { refusals } from './answers.ts';
import type { DeviceLink } from './device-link.ts';
import { HOST_STATUS, type Host } from './host-folder.ts';
import type { Scan } from './scan.ts';

/** How the agent behaves where real phones differ or tests want it otherwise. */
export interface AgentOptions {
  /**
   * Major version in the DeviceLink greeting; what the system says, unless given. Debian's
   * libimobiledevice 1.3.0-6 refuses anything above 400.
   */
  readonly deviceLinkMajor?: number | undefined;
  /** Files in one UploadFiles message at most; as many as the system of the phone sends, unless given. */
  readonly filesPerBatch?: number;
  /** Bytes in one UploadFiles message, unless a single file is larger. */
  readonly bytesPerBatch?: number;
  /** Moves and removals in one message at most; 50,000 unless given. */
  readonly itemsPerMessage?: number;
  /**
   * Does a backup whose host vanishes without goodbye leave its APFS snapshot behind, so that the
   * next one ends with 3? Off unless given.
   */
  readonly leavesSnapshotBehind?: boolean;
  /** Does the phone say nothing as long as a real one of its system does? Off unless given. */
  readonly takesItsTime?: boolean | undefined;
  /**
   * How often a backup password is stretched. Ten million times, as phones do, unless given: that takes
   * seconds whenever a password is set or tried.
   */
  readonly pbkdf2Rounds?: number | undefined;
  /** Called with the name of each DeviceLink message before it is sent: the moment to pull a cable. */
  readonly onMessage?: (name: string) => void;
  /** May stand around what the agent does on the computer, from the request on. */
  readonly wrapHost?: (host: Host, run: AgentRun) => Host;
  /** May change what the agent found on the phone. */
  readonly wrapScan?: (scan: Scan) => Scan;
}

/** The request in work, for whoever stands around the host. */
export interface AgentRun {
  /** `Backup`, `Restore` … */
  readonly request: string;
  /** Breaks the connection off, in the middle of a word if need be. */
  hangUp(): void;
  readonly signal: AbortSignal;
}

/** One request of a host while it is being served. */
export interface AgentSession {
  readonly phone: Phone;
  readonly link: DeviceLink;
  readonly host: Host;
  /** The request as it came. */
  readonly request: PlistDict;
  /** Name of the backup's folder in the host's root: a UDID, or what the host calls it. */
  readonly folder: string;
  /** A private folder of this computer, removed after the session. */
  readonly workFolder: string;
  readonly options: AgentOptions;
  readonly signal: AbortSignal;
  readonly escrowUnlocked: boolean;
}

/** How a request ended that was not refused. */
export interface Outcome {
  /** Keys of the final message besides its name and code. */
  readonly content?: PlistDict;
  /**
   * What happens once the host has its answer: an erase or a restart. It closes this connection too,
   * so nobody waits for it.
   */
  readonly afterwards?: () => void;
}

/** Our limit on property lists of the host. The largest Info.plist seen had 11.4 MB (icons). */
const CONTROL_FILE_BYTES_MAX = 128 * 1024 * 1024;

/**
 * Fetches a small file of the host, in a message of its own: libimobiledevice stops at the first file
 * that is missing.
 *
 * @returns `undefined` if the host does not have it
 * @throws a `Refusal` 100 if the host cannot read it
 */
export async function fetchControlFile(session: AgentSession, name: string): Promise<Uint8Array | undefined> {
  const path = `${session.folder}/${name}`;
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const failed = await session.host.download([path], async (_, arriving) => {
    for await (const piece of arriving) {
      bytes += piece.length;
      if (bytes > CONTROL_FILE_BYTES_MAX) {
        throw backupAgentError('message-too-large', {
          messageBytes: bytes,
          bytesMax: CONTROL_FILE_BYTES_MAX,
        });
      }
      pieces.push(piece);
    }
  });
  const code = failed.get(path);
  if (code === undefined) return Buffer.concat(pieces);
  if (code === HOST_STATUS.notFound) return undefined;
  throw refusals.hostReadFailed(path);
}

/**
 * Asks the owner for the passcode, unless the host leaves meanwhile.
 *
 * @throws a `Refusal` 208 if nobody enters it in time. Unknown: what a tap on Cancel answers; 208 as well
 */
export async function askPasscode(
  session: AgentSession,
  reason: Exclude<PasscodeReason, 'trust'>,
): Promise<void> {
  const hostLeft = new AbortController();
  const signal = AbortSignal.any([session.signal, hostLeft.signal]);
  const answer = session.phone.owner.askPasscode(reason, signal);
  const outcome = await Promise.race([answer, session.link.untilHostMoves()]);
  if (outcome === 'entered') return;
  if (outcome !== undefined) throw refusals.deviceLocked();
  hostLeft.abort();
  await answer.catch(() => {});
  await session.link.receive();
  throw backupAgentError('message-not-understood', { reason: 'the computer spoke out of turn' });
}
