import { storageError } from '../../errors.ts';

/** One page of a list: at most a thousand keys. */
export interface S3Page {
  readonly objects: readonly { readonly key: string; readonly sizeBytes: number }[];
  /** Asks for the next page; `undefined` on the last. */
  readonly next: string | undefined;
}

/**
 * Reads the answer to ListObjectsV2. It is XML, of which S3 needs little: elements that hold text or elements, no
 * attributes but on the first, no CDATA.
 *
 * Source: Amazon S3 API Reference, ListObjectsV2, Response Syntax.
 *
 * @throws `storage.unknown-answer`
 */
export function parseS3List(bytes: Uint8Array): S3Page {
  const text = Buffer.from(bytes).toString('utf8');
  if (!/<ListBucketResult[\s>]/.test(text)) throw storageError('unknown-answer', { status: 200 });
  const objects = elements(text, 'Contents').map((content) => {
    const key = element(content, 'Key');
    const size = element(content, 'Size');
    if (key === undefined || size === undefined || !/^\d{1,15}$/.test(size)) {
      throw storageError('unknown-answer', { status: 200 });
    }
    return { key, sizeBytes: Number(size) };
  });
  // What is in the objects must not be taken for what is said of the page.
  const rest = text.replace(/<Contents>[\s\S]*?<\/Contents>/g, '');
  const isTruncated = element(rest, 'IsTruncated') === 'true';
  const next = isTruncated ? element(rest, 'NextContinuationToken') : undefined;
  if (isTruncated && !next) throw storageError('unknown-answer', { status: 200 });
  return { objects, next };
}

/** The word by which S3 says what is wrong, `NoSuchBucket` for example. */
export function s3ErrorCode(bytes: Uint8Array): string | undefined {
  return element(Buffer.from(bytes).toString('utf8'), 'Code');
}

function elements(text: string, name: string): readonly string[] {
  return Array.from(
    text.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g')),
    ([, inside]) => inside ?? '',
  );
}

function element(text: string, name: string): string | undefined {
  const inside = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  return inside === undefined ? undefined : unescapeXml(inside);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w+));/g, (whole, hex, decimal, name) => {
    const codePoint = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : undefined;
    if (codePoint === undefined) return ENTITIES[name] ?? whole;
    return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : whole;
  });
}
