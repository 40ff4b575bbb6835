import {
  derGeneralizedTime,
  derInteger,
  derOctetString,
  derSequence,
  derSet,
  derUtf8String,
} from '@rootcellar/codecs';

/** What a keychain item says: `acct` is who, `svce` what for, `agrp` whose, `v_Data` the secret itself. */
export type ItemAttributes = Readonly<Record<string, string | number | Uint8Array | Date>>;

/** The readable form of an item: a set of pairs. Source: backup-format specification, section 5.7. */
export function encodeItemAttributes(attributes: ItemAttributes): Uint8Array {
  return derSet(
    ...Object.entries(attributes).map(([name, value]) =>
      derSequence(derUtf8String(name), encodeValue(value)),
    ),
  );
}

function encodeValue(value: ItemAttributes[string]): Uint8Array {
  if (typeof value === 'string') return derUtf8String(value);
  if (typeof value === 'number') return derInteger(value);
  return value instanceof Date ? derGeneralizedTime(value) : derOctetString(value);
}
