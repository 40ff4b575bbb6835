import {
  encodeBinaryPlist,
  encodeXmlPlist,
  isBinaryPlist,
  type PlistDict,
  type PlistValue,
  parsePropertyList,
} from '@rootcellar/codecs';
import type { Random } from '@rootcellar/core';
import { EVIL_PROPERTY_LISTS, evilValue } from './evil-property-lists.ts';
import type { Framing } from './framing.ts';

type Messages = readonly Uint8Array[];

/** One way to spoil what one side says. Changes no message in place: they are used again. */
type Mutation = (messages: Messages, random: Random, framing: Framing) => Messages;

/** Most cases have one flaw: two hide each other. */
const FLAWS_MAX = 3;

/** Spoils a conversation. The same chance gives the same flaws. */
export function mutate(messages: Messages, random: Random, framing: Framing): Messages {
  const flaws = 1 + Math.floor(random.fraction() ** 3 * FLAWS_MAX);
  let spoiled = messages;
  for (let flaw = 0; flaw < flaws && spoiled.length > 0; flaw += 1) {
    spoiled = random.pick(MUTATIONS)(spoiled, random, framing);
  }
  return spoiled;
}

const LENGTHS = [0, 1, 3, 4, 5, 15, 16, 39, 40, 41, 255, 65_536, 2 ** 24, 2 ** 28, 2 ** 31, 2 ** 32 - 1];

const flipBits: Mutation = (messages, random) =>
  changeOne(messages, random, (message) => {
    const flips = 1 + random.below(8);
    for (let flip = 0; flip < flips; flip += 1) {
      const at = random.below(message.length);
      message[at] = (message[at] ?? 0) ^ (1 << random.below(8));
    }
    return message;
  });

const overwrite: Mutation = (messages, random) =>
  changeOne(messages, random, (message) => {
    const noise = random.bytes(1 + random.below(16));
    message.set(noise.subarray(0, message.length), random.below(Math.max(1, message.length - noise.length)));
    return message;
  });

const cutOff: Mutation = (messages, random) => {
  const at = random.below(messages.length);
  const last = messages[at] ?? new Uint8Array();
  return [...messages.slice(0, at), last.subarray(0, random.below(last.length + 1))];
};

const lieAboutLength: Mutation = (messages, random, framing) =>
  changeOne(messages, random, (message) => {
    if (message.length < framing.headerBytes) return message;
    const honest = framing.lengthOf(message.length);
    const lie = random.pick([...LENGTHS, honest - 1, honest + 1, honest * 2]);
    framing.setLength(message, random.below(framing.fields), Math.max(0, lie));
    return message;
  });

const spliceInto: Mutation = (messages, random) =>
  changeOne(messages, random, (message) => {
    const other = random.pick(messages);
    const from = random.below(other.length + 1);
    const piece = other.subarray(from, from + 1 + random.below(64));
    const at = random.below(message.length + 1);
    return Buffer.concat([message.subarray(0, at), piece, message.subarray(at + random.below(64))]);
  });

const drop: Mutation = (messages, random) => {
  const at = random.below(messages.length);
  return messages.toSpliced(at, 1 + random.below(2));
};

const repeat: Mutation = (messages, random) => {
  const copies = Array.from({ length: 1 + random.below(4) }, () => random.pick(messages));
  return messages.toSpliced(random.below(messages.length + 1), 0, ...copies);
};

const swap: Mutation = (messages, random) => {
  const swapped = [...messages];
  const [one, other] = [random.below(swapped.length), random.below(swapped.length)];
  [swapped[one], swapped[other]] = [swapped[other] ?? new Uint8Array(), swapped[one] ?? new Uint8Array()];
  return swapped;
};

const evilContent: Mutation = (messages, random, framing) =>
  changeOne(messages, random, (message) => framed(message, random.pick(EVIL_PROPERTY_LISTS), framing));

/** Another value, key or nothing in one place of a property list, with lengths that are right. */
const changeValue: Mutation = (messages, random, framing) =>
  changeOne(messages, random, (message) => {
    const content = message.subarray(framing.headerBytes);
    try {
      const value = changed(parsePropertyList(content), random);
      return framed(
        message,
        isBinaryPlist(content) ? encodeBinaryPlist(value) : encodeXmlPlist(value),
        framing,
      );
    } catch {
      return message; // No property list, or a value that its form has no word for.
    }
  });

/** What knows the form of messages comes deeper, and so comes more often. */
const MUTATIONS: readonly Mutation[] = [
  flipBits,
  overwrite,
  cutOff,
  lieAboutLength,
  lieAboutLength,
  spliceInto,
  drop,
  repeat,
  swap,
  evilContent,
  changeValue,
  changeValue,
  changeValue,
  changeValue,
  changeValue,
];

function changeOne(messages: Messages, random: Random, change: (copy: Buffer) => Uint8Array): Messages {
  const at = random.below(messages.length);
  const message = messages[at];
  if (message === undefined || message.length === 0) return messages;
  return messages.with(at, change(Buffer.from(message)));
}

function framed(message: Buffer, content: Uint8Array, framing: Framing): Uint8Array {
  const whole = Buffer.concat([message.subarray(0, framing.headerBytes), content]);
  if (whole.length < framing.headerBytes) return whole;
  for (let field = 0; field < framing.fields; field += 1) {
    framing.setLength(whole, field, framing.lengthOf(whole.length));
  }
  return whole;
}

/** Goes down by chance, and changes something where it stops. */
function changed(value: PlistValue, random: Random): PlistValue {
  const stopsHere = random.below(4) === 0;
  if (Array.isArray(value) && value.length > 0 && !stopsHere) {
    const at = random.below(value.length);
    return value.with(at, changed(value[at], random));
  }
  if (isDict(value) && !stopsHere) return changedDict(value, random);
  return evilValue(random);
}

function changedDict(dict: PlistDict, random: Random): PlistDict {
  const entries = Object.entries(dict);
  if (entries.length === 0)
    return { [random.pick(['', '__proto__', 'Error', 'ErrorCode'])]: evilValue(random) };
  const at = random.below(entries.length);
  const [key, value] = entries[at] ?? ['', undefined];
  const kind = random.below(8);
  if (kind === 0) return Object.fromEntries(entries.toSpliced(at, 1));
  if (kind === 1) return Object.fromEntries(entries.with(at, [String(evilValue(random)), value]));
  return Object.fromEntries(entries.with(at, [key, value === undefined ? value : changed(value, random)]));
}

function isDict(value: PlistValue): value is PlistDict {
  return typeof value === 'object' && Object.getPrototypeOf(value) === null;
}
