import { createHash, createHmac } from 'node:crypto';
import { Secret } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { storageError } from '../../errors.ts';
import { parseS3List, s3ErrorCode } from './s3-list.ts';
import { checkS3Place, type S3Place, signedS3Request } from './s3-request.ts';

/*
 * There is no S3 here to talk to, and a made-up one would only repeat our own mistakes: these are the requests we make
 * and the answers we read. The contract of storages is proved against a real engine elsewhere.
 */

const PLACE: S3Place = {
  endpoint: 'https://s3.example.com:9000/',
  bucket: 'cellar',
  prefix: 'vaults/phone',
  region: 'eu-north-1',
  accessKeyID: 'AKIDEXAMPLE',
  secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG'),
};
const NOW = new Date('2026-11-25T10:00:00.123Z');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');

/** Signature version 4 once more, straight from Amazon's description: the judge of what we send. */
function expectedSignature(request: Awaited<ReturnType<typeof signedS3Request>>): string {
  const headers: Record<string, string> = { ...request.headers, host: request.url.host };
  const names = /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '')?.[1]?.split(';') ?? [];
  const query = [...request.url.searchParams]
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .sort()
    .join('&');
  const canonical = [
    request.method,
    request.url.pathname,
    query,
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    sha256(request.body ?? ''),
  ].join('\n');
  const scope = '20261125/eu-north-1/s3/aws4_request';
  const toSign = ['AWS4-HMAC-SHA256', '20261125T100000Z', scope, sha256(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${PLACE.secretAccessKey.reveal()}`);
  return hmac(key as Buffer, toSign).toString('hex');
}

describe('a request to S3', () => {
  test.each([
    ['an object', { method: 'GET', path: `data/ab/${'ab'.repeat(32)}`, headers: { range: 'bytes=0-9' } }],
    [
      'a new object',
      { method: 'PUT', path: 'config', headers: { 'if-none-match': '*' }, body: Buffer.from('x') },
    ],
    [
      'a page',
      {
        method: 'GET',
        path: '',
        query: { 'list-type': '2', prefix: 'a/data/', 'continuation-token': 'a+/=&' },
      },
    ],
    ['nothing more', { method: 'DELETE', path: `locks/${'cd'.repeat(32)}` }],
  ] as const)('for %s is signed as Amazon describes it', async (_, call) => {
    const request = await signedS3Request(PLACE, call, NOW);
    expect(request.headers?.['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20261125\/eu-north-1\/s3\/aws4_request, /,
    );
    expect(request.headers?.['authorization']).toContain(`Signature=${expectedSignature(request)}`);
    expect(request.headers?.['x-amz-content-sha256']).toBe(sha256('body' in call ? call.body : ''));
  });

  test('names bucket and prefix in its path', async () => {
    const { url } = await signedS3Request(PLACE, { method: 'GET', path: 'config' }, NOW);
    expect(url.href).toBe('https://s3.example.com:9000/cellar/vaults/phone/config');
    const { prefix: _, ...top } = PLACE;
    const other = await signedS3Request(
      { ...top, endpoint: 'http://[::1]:80' },
      { method: 'GET', path: 'config' },
      NOW,
    );
    expect(other.url.href).toBe('http://[::1]/cellar/config');
  });

  test('shows the token of keys that are lent', async () => {
    const lent = { ...PLACE, sessionToken: new Secret('of today') };
    const { headers } = await signedS3Request(lent, { method: 'GET', path: 'config' }, NOW);
    expect(headers?.['x-amz-security-token']).toBe('of today');
    expect(headers?.['authorization']).toContain('x-amz-security-token');
  });

  test('signs what makes it conditional', async () => {
    const call = {
      method: 'PUT',
      path: 'config',
      headers: { 'if-none-match': '*' },
      body: Buffer.from('x'),
    } as const;
    const { headers } = await signedS3Request(PLACE, call, NOW);
    expect(headers?.['authorization']).toContain('if-none-match');
  });

  test.each([
    { endpoint: 'ftp://host' },
    { endpoint: 'https://user:secret@host' },
    { endpoint: 'no address' },
    { bucket: '../other' },
    { bucket: '' },
    { prefix: '/a' },
    { prefix: 'a/../b' },
    { prefix: 'a b' },
  ])('to %j is refused before it is made', (fields) => {
    expect(() => checkS3Place({ ...PLACE, ...fields })).toThrow(
      expect.objectContaining({ code: 'storage.address-invalid' }),
    );
  });
});

describe('a list of S3', () => {
  const page = (inside: string) =>
    Buffer.from(
      `<?xml version="1.0"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside}</ListBucketResult>`,
    );

  test('has objects with sizes, and the way to the next page', () => {
    const first = page(
      '<Name>cellar</Name><IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b&#43;&#x2F;</NextContinuationToken>' +
        '<Contents><Key>p/data/1</Key><ETag>&quot;e&quot;</ETag><Size>17</Size></Contents>\n' +
        '<Contents><Size>0</Size><Key>p/&lt;x&gt;&amp;</Key></Contents>',
    );
    expect(parseS3List(first)).toEqual({
      objects: [
        { key: 'p/data/1', sizeBytes: 17 },
        { key: 'p/<x>&', sizeBytes: 0 },
      ],
      next: 'a&b+/',
    });
    expect(
      parseS3List(page('<IsTruncated>false</IsTruncated><NextContinuationToken>x</NextContinuationToken>')),
    ).toEqual({
      objects: [],
      next: undefined,
    });
  });

  test.each([
    '',
    '<html>Welcome</html>',
    '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>',
    '<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>',
    '<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>',
  ])('%s is none', (text) => {
    expect(() => parseS3List(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'storage.unknown-answer' }),
    );
  });

  test('of any text gives a page or an error', () => {
    const part = fc.constantFrom(
      '<Contents>',
      '</Contents>',
      '<Key>',
      '</Key>',
      '<Size>7</Size>',
      '&#x110000;',
      'a',
      '&amp;',
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        try {
          parseS3List(page(parts.join('')));
        } catch (error) {
          if (!storageError.matches(error)) throw error;
        }
      }),
      { seed: 1 },
    );
  });

  test('or what is there instead says by a word what is wrong', () => {
    expect(s3ErrorCode(Buffer.from('<Error><Code>NoSuchBucket</Code><Message>…</Message></Error>'))).toBe(
      'NoSuchBucket',
    );
    expect(s3ErrorCode(Buffer.from(''))).toBeUndefined();
  });
});
