import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { isErrno, Secret, treeErrorFor } from '@rootcellar/core';
import { operationError } from '../errors.ts';
import { removePrivateFile, writePrivateFile } from '../vault/private-file.ts';
import type { KeyStore } from './key-store.ts';
import {
  keyStoreOfThisComputer,
  type PlaceForNew,
  placeForNew,
  requireKeyStore,
  type SecretOptions,
} from './key-store-choice.ts';
import { newItem, noteOf, readNote, writeNote } from './secret-note.ts';
import { decodeSecretText, encodeSecretText } from './secret-text.ts';

/*
 * The one door to what must stay secret: keys of vaults, and what signs in where they lie. Each lies in one place:
 *
 *   <file>                  the text itself and a line feed, readable by its owner alone, or
 *   <file>.in-key-store     a note that the key store of the operating system has it
 *
 * If both are there, a move was interrupted, and the file counts. Where it lies is never changed silently.
 */

export interface SecretName {
  /** Where it lies if it lies in a file. */
  readonly file: string;
  /** What its owner reads in the program that shows the key store. */
  readonly label: string;
}

export type SecretPlace = 'system' | 'file';

/** `undefined` if there is none. Does not ask the key store. */
export function placeOfSecret({ file }: SecretName): SecretPlace | undefined {
  if (existsSync(file)) return 'file';
  return existsSync(noteOf(file)) ? 'system' : undefined;
}

/**
 * @returns `undefined` if there is none
 * @throws `operation.key-store-locked`, `operation.key-store-lost`, `operation.key-store-out-of-reach`,
 *   `operation.key-store-failed`, `operation.key-store-note-damaged`; `tree.*` if its file cannot be read
 */
export async function readSecret(
  { file }: SecretName,
  options: SecretOptions = {},
): Promise<Secret | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw treeErrorFor(error);
  });
  if (text !== undefined) return new Secret(text.replace(/\n$/, ''));
  const item = await readNote(file);
  return item === undefined ? undefined : fromKeyStore(item, options.keyStore ?? keyStoreOfThisComputer());
}

async function fromKeyStore(item: string, keyStore: KeyStore | undefined): Promise<Secret> {
  if (keyStore === undefined) throw operationError('key-store-out-of-reach');
  const kept = await keyStore.get(item);
  if (kept === undefined) throw operationError('key-store-lost');
  return new Secret(decodeSecretText(kept));
}

/**
 * Keeps a secret where new ones go, in the place of the one of that name. Durable when it returns.
 *
 * @throws as `placeForNew`; `operation.key-store-failed` if the key store is required; `tree.*`
 */
export async function keepSecret(
  name: SecretName,
  secret: Secret,
  options: SecretOptions = {},
): Promise<SecretPlace> {
  return keepAt(await placeForNew(name.file, options), name, secret, options);
}

/**
 * The same, but the one of before is set aside: it may be what opens something that nobody remembers now. If this one
 * cannot be kept, that one is back where it was.
 *
 * @throws as `keepSecret`
 */
export async function replaceSecret(
  name: SecretName,
  secret: Secret,
  options: SecretOptions = {},
): Promise<SecretPlace> {
  const place = await placeForNew(name.file, options);
  const aside = await setAside(name);
  try {
    return await keepAt(place, name, secret, options);
  } catch (error) {
    for (const path of pathsOf(name)) await rm(path, { force: true });
    for (const { path, asidePath } of aside) await rename(asidePath, path);
    throw error;
  }
}

async function keepAt(
  { keyStore, isRequired }: PlaceForNew,
  name: SecretName,
  secret: Secret,
  options: SecretOptions,
): Promise<SecretPlace> {
  if (keyStore === undefined) return keepInFile(name, secret, options);
  try {
    return await keepInKeyStore(name, secret, keyStore);
  } catch (error) {
    if (isRequired || !operationError.matches(error)) throw error;
    return keepInFile(name, secret, options);
  }
}

/**
 * Moves a secret to a place. It leaves the one where it was only when it was read back from there. A move to a file that
 * was interrupted is brought to its end.
 *
 * @returns `false` if there was nothing to do
 * @throws as `readSecret`, `requireKeyStore`, `keepSecret`
 */
export async function moveSecret(
  name: SecretName,
  to: SecretPlace,
  options: SecretOptions = {},
): Promise<boolean> {
  const secret = await readSecret(name, options);
  if (secret === undefined || (placeOfSecret(name) === to && !isInBoth(name))) return false;
  if (to === 'file') await keepInFile(name, secret, options);
  else await keepInKeyStore(name, secret, await requireKeyStore(options.keyStore));
  return true;
}

/** Was a move interrupted? */
const isInBoth = (name: SecretName): boolean => pathsOf(name).every((path) => existsSync(path));

const pathsOf = ({ file }: SecretName): readonly string[] => [file, noteOf(file)];

/** @returns what was renamed: it stays, but is no longer what is read */
async function setAside(
  name: SecretName,
): Promise<readonly { readonly path: string; readonly asidePath: string }[]> {
  const ending = `.before-${Date.now()}`;
  const there = pathsOf(name).filter((path) => existsSync(path));
  for (const path of there) await rename(path, path + ending);
  return there.map((path) => ({ path, asidePath: path + ending }));
}

/** Under a new name: what was kept before stays in the key store, since it may open a copy of the vault. */
async function keepInKeyStore(
  { file, label }: SecretName,
  secret: Secret,
  keyStore: KeyStore,
): Promise<SecretPlace> {
  const item = newItem();
  const text = encodeSecretText(secret.reveal());
  await keyStore.set(item, { label, text });
  if ((await keyStore.get(item)) !== text) throw operationError('key-store-failed');
  await writeNote(file, item);
  await removePrivateFile(file);
  return 'system';
}

async function keepInFile(
  { file }: SecretName,
  secret: Secret,
  { keyStore = keyStoreOfThisComputer() }: SecretOptions,
): Promise<SecretPlace> {
  const before = await readNote(file).catch(unlessDamaged);
  const text = `${secret.reveal()}\n`;
  await writePrivateFile(file, text);
  const kept = await readFile(file, 'utf8').catch((error: unknown) => {
    throw treeErrorFor(error);
  });
  if (kept !== text) throw operationError('vault-key-unreadable');
  await removePrivateFile(noteOf(file));
  if (before !== undefined && keyStore !== undefined)
    await deleteSame(before, secret, keyStore).catch(unlessKnown);
  return 'file';
}

/** Another secret than the one that was moved may open a copy of the vault: that one stays. */
async function deleteSame(item: string, secret: Secret, keyStore: KeyStore): Promise<void> {
  if ((await keyStore.get(item)) === encodeSecretText(secret.reveal())) await keyStore.delete(item);
}

/** It is replaced. */
function unlessDamaged(error: unknown): undefined {
  if (!operationError.matches(error, 'key-store-note-damaged')) throw error;
  return undefined;
}

/** What is left over in the key store harms nobody; what is new is kept. */
function unlessKnown(error: unknown): void {
  if (!operationError.matches(error)) throw error;
}
