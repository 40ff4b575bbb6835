import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isErrno, treeErrorFor } from '@rootcellar/core';
import { z } from 'zod';
import { operationError } from '../errors.ts';
import { writePrivateFile } from '../vault/private-file.ts';

/*
 * That a secret lies in the key store of the operating system, and under which name. The name is drawn anew each time:
 * two data folders never take each other's, and what a copy of one refers to is not overwritten.
 *
 *   <file>.in-key-store     {"version":1,"item":"<32 hexadecimal digits>"}
 */

const NOTE = z.object({ version: z.literal(1), item: z.string().regex(/^[0-9a-f]{32}$/) });

const ITEM_BYTES = 16;

export const newItem = (): string => randomBytes(ITEM_BYTES).toString('hex');

const ENDING = '.in-key-store';

export const noteOf = (file: string): string => `${file}${ENDING}`;

/** The other way round; what is no note stays as it is. */
export const fileOfNote = (name: string): string =>
  name.endsWith(ENDING) ? name.slice(0, -ENDING.length) : name;

/**
 * @param file where the secret would lie if it lay in a file
 * @returns its item, or `undefined` if there is no note
 * @throws `operation.key-store-note-damaged`, `tree.*`
 */
export async function readNote(file: string): Promise<string | undefined> {
  const text = await readFile(noteOf(file), 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw treeErrorFor(error);
  });
  if (text === undefined) return undefined;
  try {
    return NOTE.parse(JSON.parse(text)).item;
  } catch (error) {
    throw operationError('key-store-note-damaged', {}, error);
  }
}

/** Durable when it returns. */
export async function writeNote(file: string, item: string): Promise<void> {
  const note: z.input<typeof NOTE> = { version: 1, item };
  await writePrivateFile(noteOf(file), `${JSON.stringify(note)}\n`);
}
