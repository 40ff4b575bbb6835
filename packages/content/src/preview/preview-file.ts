import { encodeXmlPlist, parsePropertyList } from '@rootcellar/codecs';
import { type ByteRange, KnownError } from '@rootcellar/core';
import { type DatabaseTable, previewDatabase } from './preview-database.ts';

/** What a file shows of itself without a program that understands it. */
export type FilePreview =
  | { readonly kind: 'picture'; readonly contentType: PictureType }
  | { readonly kind: 'text' | 'property-list'; readonly text: string; readonly isCutShort: boolean }
  | { readonly kind: 'database'; readonly tables: readonly DatabaseTable[] }
  | { readonly kind: 'none'; readonly reason: 'unknown-kind' | 'too-large' | 'damaged' | 'empty' };

export type PictureType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

/** The content of a file; read again for each call. */
export type ReadContent = (range?: ByteRange) => AsyncIterable<Uint8Array>;

/** A browser tab shows so much at once. */
const TEXT_BYTES_MAX = 256 * 1024;

/** Parsing needs several times its size. */
const PLIST_BYTES_MAX = 4 * 1024 * 1024;

/** Largest picture that is given to a browser: phones make them of up to 20 MB. */
export const PICTURE_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Looks into a file. It may be anything and hostile: what it is is told by its content, how much is read has limits,
 * and what can run without end runs in another process.
 *
 * @throws what `read` throws
 */
export async function previewFile(read: ReadContent, signal?: AbortSignal): Promise<FilePreview> {
  const start = await take(read({ start: 0, end: TEXT_BYTES_MAX + 1 }), TEXT_BYTES_MAX + 1);
  if (start.length === 0) return { kind: 'none', reason: 'empty' };
  const contentType = pictureType(start);
  if (contentType !== undefined) return { kind: 'picture', contentType };
  const head = Buffer.from(start.subarray(0, 256)).toString('latin1');
  if (head.startsWith('SQLite format 3\0')) return previewDatabase(read, signal);
  if (head.startsWith('bplist0') || /<!DOCTYPE plist|<plist/.test(head)) return previewPropertyList(read);
  return previewText(start);
}

/** Told by the first bytes. Source: the specifications of PNG, JPEG (JFIF), GIF and WebP. */
export function pictureType(start: Uint8Array): PictureType | undefined {
  const head = Buffer.from(start.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'image/gif';
  return head.startsWith('RIFF') && head.slice(8) === 'WEBP' ? 'image/webp' : undefined;
}

async function previewPropertyList(read: ReadContent): Promise<FilePreview> {
  const bytes = await take(read({ start: 0, end: PLIST_BYTES_MAX + 1 }), PLIST_BYTES_MAX + 1);
  if (bytes.length > PLIST_BYTES_MAX) return { kind: 'none', reason: 'too-large' };
  try {
    const text = new TextDecoder().decode(encodeXmlPlist(parsePropertyList(bytes)));
    return {
      kind: 'property-list',
      text: text.slice(0, TEXT_BYTES_MAX),
      isCutShort: text.length > TEXT_BYTES_MAX,
    };
  } catch (error) {
    if (error instanceof KnownError) return { kind: 'none', reason: 'damaged' };
    throw error;
  }
}

function previewText(start: Uint8Array): FilePreview {
  const isCutShort = start.length > TEXT_BYTES_MAX;
  const text = decodeText(isCutShort ? start.subarray(0, TEXT_BYTES_MAX) : start, isCutShort);
  return text === undefined ? { kind: 'none', reason: 'unknown-kind' } : { kind: 'text', text, isCutShort };
}

/** UTF-8 without control characters. @param isCutShort the last character may be incomplete */
function decodeText(bytes: Uint8Array, isCutShort: boolean): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCutShort });
    return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

async function take(pieces: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    parts.push(piece);
    bytes += piece.length;
    if (bytes >= bytesMax) break;
  }
  return Buffer.concat(parts).subarray(0, bytesMax);
}
