/** What a JPEG says about itself. */
export interface JpegFacts {
  readonly width: number;
  readonly height: number;
  /** Names of the segments in order: `e1`, `eb`, `db` … */
  readonly segments: readonly string[];
  readonly exif: Uint8Array | undefined;
}

/**
 * Walks over the markers of a JPEG, with no tolerance.
 * Source: ITU-T T.81, Annex B. Written from it alone, so that the writer's mistakes are not repeated.
 *
 * @throws Error for anything a strict decoder would stumble over
 */
export function readJpeg(bytes: Uint8Array): JpegFacts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) !== 0xffd8) throw new Error('No start mark');
  const segments: string[] = [];
  let [width, height] = [0, 0];
  let exif: Uint8Array | undefined;
  let at = 2;
  for (;;) {
    if (bytes[at] !== 0xff) throw new Error(`No marker at ${at}`);
    while (bytes[at + 1] === 0xff) at += 1;
    const code = bytes[at + 1] ?? 0;
    const length = view.getUint16(at + 2);
    if (length < 2 || at + 2 + length > bytes.length) throw new Error(`A segment of ${length} at ${at}`);
    segments.push(code.toString(16));
    const body = bytes.subarray(at + 4, at + 2 + length);
    if (code === 0xc0) [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
    if (code === 0xe1 && Buffer.from(body.subarray(0, 4)).toString() === 'Exif') exif = body.subarray(6);
    at += 2 + length;
    if (code === 0xda) break;
  }
  for (; bytes[at] !== 0xff || bytes[at + 1] === 0; at += 1) {
    if (at >= bytes.length) throw new Error('No end mark');
  }
  if (bytes[at + 1] !== 0xd9 || at + 2 !== bytes.length) throw new Error('The end mark is not at the end');
  return { width, height, segments, exif };
}

/** The value of one field of an Exif block, as text or number; `undefined` if it is not there. */
export function exifField(exif: Uint8Array, tag: number): string | number | undefined {
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  const directories = [view.getUint32(4)];
  for (const place of directories) {
    for (let index = 0; index < view.getUint16(place); index += 1) {
      const entry = place + 2 + index * 12;
      const [found, type, count] = [
        view.getUint16(entry),
        view.getUint16(entry + 2),
        view.getUint32(entry + 4),
      ];
      if (found === 0x8769 || found === 0x8825) directories.push(view.getUint32(entry + 8));
      if (found !== tag) continue;
      if (type === 3) return view.getUint16(entry + 8);
      if (type === 4) return view.getUint32(entry + 8);
      const value = count > 4 ? view.getUint32(entry + 8) : entry + 8;
      if (type === 2) return Buffer.from(exif.subarray(value, value + count - 1)).toString('latin1');
      if (type === 5) return view.getUint32(value) / view.getUint32(value + 4);
    }
  }
  return undefined;
}
