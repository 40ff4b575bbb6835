import { randomUUID } from 'node:crypto';
import { asData, asDict, parsePropertyList } from '@rootcellar/codecs';
import { seededRandom } from '@rootcellar/core';
import {
  diagnoseConnection,
  recordConversation,
  traceWriter,
  usbmuxOfThisComputer,
} from '@rootcellar/operations';
import { expect, test } from 'vitest';
import { openStage, pairStage, type Stage } from '../stage.ts';

/** Every way in which a text or bytes could hide in a file of text. */
function disguises(secret: Uint8Array): readonly string[] {
  const bytes = Buffer.from(secret);
  const wide = Buffer.from(bytes.toString('utf8'), 'utf16le');
  return [bytes, wide, Buffer.from(wide).swap16()].flatMap((form) => [
    form.toString('utf8'),
    form.toString('latin1'),
    form.toString('hex'),
    form.toString('hex').toUpperCase(),
    // What stands before it shifts the letters of base64: only its middle is the same each time.
    ...[0, 1, 2].map((shift) =>
      Buffer.concat([Buffer.alloc(shift), form])
        .toString('base64')
        .replace(/=+$/, '')
        .slice(4, -4),
    ),
  ]);
}

/** What could name somebody, in all of its places on the phone and on this computer. */
async function plantSecrets(stage: Stage, seed: string): Promise<readonly Uint8Array[]> {
  const { phone, usbmux, udid } = stage;
  const random = seededRandom(seed);
  const word = () => Buffer.from(random.bytes(9)).toString('base64url');
  const texts = {
    DeviceName: `iPhone of ${word()}`,
    PhoneNumber: `+49 151 ${random.below(90_000_000) + 10_000_000}`,
    InternationalMobileEquipmentIdentity: `35${random.below(9e12) + 1e12}`,
    TimeZone: `/var/mobile/${word()}/${word()}.txt`,
    BuildVersion: word(),
    [word()]: word(),
  };
  for (const [key, value] of Object.entries(texts)) phone.values.set('', key, value);
  phone.values.set('com.apple.mobile.iTunes', word(), Buffer.from(word()));
  const { identity } = phone;
  const record = asDict(parsePropertyList((await usbmux.readPairRecord(udid)) ?? new Uint8Array()));
  const keys = ['HostPrivateKey', 'EscrowBag', 'DeviceCertificate'].map((key) => asData(record?.[key]));
  const fixed = [udid, udid.slice(9), identity.serialNumber, identity.wifiAddress, `${identity.ecid}`];
  return [
    ...[...Object.values(texts), ...fixed, String(record?.['HostID']), String(record?.['SystemBUID'])].map(
      (text) => Buffer.from(text),
    ),
    ...keys.map((bytes) => (bytes ?? Buffer.from(randomUUID())).subarray(0, 2000)),
  ];
}

test.each(['anna', 'otto', 'zoë'])('a trace of the phone of %s names nobody', async (seed) => {
  const stage = await openStage({ seed, profile: 'empty' });
  try {
    await pairStage(stage);
    const secrets = await plantSecrets(stage, seed);
    let trace = '';
    const writer = traceWriter((line) => {
      trace += line;
    });
    const usbmux = usbmuxOfThisComputer(stage.simulator.tcp, writer.witness);
    await diagnoseConnection({ usbmux, dataFolder: stage.folder });
    expect(await recordConversation({ usbmux, trace: writer })).toBe('done');
    expect(trace).toContain('DeviceName');
    expect(trace.split('\n').length).toBeGreaterThan(50);
    const found = secrets.filter((secret) =>
      disguises(secret).some((form) => form.length > 5 && trace.includes(form)),
    );
    expect(found.map((secret) => Buffer.from(secret).toString())).toEqual([]);
  } finally {
    await stage.close();
  }
});
