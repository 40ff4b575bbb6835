/** As it stands in a key store where its owner may have to read it: any that is easily typed is left as it is. */
const PLAIN = /^[\x21-\x7e]+$/;
const ENCODED = 'base64:';

/** Printable ASCII without spaces: `security` and `secret-tool` change other texts, each in its own way. */
export function encodeSecretText(text: string): string {
  if (PLAIN.test(text) && !text.startsWith(ENCODED)) return text;
  return ENCODED + Buffer.from(text).toString('base64');
}

export function decodeSecretText(kept: string): string {
  return kept.startsWith(ENCODED) ? Buffer.from(kept.slice(ENCODED.length), 'base64').toString() : kept;
}
