import {
  DER_TAG,
  type DerNode,
  derBooleanOf,
  derError,
  derGeneralizedTimeOf,
  derIntegerOf,
  derOctetStringOf,
  derUtf8StringOf,
  parseDer,
} from '@rootcellar/codecs';

export type AttributeValue = string | bigint | boolean | Date | Uint8Array | null;

/** The attributes of a keychain item by their short names, `acct`, `svce` … */
export type ItemAttributes = ReadonlyMap<string, AttributeValue>;

/**
 * Reads the content of a keychain item: a SET of pairs of name and value. A value of a kind that we do not know is left
 * out.
 *
 * @throws `der.*`
 */
export function parseItemAttributes(bytes: Uint8Array): ItemAttributes {
  const set = parseDer(bytes);
  if (set.tagNumber !== DER_TAG.set || !set.constructed) throw derError('not-expected', { expected: 'set' });
  const attributes = new Map<string, AttributeValue>();
  for (const { tagNumber, children } of set.children) {
    const [name, value] = children;
    const isPair = tagNumber === DER_TAG.sequence && children.length === 2;
    if (!isPair || !name || !value) throw derError('not-expected', { expected: 'pair' });
    const read = readValue(value);
    if (read !== undefined) attributes.set(derUtf8StringOf(name), read);
  }
  return attributes;
}

function readValue(node: DerNode): AttributeValue | undefined {
  if (node.tagClass !== 'universal') return undefined;
  switch (node.tagNumber) {
    case DER_TAG.utf8String:
      return derUtf8StringOf(node);
    case DER_TAG.octetString:
      return derOctetStringOf(node);
    case DER_TAG.integer:
      return derIntegerOf(node);
    case DER_TAG.generalizedTime:
      return derGeneralizedTimeOf(node);
    case DER_TAG.boolean:
      return derBooleanOf(node);
    case DER_TAG.null:
      return null;
    default:
      return undefined;
  }
}
