import { plistError } from '../../errors.ts';

/** One tag: `<dict>`, `</dict>` or `<dict/>`. Attributes mean nothing in a property list. */
export interface XmlTag {
  readonly name: string;
  readonly kind: 'open' | 'close' | 'empty';
}

const NAME = /[A-Za-z][A-Za-z0-9]*/y;
const SPACE = /[ \t\r\n]*/y;

/** The five entities XML has without a document type. */
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** `&` up to `;`. No entity that means anything is longer, leading zeros apart. */
const ENTITY = /&(#x[0-9a-f]{1,8}|#[0-9]{1,10}|[a-z]{1,8});/giy;
const CODE_POINT_MAX = 0x10ffff;

/**
 * Walks the tags and texts of an XML property list: the part of XML that lists use, and no more. No
 * document type is processed, so there are no entities to multiply and no files to fetch.
 */
export class XmlScanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next tag, past space, comments and declarations; `undefined` at the end. */
  nextTag(): XmlTag | undefined {
    this.#skipToMarkup();
    if (this.#position >= this.#text.length) return undefined;
    return this.#readTag();
  }

  /** The text up to `</name>`, which is read too. */
  readText(name: string): string {
    const parts: string[] = [];
    for (;;) {
      const end = this.#indexOf('<', `unclosed ${name}`);
      parts.push(this.#decodeEntities(this.#position, end));
      this.#position = end;
      if (this.#startsWith('<![CDATA[')) parts.push(this.#readCdata());
      else if (this.#startsWith('<!--')) this.#skipPast('-->');
      else break;
    }
    const tag = this.#readTag();
    if (tag.kind !== 'close' || tag.name !== name) throw this.malformed(`unclosed ${name}`);
    return parts.length === 1 ? (parts[0] as string) : parts.join('');
  }

  /** An error that tells where. Reasons name tags of the format, never content. */
  malformed(reason: string): Error {
    return plistError('xml-malformed', { reason, position: this.#position });
  }

  #skipToMarkup(): void {
    for (;;) {
      SPACE.lastIndex = this.#position;
      SPACE.exec(this.#text);
      this.#position = SPACE.lastIndex;
      if (this.#startsWith('<!--')) this.#skipPast('-->');
      else if (this.#startsWith('<?')) this.#skipPast('?>');
      else if (this.#startsWith('<!DOCTYPE')) this.#skipDoctype();
      else return;
    }
  }

  #readTag(): XmlTag {
    if (!this.#startsWith('<')) throw this.malformed('text outside of an element');
    const closing = this.#text[this.#position + 1] === '/';
    NAME.lastIndex = this.#position + (closing ? 2 : 1);
    const name = NAME.exec(this.#text)?.[0];
    if (name === undefined) throw this.malformed('tag without a name');
    this.#position = NAME.lastIndex;
    const end = this.#endOfTag();
    const empty = this.#text[end - 1] === '/';
    this.#position = end + 1;
    return { name, kind: closing ? 'close' : empty ? 'empty' : 'open' };
  }

  /** Where the tag's `>` stands; one inside a quoted attribute does not count. */
  #endOfTag(): number {
    for (let index = this.#position; index < this.#text.length; index++) {
      const character = this.#text[index];
      if (character === '>') return index;
      if (character === '<') break;
      if (character === '"' || character === "'") {
        const close = this.#text.indexOf(character, index + 1);
        if (close < 0) break;
        index = close;
      }
    }
    throw this.malformed('unclosed tag');
  }

  #skipDoctype(): void {
    for (let index = this.#position; index < this.#text.length; index++) {
      const character = this.#text[index];
      if (character === '[') throw plistError('doctype-unsupported');
      if (character === '>') {
        this.#position = index + 1;
        return;
      }
      if (character === '"' || character === "'") {
        const close = this.#text.indexOf(character, index + 1);
        if (close < 0) break;
        index = close;
      }
    }
    throw this.malformed('unclosed document type');
  }

  #readCdata(): string {
    const start = this.#position + '<![CDATA['.length;
    const end = this.#text.indexOf(']]>', start);
    if (end < 0) throw this.malformed('unclosed CDATA');
    this.#position = end + ']]>'.length;
    return this.#text.slice(start, end);
  }

  #decodeEntities(start: number, end: number): string {
    const raw = this.#text.slice(start, end);
    let ampersand = raw.indexOf('&');
    if (ampersand < 0) return raw;
    const parts: string[] = [];
    let done = 0;
    while (ampersand >= 0) {
      parts.push(raw.slice(done, ampersand));
      ENTITY.lastIndex = ampersand;
      const entity = ENTITY.exec(raw)?.[1];
      const decoded = entity === undefined ? undefined : decodeEntity(entity);
      if (decoded === undefined) throw this.malformed('unknown entity');
      parts.push(decoded);
      done = ENTITY.lastIndex;
      ampersand = raw.indexOf('&', done);
    }
    parts.push(raw.slice(done));
    return parts.join('');
  }

  #indexOf(wanted: string, reason: string): number {
    const index = this.#text.indexOf(wanted, this.#position);
    if (index < 0) throw this.malformed(reason);
    return index;
  }

  #skipPast(end: string): void {
    this.#position = this.#indexOf(end, 'unclosed comment or declaration') + end.length;
  }

  #startsWith(prefix: string): boolean {
    return this.#text.startsWith(prefix, this.#position);
  }
}

/** Half surrogates are let through: some writers spell a character as two of them. */
function decodeEntity(entity: string): string | undefined {
  if (!entity.startsWith('#')) return ENTITIES[entity];
  const hex = entity[1] === 'x' || entity[1] === 'X';
  const code = Number.parseInt(entity.slice(hex ? 2 : 1), hex ? 16 : 10);
  if (code > CODE_POINT_MAX) return undefined;
  return String.fromCodePoint(code);
}
