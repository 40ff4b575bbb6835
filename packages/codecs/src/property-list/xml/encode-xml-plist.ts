import { plistError } from '../../errors.ts';
import { INTEGER_MAX, INTEGER_MIN } from '../integer.ts';
import { completeLimits, UnfoldingBudget } from '../limits.ts';
import { isPlistDict } from '../typed-access.ts';
import { type PlistArray, type PlistDict, PlistReal, PlistUid, type PlistValue } from '../value.ts';
import { formatXmlDate } from './xml-date.ts';

const HEADER = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
`;
const FOOTER = '</plist>\n';

/** Characters of Base64 in one line, as Apple's writer has it for a list without nesting. */
const BASE64_LINE = /.{1,68}/g;

/** What XML 1.0 cannot hold, not even as `&#…;`. Source: XML 1.0, production 2 (Char). */
const NOT_XML =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * Writes an XML property list as Apple's tools do: their DOCTYPE, tabs, dictionaries in their own order.
 * Entries whose value is `undefined` are left out. XML dates hold whole seconds; the rest is cut off.
 *
 * @throws `plist.text-not-xml` if a text has a character that XML cannot hold (control characters, half
 *   surrogates): dropping it would alter a name silently
 * @throws `plist.integer-too-large`, `plist.too-deep` (also for a value that contains itself),
 *   `plist.too-many-values`
 */
export function encodeXmlPlist(value: PlistValue): Uint8Array {
  const lines: string[] = [HEADER];
  new XmlWriting(lines).write(value, 0);
  lines.push(FOOTER);
  return new TextEncoder().encode(lines.join(''));
}

class XmlWriting {
  readonly #parts: string[];
  readonly #budget = new UnfoldingBudget(completeLimits());

  constructor(parts: string[]) {
    this.#parts = parts;
  }

  write(value: PlistValue, depth: number): void {
    this.#budget.spendValues(1);
    const indent = '\t'.repeat(depth);
    if (value instanceof Uint8Array) this.#writeData(value, indent);
    else if (value instanceof PlistUid) this.#writeDict({ CF$UID: value.value }, depth, indent);
    else if (Array.isArray(value)) this.#writeArray(value, depth, indent);
    else if (isPlistDict(value)) this.#writeDict(value, depth, indent);
    else this.#parts.push(indent, scalarElement(value as Scalar), '\n');
  }

  #writeArray(items: PlistArray, depth: number, indent: string): void {
    if (items.length === 0) {
      this.#parts.push(indent, '<array/>\n');
      return;
    }
    this.#budget.enter(depth + 1);
    this.#parts.push(indent, '<array>\n');
    for (const item of items) this.write(item, depth + 1);
    this.#parts.push(indent, '</array>\n');
  }

  #writeDict(dict: PlistDict, depth: number, indent: string): void {
    const keys = Object.keys(dict).filter((key) => dict[key] !== undefined);
    if (keys.length === 0) {
      this.#parts.push(indent, '<dict/>\n');
      return;
    }
    this.#budget.enter(depth + 1);
    this.#parts.push(indent, '<dict>\n');
    for (const key of keys) {
      this.#parts.push(indent, '\t<key>', escapeText(key), '</key>\n');
      this.write(dict[key] as PlistValue, depth + 1);
    }
    this.#parts.push(indent, '</dict>\n');
  }

  #writeData(data: Uint8Array, indent: string): void {
    const base64 = Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64');
    this.#parts.push(indent, '<data>\n');
    for (const [line] of base64.matchAll(BASE64_LINE)) this.#parts.push(indent, line, '\n');
    this.#parts.push(indent, '</data>\n');
  }
}

type Scalar = string | number | bigint | boolean | Date | PlistReal;

function scalarElement(value: Scalar): string {
  if (typeof value === 'string') return `<string>${escapeText(value)}</string>`;
  if (typeof value === 'boolean') return value ? '<true/>' : '<false/>';
  if (typeof value === 'bigint' || Number.isInteger(value)) {
    return `<integer>${requireRange(BigInt(value as number | bigint))}</integer>`;
  }
  if (typeof value === 'number') return `<real>${formatReal(value)}</real>`;
  if (value instanceof PlistReal) return `<real>${formatReal(value.value)}</real>`;
  if (value instanceof Date) return `<date>${formatXmlDate(value)}</date>`;
  throw new TypeError(`A property list cannot hold a value of type ${typeof value}`);
}

function requireRange(value: bigint): bigint {
  if (value > INTEGER_MAX || value < INTEGER_MIN) throw plistError('integer-too-large');
  return value;
}

/** The words for what is no finite number. Source: CF-Lite, `CFPropertyList.c`, XML writer. */
function formatReal(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (value === Number.POSITIVE_INFINITY) return '+infinity';
  if (value === Number.NEGATIVE_INFINITY) return '-infinity';
  return Object.is(value, -0) ? '-0.0' : String(value);
}

function escapeText(text: string): string {
  const bad = NOT_XML.exec(text);
  if (bad !== null) throw plistError('text-not-xml', { characterCode: bad[0].charCodeAt(0) });
  if (!/[&<>\r]/.test(text)) return text;
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // Strict parsers turn a bare carriage return into a line feed.
      .replaceAll('\r', '&#13;')
  );
}
