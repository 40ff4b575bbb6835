import type { FileContent, Recipe } from '../../file-system/phone-file-system.ts';
import { filmContent } from './film.ts';
import { noiseStretch } from './noise.ts';
import { photoContent } from './photo.ts';
import { SHAPES, type Shape } from './scenes.ts';
import { madeContent } from './stretch.ts';
import { wordsStretch } from './words.ts';

/** Bytes that nothing compresses. */
export function noiseContent(seed: string, sizeBytes: number): FileContent {
  return madeContent({ kind: 'noise', seed, sizeBytes }, sizeBytes, () => [noiseStretch(seed, sizeBytes)]);
}

/** Text that compresses well. */
export function wordsContent(seed: string, sizeBytes: number): FileContent {
  return madeContent({ kind: 'words', seed, sizeBytes }, sizeBytes, () => [wordsStretch(seed, sizeBytes)]);
}

/**
 * Content as a saved phone remembers it. The same recipe gives the same bytes in every run.
 *
 * @throws RangeError for what no version of this program has saved
 */
export function contentFromRecipe(recipe: Recipe): FileContent {
  const { kind, shape, takenAt } = recipe;
  const seed = String(recipe['seed']);
  const sizeBytes = Number(recipe['sizeBytes']);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw new RangeError('A recipe without size');
  if (kind === 'noise') return noiseContent(seed, sizeBytes);
  if (kind === 'words') return wordsContent(seed, sizeBytes);
  if (kind === 'film') return filmContent({ kind, seed, sizeBytes, takenAt: Number(takenAt) });
  if (kind === 'photo' && isShape(shape)) {
    return photoContent({
      kind,
      seed,
      shape,
      sizeBytes,
      ...(takenAt === undefined ? {} : { takenAt: Number(takenAt) }),
    });
  }
  throw new RangeError('A recipe of unknown kind');
}

function isShape(shape: unknown): shape is Shape {
  return typeof shape === 'string' && Object.hasOwn(SHAPES, shape);
}
