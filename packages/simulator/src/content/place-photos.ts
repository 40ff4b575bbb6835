import { type Random, seededRandom } from '@rootcellar/core';
import { bytesContent } from '../file-system/file-content.ts';
import type { FileContent, NodeAttributes } from '../file-system/phone-file-system.ts';
import { type LibraryAsset, photoDatabase } from './databases/photos.ts';
import { FILM_BYTES_MIN, filmContent, filmSeconds } from './made/film.ts';
import { photoContent, shotFacts } from './made/photo.ts';
import { SCENE_BYTES_MAX, SHAPES, type Shape } from './made/scenes.ts';
import { divideBytes, type Making } from './making.ts';
import { paintLandscape } from './picture.ts';
import { encodePng } from './png.ts';

const MEDIA = '/var/mobile/Media';

/** A folder of the camera holds this many; then the next one begins. */
const SHOTS_PER_FOLDER = 1000;

/** Somebody photographs for this long. */
const LIBRARY_SECONDS = 700 * 86_400;

const SCREEN = { width: 234, height: 507 } as const;

export interface PhotoAmounts {
  readonly photos: number;
  readonly photoBytes: number;
  readonly films: number;
  readonly filmBytes: number;
  readonly screenshots: number;
}

interface Shot {
  readonly content: FileContent;
  readonly asset: LibraryAsset;
}

/** The camera roll with its thumbnails, and Photos.sqlite that lists it. */
export function placePhotos(making: Making, amounts: PhotoAmounts): void {
  const shots = inventShots(making, amounts);
  for (const [index, { content, asset }] of shots.entries()) {
    const times = timesOf(asset);
    making.place.file(`${MEDIA}/${asset.folder}/${asset.name}`, content, 'app', times);
    const thumbnail = thumbnailContent(`${making.seed}/thumbnail/${index}`);
    making.place.file(thumbnailPath(asset), thumbnail, 'app', times);
  }
  const database = photoDatabase(
    shots.map(({ asset }) => asset),
    making.system,
  );
  making.place.file(`${MEDIA}/PhotoData/Photos.sqlite`, database, 'app');
}

export function timesOf({ takenAt }: LibraryAsset): NodeAttributes {
  return { bornAt: takenAt, modifiedAt: takenAt, changedAt: takenAt };
}

export function thumbnailPath({ folder, name }: Pick<LibraryAsset, 'folder' | 'name'>): string {
  return `${MEDIA}/PhotoData/Thumbnails/V2/${folder}/${name}/5005.JPG`;
}

export function thumbnailContent(seed: string): FileContent {
  const sizeBytes = 5000 + seededRandom(seed).below(4000);
  return photoContent({ kind: 'photo', seed, shape: 'thumbnail', sizeBytes });
}

/** A photo as the camera of this phone takes it. */
export function takePhoto(
  random: Random,
  shot: {
    readonly seed: string;
    readonly number: number;
    readonly takenAt: number;
    readonly sizeBytes: number;
  },
): Shot {
  const { seed, takenAt, sizeBytes } = shot;
  const shape: Shape = random.pick(['wide', 'wide', 'wide', 'wide', 'wide', 'square', 'panorama']);
  const { width, height } = SHAPES[shape];
  const { orientation, place } = shotFacts(seed, shape, takenAt);
  return {
    content: photoContent({ kind: 'photo', seed, shape, sizeBytes, takenAt }),
    asset: {
      ...named(shot.number, 'JPG'),
      takenAt,
      sizeBytes,
      width,
      height,
      kind: 'photo',
      orientation,
      place,
    },
  };
}

export function named(number: number, extension: string): Pick<LibraryAsset, 'folder' | 'name'> {
  const folder = `DCIM/${100 + Math.floor((number - 1) / SHOTS_PER_FOLDER)}APPLE`;
  return { folder, name: `IMG_${String(number).padStart(4, '0')}.${extension}` };
}

/** Oldest first; films and screenshots are spread among the photos. */
function inventShots(making: Making, amounts: PhotoAmounts): readonly Shot[] {
  const { random, seed, now } = making;
  const { photos, films, screenshots } = amounts;
  const photoSizes = divideBytes(random, amounts.photoBytes, { count: photos, least: SCENE_BYTES_MAX });
  const filmSizes = divideBytes(random, amounts.filmBytes, { count: films, least: FILM_BYTES_MIN });
  const count = photos + films + screenshots;
  const left = { photo: [...photoSizes], film: [...filmSizes], screenshots };
  return Array.from({ length: count }, (_, index): Shot => {
    const number = index + 1;
    const takenAt =
      Math.floor(now.getTime() / 1000) - 60 - Math.floor((LIBRARY_SECONDS / count) * (count - number));
    const shotSeed = `${seed}/shot/${number}`;
    const rest = count - index;
    const dice = random.below(rest);
    if (dice < left.film.length)
      return takeFilm({ seed: shotSeed, number, takenAt, sizeBytes: left.film.pop() ?? 0 });
    if (dice < left.film.length + left.screenshots) {
      left.screenshots -= 1;
      return takeScreenshot(shotSeed, number, takenAt);
    }
    return takePhoto(random, { seed: shotSeed, number, takenAt, sizeBytes: left.photo.pop() ?? 0 });
  });
}

function takeFilm(shot: {
  readonly seed: string;
  readonly number: number;
  readonly takenAt: number;
  readonly sizeBytes: number;
}): Shot {
  const { seed, takenAt, sizeBytes, number } = shot;
  const { width, height } = SHAPES.film;
  const recipe = { kind: 'film', seed, sizeBytes, takenAt } as const;
  const seconds = filmSeconds(recipe);
  return {
    content: filmContent(recipe),
    asset: { ...named(number, 'MOV'), takenAt, sizeBytes, width, height, kind: 'film', seconds },
  };
}

const screens = new Map<number, Uint8Array>();

/** One of a few pictures of a screen. */
function takeScreenshot(seed: string, number: number, takenAt: number): Shot {
  const design = seededRandom(seed).below(6);
  const png =
    screens.get(design) ??
    encodePng(paintLandscape(seededRandom(`screen/${design}`), SCREEN.width, SCREEN.height));
  screens.set(design, png);
  return {
    content: bytesContent(png),
    asset: { ...named(number, 'PNG'), takenAt, sizeBytes: png.length, ...SCREEN, kind: 'screenshot' },
  };
}
