import { type MessageAttachment, messageDatabase } from './databases/messages.ts';
import { photoContent } from './made/photo.ts';
import { SCENE_BYTES_MAX } from './made/scenes.ts';
import { divideBytes, type Making } from './making.ts';

/** sms.db, and the pictures that were sent. */
export function placeMessages(
  making: Making,
  amounts: { readonly messages: number; readonly attachments: number; readonly attachmentBytes: number },
): void {
  const { place, random, people, now, system, seed } = making;
  const sizes = divideBytes(random, amounts.attachmentBytes, {
    count: amounts.attachments,
    least: SCENE_BYTES_MAX,
  });
  const attachments = sizes.map((sizeBytes, index): MessageAttachment => {
    const path = attachmentPath(index);
    const shape = random.pick(['square', 'wide'] as const);
    const picture = photoContent({ kind: 'photo', seed: `${seed}/sent/${index}`, shape, sizeBytes });
    place.file(`/var/mobile/${path}`, picture, 'shared');
    return { path, sizeBytes };
  });
  const database = messageDatabase({
    random,
    people,
    attachments,
    now,
    system,
    messages: amounts.messages,
  });
  place.file('/var/mobile/Library/SMS/sms.db', database, 'shared');
  place.folder('/var/mobile/Library/SMS/Drafts', 'home');
}

/** Two levels of folders, as on a phone: `Library/SMS/Attachments/3f/15/at_0_63/IMG_0063.jpeg`. */
export function attachmentPath(index: number): string {
  const outer = (index % 256).toString(16).padStart(2, '0');
  const inner = String(index % 16).padStart(2, '0');
  return `Library/SMS/Attachments/${outer}/${inner}/at_0_${index}/IMG_${String(index).padStart(4, '0')}.jpeg`;
}
