import { createCipheriv, createHash } from 'node:crypto';
import { Secret } from '@rootcellar/core';
import { describe, expect, it } from 'vitest';
import { archiveRecord } from '../example-backup.ts';
import { parseFileRecord } from './file-record.ts';
import { decodeIos100Record } from './ios-10-0-record.ts';

const PASSWORD = new Secret<Uint8Array>(Buffer.from('tést'));
const SALT = Uint8Array.from({ length: 20 }, (_, index) => 0x20 + index);

/** Made with OpenSSL: `printf 'Hello record' | openssl enc -aes-128-cbc -K c7d7… -iv 0001…0f -a`. */
const HELLO = 'tWjv4dRTc8Vqc6c3IDNCyA==';

describe('decodeIos100Record', () => {
  it('decrypts what OpenSSL encrypted', () => {
    expect(Buffer.from(decodeIos100Record(HELLO, PASSWORD, SALT)).toString()).toBe('Hello record');
  });

  it('gives a record that reads like any other', () => {
    const key = createHash('sha1').update('tést').update(SALT).digest().subarray(0, 16);
    const cipher = createCipheriv('aes-128-cbc', key, Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'));
    const archive = archiveRecord({ RelativePath: 'Library/x', Mode: 0o100644, Size: 7 });
    const text = Buffer.concat([cipher.update(archive), cipher.final()]).toString('base64');
    const record = parseFileRecord(decodeIos100Record(text, PASSWORD, SALT));
    expect(record).toMatchObject({ relativePath: 'Library/x', sizeBytes: 7, mode: 0o100644 });
  });

  it.each(['', 'no base64 !', 'AAAA', HELLO.slice(0, 12), `${'A'.repeat(43)}=`])('refuses %j', (text) => {
    expect(() => decodeIos100Record(text, PASSWORD, SALT)).toThrow(
      expect.objectContaining({ code: 'backup.manifest-damaged' }),
    );
  });

  it('never tells the password', () => {
    expect(() => decodeIos100Record('AAAA', PASSWORD, SALT)).toThrow(/^(?!.*tést)/);
  });
});
