/**
 * A text without formatting as sms.db keeps it: an attributed string in Apple's typedstream.
 *
 * Source: backup-format specification, section 6.4 (header, class names, lengths); the layout of the
 * rest is that of published samples of `attributedBody`.
 */
export function encodeAttributedText(text: string): Uint8Array {
  const content = Buffer.from(text, 'utf8');
  return Buffer.concat([
    BEFORE_TEXT,
    streamInteger(content.length),
    content,
    BEFORE_LENGTH,
    streamInteger(text.length),
    AFTER_LENGTH,
  ]);
}

/** `streamtyped` of version 4, NSAttributedString, NSObject, NSString, and the mark of its bytes. */
const BEFORE_TEXT = Buffer.concat([
  Buffer.from('040b', 'hex'),
  Buffer.from('streamtyped', 'latin1'),
  Buffer.from('81e803840140848484', 'hex'),
  named('NSAttributedString'),
  Buffer.from('008484', 'hex'),
  named('NSObject'),
  Buffer.from('008592848484', 'hex'),
  named('NSString'),
  Buffer.from('019484012b', 'hex'),
]);

/** One run of attributes; its length in UTF-16 units follows. */
const BEFORE_LENGTH = Buffer.from('868402694901', 'hex');

/** The attributes of the run: part 0 of the message. */
const AFTER_LENGTH = Buffer.concat([
  Buffer.from('92848484', 'hex'),
  named('NSDictionary'),
  Buffer.from('00948401690192849696', 'hex'),
  named('__kIMMessagePartAttributeName'),
  Buffer.from('8692848484', 'hex'),
  named('NSNumber'),
  Buffer.from('008484', 'hex'),
  named('NSValue'),
  Buffer.from('009484012a84999900868686', 'hex'),
]);

function named(name: string): Buffer {
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name, 'latin1')]);
}

/** One byte, or 0x81 and two, or 0x82 and four; little-endian. */
function streamInteger(value: number): Buffer {
  if (value < 0x80) return Buffer.from([value]);
  if (value < 0x8000) return Buffer.from([0x81, value & 0xff, value >> 8]);
  const bytes = Buffer.alloc(5, 0x82);
  bytes.writeUInt32LE(value, 1);
  return bytes;
}
