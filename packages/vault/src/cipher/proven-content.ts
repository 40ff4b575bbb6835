import { vaultError } from '../errors.ts';
import type { CipherRecord } from './cipher-record.ts';
import { type CipherVerdict, type DecryptProvablyOptions, decryptProvably } from './decrypt-provably.ts';

/**
 * The content of an encrypted file, on its way into a vault. As it passes by, it is encrypted again and compared.
 *
 * @param record what is known of the file: see `recordFromEnd`
 * @param options.source the encrypted bytes; they may be lent
 * @throws `vault.file-changed` if the file is not the one of the record
 * @throws `vault.cipher-errs` if encrypting again made something else: what was given so far must not be kept
 */
export async function* provenContent(
  record: CipherRecord,
  options: Pick<DecryptProvablyOptions, 'source' | 'lent' | 'encryptor'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let verdict: CipherVerdict | undefined;
  const onEnd = (end: CipherVerdict): void => {
    verdict = end;
  };
  yield* decryptProvably({ ...options, key: record.key, onEnd });
  if (verdict?.kind !== 'equal') throw vaultError('cipher-errs');
  if (!isOf(verdict.record, record)) throw vaultError('file-changed');
}

function isOf(found: Omit<CipherRecord, 'file'>, record: CipherRecord): boolean {
  return (
    found.contentBytes === record.contentBytes &&
    found.isPadded === record.isPadded &&
    Buffer.compare(found.rest, record.rest) === 0 &&
    Buffer.compare(found.marks, record.marks) === 0
  );
}
