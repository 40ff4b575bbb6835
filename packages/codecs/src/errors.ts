import { defineErrors } from '@rootcellar/core';

/** For whatever reads bytes that an iPhone or a backup folder gave us. */
const TRY_AGAIN =
  'If an iPhone sent it, unplug it, connect it again and retry. If it is part of a backup, verify that backup.';

export const plistError = defineErrors('plist', {
  empty: {
    happened: 'A settings file or message is empty where a property list should be.',
    next: TRY_AGAIN,
  },
  'too-large': {
    happened: 'A property list is larger than we accept ({sizeBytes}; the limit is {bytesMax}).',
    next: TRY_AGAIN,
  },
  'too-deep': {
    happened: 'A property list contains itself or is nested deeper than {depthMax} levels.',
    next: TRY_AGAIN,
  },
  'too-many-values': {
    happened: 'A property list unfolds to more than {valuesMax} values.',
    next: TRY_AGAIN,
  },
  'too-much-text': {
    happened: 'The texts of a property list unfold to more than {textBytesMax} bytes.',
    next: TRY_AGAIN,
  },
  'version-unsupported': {
    happened: 'A property list is of a newer kind that we cannot read.',
    next: 'Look for a newer version of this program.',
  },
  'binary-malformed': {
    happened: 'A binary property list is damaged ({reason}).',
    next: TRY_AGAIN,
  },
  'xml-malformed': {
    happened: 'An XML property list is damaged ({reason}, at character {position}).',
    next: TRY_AGAIN,
  },
  'doctype-unsupported': {
    happened: 'An XML property list brings its own document type, which no iPhone does.',
    next: 'Do not trust where it came from. If it came from an iPhone, please report it.',
  },
  'integer-too-large': {
    happened: 'A number is too large for a property list.',
    next: 'This is a mistake in the program that made the number. Please report it.',
  },
  'text-not-xml': {
    happened: 'A text contains a character that XML cannot hold (code {characterCode}).',
    next: 'Remove the unusual character, for example from the name of the device, and try again.',
  },
});

export const keyedArchiveError = defineErrors('keyed-archive', {
  'not-an-archive': {
    happened: 'A record is not in the form that iPhones use ({missing}).',
    next: TRY_AGAIN,
  },
  'version-unsupported': {
    happened: 'A record is of a version that we cannot read.',
    next: 'Look for a newer version of this program.',
  },
  malformed: {
    happened: 'A record is damaged ({reason}).',
    next: TRY_AGAIN,
  },
  'contains-itself': {
    happened: 'A record is damaged: it contains itself.',
    next: TRY_AGAIN,
  },
  'too-deep': {
    happened: 'A record is nested deeper than {depthMax} levels.',
    next: TRY_AGAIN,
  },
});

export const derError = defineErrors('der', {
  malformed: {
    happened: 'A certificate or signed file is damaged ({reason}, at byte {position}).',
    next: TRY_AGAIN,
  },
  'too-deep': {
    happened: 'A certificate or signed file is nested deeper than {depthMax} levels.',
    next: TRY_AGAIN,
  },
  'too-many-values': {
    happened: 'A certificate or signed file has more than {valuesMax} parts.',
    next: TRY_AGAIN,
  },
  'not-expected': {
    happened: 'A certificate or signed file has another part than we expected ({expected}).',
    next: TRY_AGAIN,
  },
});
