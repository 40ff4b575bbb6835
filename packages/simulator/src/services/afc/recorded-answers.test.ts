import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { afcPacket, STATUS, statusAnswer, textsAnswer } from './afc-packet.ts';

/** What a real phone answered. */
const recorded = (name: string): Buffer =>
  readFileSync(join(import.meta.dirname, '../../../../../tests/fixtures/appium-ios-device', `${name}.bin`));

test('success is said as a phone says it, byte by byte', () => {
  expect(afcPacket(statusAnswer(STATUS.success), 0n)).toEqual(new Uint8Array(recorded('afcsuccessresponse')));
});

test.each(['afclistdirresponse', 'afcfileinforesponse'])(
  'texts are listed as a phone lists them: %s',
  (name) => {
    const answer = recorded(name);
    const texts = answer.subarray(40).toString('utf8').split('\0').slice(0, -1);
    expect(afcPacket(textsAnswer(texts), 0n)).toEqual(new Uint8Array(answer));
  },
);
