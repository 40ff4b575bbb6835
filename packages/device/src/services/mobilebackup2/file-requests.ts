import { asArray, asInteger, asString, type PlistDict } from '@rootcellar/codecs';
import { isInside, KnownError, nameOf, type TreePath, treeError } from '@rootcellar/core';
import type { Status } from '../device-link/device-link.ts';
import type { DeviceLinkMessage } from '../device-link/device-link-message.ts';
import { deviceLinkError } from '../errors.ts';
import type { ServedTree } from './served-tree.ts';
import { STATUS_CODE, statusCodeOf, statusText } from './status-code.ts';

/** What other programs leave in folders, and what is not finished yet: never a part of a backup. */
const NOT_OF_A_BACKUP = /^(?:\.DS_Store|Thumbs\.db|desktop\.ini)$|\.upload$/i;

/** Failures of one message that we describe; a phone needs to know that there were some, not all. */
const FAILURES_TOLD_MAX = 1_000;

/**
 * What comes last in a list of moves: a cut in between must leave the old manifest over new files, never
 * the new one over old files, because a phone believes its manifest.
 */
const MOVED_LAST = ['Manifest.plist', 'Manifest.db', 'Status.plist'];

/** A status, and the first thing that failed on our side: the device hears a number, its owner the reason. */
export interface ServedStatus extends Status {
  readonly failure?: unknown;
}

/**
 * One level of a folder; a folder that does not exist lists nothing.
 * Source: device-protocols §7.5. Empty files must be listed, or the phone sends everything again (observed §1.4).
 */
export async function listFolder(tree: ServedTree, message: DeviceLinkMessage): Promise<Status> {
  const folder = tree.pathOf(stringAt(message, 1));
  const payload: Record<string, PlistDict> = Object.create(null);
  for await (const entry of tree.list(folder)) {
    const name = nameOf(entry.path);
    if (NOT_OF_A_BACKUP.test(name)) continue;
    payload[name] = {
      DLFileType: entry.kind === 'file' ? 'DLFileTypeRegular' : 'DLFileTypeDirectory',
      DLFileSize: entry.sizeBytes,
      DLFileModificationDate: entry.modifiedAt,
    };
  }
  return { code: STATUS_CODE.ok, payload };
}

export async function makeFolder(tree: ServedTree, message: DeviceLinkMessage): Promise<Status> {
  await tree.makeFolder(tree.pathOf(stringAt(message, 1)));
  return { code: STATUS_CODE.ok };
}

/** The answer is a plain number of bytes. */
export async function tellFreeSpace(tree: ServedTree): Promise<Status> {
  return { code: STATUS_CODE.ok, payload: await tree.freeBytes() };
}

/** Moves each pair; what stood at the new name goes. */
export async function moveItems(tree: ServedTree, message: DeviceLinkMessage): Promise<ServedStatus> {
  const failures = new Failures();
  const last: (readonly [string, string])[] = [];
  for (const pair of message.stringPairs(1)) {
    if (MOVED_LAST.some((name) => pair[1].endsWith(`/${name}`)) && last.length < MOVED_LAST.length)
      last.push(pair);
    else await move(tree, pair, failures);
  }
  const order = ([, to]: readonly [string, string]) =>
    MOVED_LAST.findIndex((name) => to.endsWith(`/${name}`));
  for (const pair of last.sort((a, b) => order(a) - order(b))) {
    if (failures.none) await move(tree, pair, failures);
  }
  return failures.status();
}

/** Removes each item with everything below it; what does not exist is removed already. */
export async function removeItems(tree: ServedTree, message: DeviceLinkMessage): Promise<ServedStatus> {
  const failures = new Failures();
  for (const value of asArray(message.element(1)) ?? []) {
    const name = asString(value) ?? '';
    await failures.collect(name, async () => tree.remove(tree.pathOf(name)));
  }
  return failures.status();
}

/** Copies a file or a folder with everything in it; what stood there goes. */
export async function copyItem(tree: ServedTree, message: DeviceLinkMessage): Promise<Status> {
  const from = tree.pathOf(stringAt(message, 1));
  const to = tree.pathOf(stringAt(message, 2));
  if (isInside(to, from) || isInside(from, to)) return { code: STATUS_CODE.exists };
  if ((await tree.stat(from)) === undefined) throw treeError('not-found');
  await tree.remove(to);
  await copy(tree, from, to);
  return { code: STATUS_CODE.ok };
}

/** What a phone asks us to free. We free nothing by ourselves. Source: device-protocols §8.5. */
export function purgeAmount(message: DeviceLinkMessage): number {
  const amount = asInteger(message.element(1));
  return typeof amount === 'number' && amount > 0 ? amount : 0;
}

async function move(
  tree: ServedTree,
  [from, to]: readonly [string, string],
  failures: Failures,
): Promise<void> {
  await failures.collect(from, async () => tree.move(tree.pathOf(from), tree.pathOf(to)));
}

async function copy(tree: ServedTree, from: TreePath, to: TreePath): Promise<void> {
  const entry = await tree.stat(from);
  if (entry?.kind !== 'folder') return tree.write(to, tree.read(from));
  await tree.makeFolder(to);
  for await (const child of tree.list(from)) {
    await copy(tree, child.path, tree.pathOf(`${to}/${nameOf(child.path)}`));
  }
}

function stringAt(message: DeviceLinkMessage, index: number): string {
  const value = asString(message.element(index));
  if (value === undefined) throw deviceLinkError('message-invalid', { reason: 'a name that is no text' });
  return value;
}

/** Items that could not be moved or removed. The others were. */
class Failures {
  readonly #told: [string, PlistDict][] = [];
  #first: { readonly code: number; readonly failure: unknown } | undefined;

  get none(): boolean {
    return this.#first === undefined;
  }

  async collect(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof KnownError)) throw error;
      const code = statusCodeOf(error);
      this.#first ??= { code, failure: error };
      if (this.#told.length === FAILURES_TOLD_MAX) return;
      this.#told.push([name, { DLFileErrorString: statusText(code), DLFileErrorCode: code }]);
    }
  }

  status(): ServedStatus {
    if (this.#first === undefined) return { code: STATUS_CODE.ok };
    const { code: first, failure } = this.#first;
    // One reason for all is said as such: a full disk must be heard as a full disk.
    const code = first === STATUS_CODE.noSpace ? first : STATUS_CODE.multiStatus;
    return { code, text: statusText(code), payload: Object.fromEntries(this.#told), failure };
  }
}
