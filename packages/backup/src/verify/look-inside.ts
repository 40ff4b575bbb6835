import type { ReadableTree } from '@rootcellar/core';
import { fileIDOf } from '../folder/blob-path.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import type { OneBlob } from './blob-content.ts';
import { inspect } from './inside/inspect.ts';
import type { Inspection } from './inside/inspected-file.ts';
import { type PlainContent, plainContentOf } from './plain-content.ts';

/** Looks into the content of one file, with the files that belong to it. Reads all of it. */
export async function lookInside(blob: OneBlob, plain: PlainContent): Promise<Inspection> {
  const { entry, options, workFolder } = blob;
  for await (const _ of blob.tree.read(blob.manifest.blobPath(entry.fileID)))
    options.signal?.throwIfAborted();
  const wal = await companionOf(blob, '-wal');
  return inspect({
    sizeBytes: plain.sizeBytes,
    read: plain.read,
    companion: (suffix) => (suffix === '-wal' ? wal?.read() : undefined),
    workFolder,
  });
}

async function companionOf(blob: OneBlob, suffix: string): Promise<PlainContent | undefined> {
  const { domain, relativePath } = blob.entry;
  const entry = blob.manifest.entry(fileIDOf(domain, `${relativePath}${suffix}`));
  const stored = entry?.kind === 'file' ? await statOf(blob, entry, blob.tree) : undefined;
  if (entry === undefined || stored === undefined) return undefined;
  return plainContentOf({ ...blob, entry, sizeBytes: stored });
}

async function statOf(
  { manifest }: OneBlob,
  entry: ManifestEntry,
  tree: ReadableTree,
): Promise<number | undefined> {
  return (await tree.stat(manifest.blobPath(entry.fileID)))?.sizeBytes;
}
