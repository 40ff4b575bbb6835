/**
 * How many there are of what has an ordinary plural.
 *
 * @example
 * countWords(1, 'file'); // '1 file'
 * countWords(2, 'file'); // '2 files'
 */
export function countWords(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
