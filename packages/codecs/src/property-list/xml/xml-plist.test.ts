import { KnownError } from '@rootcellar/core';
import { describe, expect, it } from 'vitest';
import { parsePropertyList } from '../parse-property-list.ts';
import { PlistReal, PlistUid, type PlistValue } from '../value.ts';
import { encodeXmlPlist } from './encode-xml-plist.ts';
import { parseXmlPlist } from './parse-xml-plist.ts';

describe('encodeXmlPlist', () => {
  it("writes as Apple's tools do", () => {
    const value = { b: [1, true, {}], a: '<&>', data: new Uint8Array([1, 2]), skipped: undefined };
    expect(Buffer.from(encodeXmlPlist(value)).toString()).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
\t<key>b</key>
\t<array>
\t\t<integer>1</integer>
\t\t<true/>
\t\t<dict/>
\t</array>
\t<key>a</key>
\t<string>&lt;&amp;&gt;</string>
\t<key>data</key>
\t<data>
\tAQI=
\t</data>
</dict>
</plist>
`);
  });

  it.each(['\u0000', 'bell \u0007', '\ud800', '\udc00 alone', '\ufffe'])(
    'refuses the text %j, which XML cannot hold',
    (text) => {
      expect(() => encodeXmlPlist([text])).toThrow(expect.objectContaining({ code: 'plist.text-not-xml' }));
      expect(() => encodeXmlPlist({ [text]: 1 })).toThrow(KnownError);
    },
  );

  it('refuses a value that contains itself', () => {
    const loop: Record<string, PlistValue> = {};
    loop['loop'] = loop;
    expect(() => encodeXmlPlist(loop)).toThrow(expect.objectContaining({ code: 'plist.too-deep' }));
  });
});

describe('parseXmlPlist', () => {
  it.each([
    ['<integer>0x737204ae2d5</integer>', 0x737204ae2d5],
    ['<integer>-0x10</integer>', -16],
    ['<integer>+7</integer>', 7],
    ['<integer> 18446744073709551615 </integer>', 2n ** 64n - 1n],
    ['<integer>9007199254740991</integer>', 2 ** 53 - 1],
    ['<integer>9007199254740992</integer>', 2n ** 53n],
    ['<real>2</real>', new PlistReal(2)],
    ['<real>nan</real>', new PlistReal(Number.NaN)],
    ['<real>-Inf</real>', new PlistReal(Number.NEGATIVE_INFINITY)],
    ['<real>1e3</real>', new PlistReal(1000)],
    ['<date>2011-11-30T09:31:00Z</date>', new Date('2011-11-30T09:31:00Z')],
    ['<data>\n\tAQI=\n\t</data>', new Uint8Array([1, 2])],
    ['<data/>', new Uint8Array(0)],
    ['<string/>', ''],
    ['<string>a<![CDATA[<b>&amp;]]>c</string>', 'a<b>&amp;c'],
    ['<string>a<!-- no <b> -->c</string>', 'ac'],
    ['<string>&lt;&#65;&#x1F34E;&#xD83C;&#xDF4E;&apos;&quot;</string>', '<A🍎🍎\'"'],
    ['<string> kept \n space </string>', ' kept \n space '],
    ['<dict><key>CF$UID</key><integer>7</integer></dict>', new PlistUid(7)],
    ['<true></true>', true],
    ['<array><dict/><array/><false/></array>', [Object.create(null), [], false]],
  ])('reads %s', (xml, value) => {
    expect(parse(xml)).toEqual(value);
  });

  it('reads a value without the plist element, after a byte order mark, comments and space', () => {
    expect(parse('\ufeff \n<!-- hello --><string>x</string>\n', 'bare')).toBe('x');
  });

  it('reads an empty key and a comment between entries', () => {
    const value = parse('<dict><!-- a --><key/><!-- b --><string>x</string></dict>');
    expect(value).toEqual(Object.assign(Object.create(null), { '': 'x' }));
  });

  it('reads UTF-16 with a byte order mark', () => {
    const text = '\ufeff<plist><string>ö</string></plist>';
    expect(parsePropertyList(Buffer.from(text, 'utf16le'))).toBe('ö');
    expect(parsePropertyList(Buffer.from(text, 'utf16le').swap16())).toBe('ö');
  });

  it('drops control characters that XML forbids and phones send', () => {
    expect(parse('<string>Ann\u0000\u001f\u0007\tx</string>')).toBe('Ann\tx');
  });

  it('keeps a key named __proto__ as a key like any other', () => {
    const value = parse('<dict><key>__proto__</key><dict><key>x</key><true/></dict></dict>');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
  });

  it.each([
    ['', 'plist.empty'],
    ['  \n', 'plist.empty'],
    ['<plist/>', 'plist.empty'],
    ['<plist></plist>', 'plist.empty'],
    ['<plist><string>a</string></dict>', 'plist.xml-malformed'],
    ['<plist><string>a</string>', 'plist.xml-malformed'],
    ['<string>a</string><string>b</string>', 'plist.xml-malformed'],
    ['<plist><dict><string>a</string></dict></plist>', 'plist.xml-malformed'],
    ['<plist><dict><key>a</key></dict></plist>', 'plist.xml-malformed'],
    ['<plist><what>a</what></plist>', 'plist.xml-malformed'],
    ['<string>a&b;</string>', 'plist.xml-malformed'],
    ['<string>a & b</string>', 'plist.xml-malformed'],
    ['<string>&#x110000;</string>', 'plist.xml-malformed'],
    ['<string><b/></string>', 'plist.xml-malformed'],
    ['<integer/>', 'plist.xml-malformed'],
    ['<integer>1.5</integer>', 'plist.xml-malformed'],
    ['<integer>12x</integer>', 'plist.xml-malformed'],
    [`<integer>${'9'.repeat(50)}</integer>`, 'plist.integer-too-large'],
    [`<integer>${'9'.repeat(1_000_000)}</integer>`, 'plist.xml-malformed'],
    ['<real>0x10</real>', 'plist.xml-malformed'],
    ['<date>2011-13-30T09:31:00Z</date>', 'plist.xml-malformed'],
    ['<data>A!==</data>', 'plist.xml-malformed'],
    ['<data>AQ==AQ==</data>', 'plist.xml-malformed'],
    ['not a list', 'plist.xml-malformed'],
    ['<!DOCTYPE plist [<!ENTITY a "b">]><string>&a;</string>', 'plist.doctype-unsupported'],
    ['<array>'.repeat(100_000), 'plist.too-deep'],
  ])('refuses case %#, with the right code', (xml, code) => {
    expect(() => parse(xml, 'bare')).toThrow(expect.objectContaining({ code }));
  });

  it('refuses more values and bytes than allowed', () => {
    const bytes = encodeXmlPlist([1, 2, 3]);
    expect(() => parseXmlPlist(bytes, { valuesMax: 3 })).toThrow(
      expect.objectContaining({ code: 'plist.too-many-values' }),
    );
    expect(() => parseXmlPlist(bytes, { bytesMax: 10 })).toThrow(
      expect.objectContaining({ code: 'plist.too-large' }),
    );
  });
});

function parse(xml: string, form: 'wrapped' | 'bare' = 'wrapped'): PlistValue {
  return parsePropertyList(Buffer.from(form === 'bare' ? xml : `<plist version="1.0">${xml}</plist>`));
}
