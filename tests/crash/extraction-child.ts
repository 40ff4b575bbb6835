import { extractFiles, type ManifestEntry } from '@rootcellar/backup';
import { extractionEntries } from './extraction-entries.ts';

/* A program that extracts made-up files, so that it can be killed, or run with little space. */

const [to = '', filesText = '0', sizeText = '0'] = process.argv.slice(2);

async function* read({ relativePath }: ManifestEntry): AsyncGenerator<Uint8Array> {
  const bytes = Number(sizeText);
  for (let at = 0; at < bytes; at += 64 * 1024) {
    yield Buffer.alloc(Math.min(64 * 1024, bytes - at), relativePath);
  }
}

try {
  await extractFiles({ entries: extractionEntries(Number(filesText), Number(sizeText)), read, to });
  console.log('done');
} catch (error) {
  console.log((error as { readonly code?: string }).code);
}
