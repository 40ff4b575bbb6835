import { accessSync, constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Secret } from '@rootcellar/core';
import { type Asking, askUnseen } from './prompts.ts';
import { UsageError } from './usage-error.ts';

/** Who names a video by mistake is told so before all of it is in memory. */
const FILE_BYTES_MAX = 64 * 1024;

/** How often a new password may be typed differently the second time. */
const TRIES = 3;

export interface PasswordRequest {
  /** What it is for, as the middle of a sentence: "the backup password of Ann's iPhone". */
  readonly purpose: string;
  /** Where programs leave it; the first one that is set counts. */
  readonly environmentVariable: string | readonly string[];
  /** Its first line is the password. Goes before everything else. */
  readonly file?: string | undefined;
  /** How the command lets one name that file. Default: `--password-file`. */
  readonly fileOption?: string;
  /** A new password is typed twice. */
  readonly confirm?: boolean;
}

/**
 * A password from a file, from the environment, or typed unseen. Never from an argument: those are shown to
 * everybody who lists processes.
 *
 * @throws UsageError if there is none and nobody can be asked, or if it is empty; `OperationStopped` if the person gives up
 */
export async function readPassword(request: PasswordRequest, asking: Asking): Promise<Secret> {
  const { purpose, file, fileOption = '--password-file', confirm = false } = request;
  if (file !== undefined) return required(await firstLineOf(file), purpose);
  const names = [request.environmentVariable].flat();
  const name = names.find((candidate) => process.env[candidate]);
  if (name !== undefined) return required(process.env[name], purpose);
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError(
      `Nobody can be asked here for ${purpose}. Put it into a file and name that with ${fileOption}, or set ${names[0]}.`,
    );
  }
  return confirm ? typeTwice(purpose, asking) : type(`Type ${purpose}`, asking);
}

async function typeTwice(purpose: string, asking: Asking): Promise<Secret> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const first = await type(`Type ${purpose}`, asking);
    const second = await type('Type it again', asking);
    if (first.reveal() === second.reveal()) return first;
    process.stderr.write('The two were different.\n');
  }
  throw new UsageError('The two were different each time. Nothing was changed.');
}

async function type(message: string, asking: Asking): Promise<Secret> {
  return required(await askUnseen(message, asking), 'this');
}

function required(password: string | undefined, purpose: string): Secret {
  if (password === undefined || password === '')
    throw new UsageError(`No password was given for ${purpose}.`);
  return new Secret(password);
}

/** @throws UsageError */
export function requirePasswordFile(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw new UsageError('The password file cannot be read.');
  }
}

async function firstLineOf(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) throw new UsageError('The password file cannot be read.');
  try {
    const { buffer, bytesRead } = await file.read(
      new Uint8Array(FILE_BYTES_MAX + 1),
      0,
      FILE_BYTES_MAX + 1,
      0,
    );
    if (bytesRead > FILE_BYTES_MAX)
      throw new UsageError('The password file is too large to hold a password.');
    const text = new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, bytesRead));
    return (text.split('\n', 1)[0] ?? '').replace(/\r$/, '');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError('The password file cannot be read as text.');
  } finally {
    await file.close();
  }
}
