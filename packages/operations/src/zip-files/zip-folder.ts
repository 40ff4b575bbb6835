import { encodeReceivedHashes } from '@rootcellar/backup';
import { entryToRead, foreseeing } from '@rootcellar/core';
import { hashFileOf } from '../back-up-device/folder-hashes.ts';
import { everything } from '../back-up-device/tree-work.ts';
import { type BackupWhat, findBackup } from '../backup-source.ts';
import { ZipWriter } from './zip-writer.ts';

/**
 * A backup as the folder that the phone wrote, byte for byte, for Finder, iTunes and others: `<UDID>/…`, with the hashes
 * of its files beside it, in a ZIP that is made while it is read. Folders with nothing in them are left out.
 *
 * It is what `exportFolder` gives back, for whoever is not at this computer: nothing is written here, so there is no place
 * to be chosen, none to be filled, and none in which somebody else's backup could be found.
 *
 * @throws as `findBackup`, `vault.*`; after that whatever reading throws: the ZIP then has no end, and nobody takes it for
 * whole
 */
export async function* zipFolder(
  what: BackupWhat,
  options: { readonly dataFolder?: string; readonly signal?: AbortSignal } = {},
): AsyncGenerator<Uint8Array> {
  const found = await findBackup(what, options.dataFolder);
  const name = await found.lockName();
  const { tree, received } = await found.open();
  const writer = new ZipWriter();
  for await (const { path, kind, sizeBytes, modifiedAt = new Date(0) } of foreseeing(
    tree,
    everything(tree),
    entryToRead,
  )) {
    options.signal?.throwIfAborted();
    if (kind === 'file')
      yield* writer.file({ name: `${name}/${path}`, modifiedAt, sizeBytes }, tree.read(path));
  }
  if (received) {
    const hashes = { name: hashFileOf(name), modifiedAt: new Date(0), sizeBytes: 0 };
    yield* writer.file(hashes, encodeReceivedHashes(received, name));
  }
  yield* writer.end();
}
