import { type InspectedFile, type Inspection, partOf } from './inspected-file.ts';

type Walk = (file: InspectedFile) => Promise<boolean>;

const JPEG_MAGIC = Buffer.from('ffd8ff', 'hex');
const PNG_MAGIC = Buffer.from('89504e470d0a1a0a', 'hex');

/** Segments or boxes that are looked at before we give up on a file that is made of nothing else. */
const STEPS_MAX = 10_000;

export function isImage(start: Uint8Array): boolean {
  return walkOf(start) !== undefined;
}

/** Has a picture or film all parts that its own headers announce? What is in them is not decoded. */
export async function inspectImage(file: InspectedFile, start: Uint8Array): Promise<Inspection> {
  const walk = walkOf(start);
  if (walk === undefined) return 'not-known';
  return (await walk(file)) ? 'sound' : 'image-cut-short';
}

function walkOf(start: Uint8Array): Walk | undefined {
  const bytes = Buffer.from(start);
  if (JPEG_MAGIC.equals(bytes.subarray(0, JPEG_MAGIC.length))) return walkJpeg;
  if (PNG_MAGIC.equals(bytes.subarray(0, PNG_MAGIC.length))) return walkPng;
  if (bytes.toString('latin1', 4, 8) === 'ftyp') return walkBoxes;
  return undefined;
}

const START_OF_SCAN = 0xda;
/** Frame headers, without the three markers among them that are none. Source: ITU-T T.81, table B.1. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** Up to the first scan: by then a frame must have been announced. */
async function walkJpeg(file: InspectedFile): Promise<boolean> {
  let hasFrame = false;
  for (let at = 2, steps = 0; steps < STEPS_MAX; steps += 1) {
    const head = await partOf(file, { start: at, end: at + 4 });
    if (head.length < 4 || head[0] !== 0xff) return false;
    const marker = head.readUInt8(1);
    const length = head.readUInt16BE(2);
    at += 2 + length;
    if (length < 2 || at > file.sizeBytes) return false;
    if (isFrame(marker)) hasFrame = true;
    if (marker === START_OF_SCAN) return hasFrame;
  }
  return false;
}

/** Chunk after chunk to the one that ends it. Source: RFC 2083 §3.2. */
async function walkPng(file: InspectedFile): Promise<boolean> {
  for (let at = PNG_MAGIC.length, steps = 0; steps < STEPS_MAX; steps += 1) {
    const head = await partOf(file, { start: at, end: at + 8 });
    if (head.length < 8) return false;
    at += 12 + head.readUInt32BE(0);
    if (at > file.sizeBytes) return false;
    if (head.toString('latin1', 4, 8) === 'IEND') return true;
  }
  return false;
}

/** Outer boxes, one after the other, must end where the file ends. Source: ISO/IEC 14496-12 §4.2. */
async function walkBoxes(file: InspectedFile): Promise<boolean> {
  for (let at = 0, steps = 0; steps < STEPS_MAX; steps += 1) {
    if (at === file.sizeBytes) return true;
    const head = await partOf(file, { start: at, end: at + 16 });
    if (head.length < 8) return false;
    const short = head.readUInt32BE(0);
    if (short === 0) return true; // It reaches to the end, wherever that is.
    if (short === 1 && head.length < 16) return false;
    const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
    if (length < 8) return false;
    at += length;
    if (at > file.sizeBytes) return false;
  }
  return false;
}
