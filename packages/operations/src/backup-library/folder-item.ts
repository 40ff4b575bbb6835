import { readInfo, readManifestPlist, readStatus } from '@rootcellar/backup';
import { folderTree, joinPath, type ReadableTree, ROOT, subTree, type WritableTree } from '@rootcellar/core';
import { isBeingPlaced, openFinishedBackup } from '../back-up-device/backup-folder.ts';
import { identityOf } from '../back-up-device/backup-identity.ts';
import { placesOf } from '../back-up-device/folder-places.ts';
import { everything } from '../back-up-device/tree-work.ts';
import type { KeptBackup } from './backup-library.ts';
import type { FolderMarks, folderMarks } from './folder-marks.ts';

type Marks = ReturnType<typeof folderMarks>;

/** A finished backup in a plain folder, or `undefined` if there is none. */
export async function describeFolder(
  place: { readonly id: string; readonly home: string; readonly udid: string },
  marks: Marks,
): Promise<{ readonly item: KeptBackup; readonly marks: FolderMarks } | undefined> {
  const { id, home, udid } = place;
  const tree = await openFinishedBackup(folderTree(home), udid);
  const status = await readStatus(tree).catch(() => undefined);
  if ((await tree.stat(joinPath(ROOT, 'Manifest.plist'))) === undefined) return undefined;
  const identity = await identityOf(tree);
  const known = await marks.read(id, identity);
  const found = known ?? { identity, sizeBytes: await sizeOf(tree) };
  if (known === undefined) await marks.write(id, found);
  const { verification } = found;
  return {
    marks: found,
    item: {
      id,
      kind: 'folder',
      udid,
      ...(await namesOf(tree)),
      takenAt: status?.date,
      sizeBytes: found.sizeBytes,
      addedBytes: undefined,
      verified: verification?.verdict === 'whole',
      verification: verification && { at: new Date(verification.at), verdict: verification.verdict },
      archived: found.archived === true,
    },
  };
}

/** What a run that did not end has left beside the folder; `undefined` if nothing. */
export async function describeUnfinishedRun(home: string, udid: string): Promise<KeptBackup | undefined> {
  const tree: WritableTree = folderTree(home);
  const { upper, about } = placesOf(tree, udid);
  const begun = await tree.stat(about);
  if (begun === undefined || (await isBeingPlaced(tree, udid))) return undefined;
  const { encrypted: _, ...names } = await namesOf(upper);
  return {
    id: `unfinished-${udid}`,
    kind: 'unfinished',
    udid,
    ...names,
    takenAt: begun.modifiedAt,
    sizeBytes: await sizeOf(upper),
    addedBytes: undefined,
    encrypted: false,
    verified: false,
    verification: undefined,
    archived: false,
  };
}

export async function sizeOf(tree: ReadableTree): Promise<number> {
  let bytes = 0;
  for await (const { sizeBytes } of everything(tree)) bytes += sizeBytes;
  return bytes;
}

/** The folder of one device in the folder of all. */
export function deviceTree(home: string, udid: string): WritableTree {
  return subTree(folderTree(home), joinPath(ROOT, udid));
}

async function namesOf(
  tree: ReadableTree,
): Promise<Pick<KeptBackup, 'deviceName' | 'productType' | 'productVersion' | 'encrypted'>> {
  const manifest = await readManifestPlist(tree).catch(() => undefined);
  const info = await readInfo(tree).catch(() => undefined);
  return {
    deviceName: manifest?.lockdown.deviceName ?? info?.deviceName ?? 'iPhone',
    productType: manifest?.lockdown.productType ?? info?.productType,
    productVersion: manifest?.lockdown.productVersion ?? info?.productVersion,
    encrypted: manifest?.isEncrypted ?? false,
  };
}
