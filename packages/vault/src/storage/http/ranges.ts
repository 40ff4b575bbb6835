import type { ByteRange } from '@rootcellar/core';
import { storageError } from '../../errors.ts';
import { rangeOf } from '../storage.ts';
import type { HttpAnswer } from './http-client.ts';
import { statusError } from './status-errors.ts';

/** A file of a vault is a pack of 16 MiB, or of 128 MiB at most where restic was told so; an index is smaller. */
export const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** The header that asks for a part of a file; none for the whole. */
export function rangeHeader(range: ByteRange | undefined): Readonly<Record<string, string>> {
  if (range === undefined || (range.start === 0 && range.end === undefined)) return {};
  return { range: `bytes=${range.start}-${range.end === undefined ? '' : range.end - 1}` };
}

/**
 * The bytes that were asked for, and not one less.
 *
 * @throws `storage.cut-short`, `storage.not-found`, or what the status means
 */
export function bytesOfAnswer(
  { status, headers, bytes }: HttpAnswer,
  range: ByteRange | undefined,
): Uint8Array {
  if (status === 416)
    throw storageError('cut-short', {
      expectedBytes: (range?.end ?? 0) - (range?.start ?? 0),
      receivedBytes: 0,
    });
  if (status !== 200 && status !== 206) throw statusError(status);
  const promised = Number(headers['content-length'] ?? bytes.length);
  if (bytes.length !== promised) throw cutShort(promised, bytes.length);
  if (status === 200) return rangeOf(bytes, range);
  if (range?.end !== undefined && bytes.length !== range.end - range.start) {
    throw cutShort(range.end - range.start, bytes.length);
  }
  return bytes;
}

function cutShort(expectedBytes: number, receivedBytes: number): Error {
  return storageError('cut-short', { expectedBytes, receivedBytes });
}
