/** What the list of files is narrowed to; as the hub takes it. */
export interface FileFilter {
  readonly domain?: string;
  readonly app?: string;
  readonly like?: string;
  readonly kind?: 'file' | 'folder' | 'link';
}

/** The part that is shown as pictures. */
export const PHOTOS = 'photos';

/** Where the camera puts them. Source: backup-format, section 4 (domains). */
export const PHOTO_FILTER: FileFilter = { like: 'CameraRollDomain/Media/DCIM/**', kind: 'file' };

/**
 * A pattern for what people type: a part of a name, in capitals or not. What is a pattern already stays one.
 *
 * @example
 * patternFor('img'); // "*[iI][mM][gG]*"
 */
export function patternFor(search: string): string {
  if (/[*?[{/]/.test(search)) return search;
  const letters = [...search].map((letter) => {
    const [lower, upper] = [letter.toLowerCase(), letter.toUpperCase()];
    return lower === upper || lower.length > 1 || upper.length > 1
      ? letter.replace(/[\\\]}]/g, '?')
      : `[${lower}${upper}]`;
  });
  return `*${letters.join('')}*`;
}
