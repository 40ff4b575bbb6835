import { plistError } from '../../errors.ts';
import { INTEGER_MAX, INTEGER_MIN, normalInteger } from '../integer.ts';
import { completeLimits, type PlistLimits, requireSize, UnfoldingBudget } from '../limits.ts';
import { type PlistArray, type PlistDict, PlistReal, PlistUid, type PlistValue } from '../value.ts';
import { parseXmlDate } from './xml-date.ts';
import { XmlScanner, type XmlTag } from './xml-scanner.ts';

/**
 * Phones put names with such characters into their answers as they are.
 *
 * Source: libimobiledevice, `src/property_list_service.c`; go-ios, `ios/plistcodec.go`: both remove or
 * replace them before parsing.
 */
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;

const INTEGER = /^([+-]?)(0x[0-9a-f]{1,40}|[0-9]{1,60})$/i;
const REAL = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i;
const NOT_BASE64 = /[^A-Za-z0-9+/=\s]/;

/** How an archive's reference looks in XML, which has no element for it. */
const UID_KEY = 'CF$UID';

/**
 * Reads an XML property list: UTF-8, or UTF-16 with a byte order mark. Invalid UTF-8 becomes U+FFFD, and
 * control characters that XML forbids are dropped, because phones send both inside otherwise good answers.
 *
 * @throws `plist.empty`, `plist.too-large`, `plist.xml-malformed`, `plist.doctype-unsupported`,
 *   `plist.integer-too-large`, `plist.too-deep`, `plist.too-many-values`
 */
export function parseXmlPlist(bytes: Uint8Array, limits?: Partial<PlistLimits>): PlistValue {
  const complete = completeLimits(limits);
  requireSize(bytes, complete);
  const text = decodeText(bytes);
  if (text.trim() === '') throw plistError('empty');
  return new XmlParsing(new XmlScanner(text), new UnfoldingBudget(complete)).document();
}

function decodeText(bytes: Uint8Array): string {
  const littleEndian = bytes[0] === 0xff && bytes[1] === 0xfe;
  const bigEndian = bytes[0] === 0xfe && bytes[1] === 0xff;
  const encoding = littleEndian ? 'utf-16le' : bigEndian ? 'utf-16be' : 'utf-8';
  const text = new TextDecoder(encoding).decode(bytes);
  return text.replace(CONTROL_CHARACTERS, '');
}

class XmlParsing {
  readonly #scanner: XmlScanner;
  readonly #budget: UnfoldingBudget;

  constructor(scanner: XmlScanner, budget: UnfoldingBudget) {
    this.#scanner = scanner;
    this.#budget = budget;
  }

  /** `<plist>` around one value, or the value alone. */
  document(): PlistValue {
    const first = this.#requireTag();
    const wrapped = first.name === 'plist';
    if (wrapped && first.kind === 'empty') throw plistError('empty');
    const tag = wrapped ? this.#requireTag() : first;
    if (wrapped && tag.kind === 'close' && tag.name === 'plist') throw plistError('empty');
    const value = this.#value(tag, 0);
    if (wrapped) this.#requireClose('plist');
    if (this.#scanner.nextTag() !== undefined) throw this.#scanner.malformed('more after the end');
    return value;
  }

  #value(tag: XmlTag, depth: number): PlistValue {
    this.#budget.spendValues(1);
    if (tag.kind === 'close') throw this.#scanner.malformed('closing tag instead of a value');
    switch (tag.name) {
      case 'dict':
        return tag.kind === 'empty' ? Object.create(null) : this.#dict(depth + 1);
      case 'array':
        return tag.kind === 'empty' ? [] : this.#array(depth + 1);
      case 'true':
        return this.#flag(tag, true);
      case 'false':
        return this.#flag(tag, false);
      default:
        return this.#scalar(tag.name, tag.kind === 'empty' ? '' : this.#scanner.readText(tag.name));
    }
  }

  #dict(depth: number): PlistDict | PlistUid {
    this.#budget.enter(depth);
    const dict: Record<string, PlistValue> = Object.create(null);
    let entries = 0;
    for (;;) {
      const tag = this.#requireTag();
      if (tag.kind === 'close' && tag.name === 'dict') break;
      if (tag.name !== 'key' || tag.kind === 'close') throw this.#scanner.malformed('value without a key');
      const key = tag.kind === 'empty' ? '' : this.#scanner.readText('key');
      dict[key] = this.#value(this.#requireTag(), depth);
      entries++;
    }
    const uid = entries === 1 ? dict[UID_KEY] : undefined;
    return typeof uid === 'number' && uid >= 0 ? new PlistUid(uid) : dict;
  }

  #array(depth: number): PlistArray {
    this.#budget.enter(depth);
    const items: PlistValue[] = [];
    for (;;) {
      const tag = this.#requireTag();
      if (tag.kind === 'close' && tag.name === 'array') return items;
      items.push(this.#value(tag, depth));
    }
  }

  #flag(tag: XmlTag, value: boolean): boolean {
    if (tag.kind === 'open') this.#requireClose(tag.name);
    return value;
  }

  #scalar(name: string, text: string): PlistValue {
    switch (name) {
      case 'string':
        return text;
      case 'integer':
        return this.#integer(text.trim());
      case 'real':
        return new PlistReal(this.#real(text.trim()));
      case 'date':
        return this.#valid(parseXmlDate(text.trim()), 'impossible date');
      case 'data':
        return this.#data(text);
      default:
        throw this.#scanner.malformed('unknown element');
    }
  }

  #integer(text: string): number | bigint {
    const [, sign, digits] = this.#valid(INTEGER.exec(text), 'not an integer');
    const magnitude = BigInt(digits as string);
    const value = sign === '-' ? -magnitude : magnitude;
    if (value > INTEGER_MAX || value < INTEGER_MIN) throw plistError('integer-too-large');
    return normalInteger(value);
  }

  /** Source for the words: CF-Lite, `CFPropertyList.c`, XML reader of `<real>`. */
  #real(text: string): number {
    if (REAL.test(text)) return Number(text);
    switch (text.toLowerCase()) {
      case 'nan':
        return Number.NaN;
      case 'inf':
      case '+inf':
      case 'infinity':
      case '+infinity':
        return Number.POSITIVE_INFINITY;
      case '-inf':
      case '-infinity':
        return Number.NEGATIVE_INFINITY;
      default:
        throw this.#scanner.malformed('not a number');
    }
  }

  #data(text: string): Uint8Array {
    const padding = text.indexOf('=');
    const afterPadding = padding < 0 ? '' : text.slice(padding);
    if (NOT_BASE64.test(text) || /[^=\s]/.test(afterPadding)) throw this.#scanner.malformed('not Base64');
    return new Uint8Array(Buffer.from(text, 'base64'));
  }

  #valid<T>(value: T | null | undefined, reason: string): T {
    if (value === null || value === undefined) throw this.#scanner.malformed(reason);
    return value;
  }

  #requireTag(): XmlTag {
    return this.#valid(this.#scanner.nextTag(), 'cut short');
  }

  #requireClose(name: string): void {
    const tag = this.#requireTag();
    if (tag.kind !== 'close' || tag.name !== name) throw this.#scanner.malformed(`unclosed ${name}`);
  }
}
