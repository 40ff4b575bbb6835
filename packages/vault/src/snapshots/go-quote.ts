/**
 * Names in trees are written as Go writes a text in quotation marks, without the marks, and then as JSON. So a
 * name may be any bytes. Source: Go, `strconv.Quote`; restic's trees, as `restic cat blob` shows them.
 */

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

const UNESCAPES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(ESCAPES).map(([character, escaped]) => [escaped.slice(1), character]),
);

/** What Go does not take for printable: all but letters, marks, numbers, punctuation, symbols and the space. */
const NEEDS_ESCAPE = /[\\"]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

export function goQuote(name: string): string {
  return name.toWellFormed().replace(NEEDS_ESCAPE, (character) => ESCAPES[character] ?? numbered(character));
}

/**
 * The reverse of `goQuote`, also for what Go would not have escaped. Bytes that are no UTF-8 become U+FFFD.
 *
 * @returns `undefined` if it is no text that Go would take
 */
export function goUnquote(quoted: string): string | undefined {
  if (!quoted.includes('\\')) return quoted;
  const pieces: Uint8Array[] = [];
  const part =
    /\\([abfnrtv\\"])|\\x([0-9a-fA-F]{2})|\\([0-3][0-7]{2})|\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|([^\\]+)/gy;
  while (part.lastIndex < quoted.length) {
    const match = part.exec(quoted);
    const piece = match && pieceOf(match);
    if (!piece) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function pieceOf(match: RegExpExecArray): Uint8Array | undefined {
  const [, short, byte, octal, four, eight, plain] = match;
  if (plain !== undefined) return Buffer.from(plain);
  if (short !== undefined) {
    const character = UNESCAPES[short];
    return character === undefined ? undefined : Buffer.from(character);
  }
  if (byte !== undefined) return Buffer.from(byte, 'hex');
  if (octal !== undefined) return Buffer.from([Number.parseInt(octal, 8)]);
  const codePoint = Number.parseInt(four ?? eight ?? '', 16);
  return codePoint <= 0x10ffff ? Buffer.from(String.fromCodePoint(codePoint)) : undefined;
}

function numbered(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  if (codePoint < 0x80) return `\\x${codePoint.toString(16).padStart(2, '0')}`;
  if (codePoint < 0x10000) return `\\u${codePoint.toString(16).padStart(4, '0')}`;
  return `\\U${codePoint.toString(16).padStart(8, '0')}`;
}

/** JSON as Go writes it: safe inside HTML and JavaScript. Source: Go, `encoding/json`, `HTMLEscape`. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
