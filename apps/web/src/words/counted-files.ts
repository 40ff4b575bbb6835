/** "1 file", "61,204 files": the number as `Format.count` writes it. */
export function countedFiles(count: string): string {
  return count === '1' ? '1 file' : `${count} files`;
}

/** "1 Datei", "61.204 Dateien". */
export function gezaehlteDateien(count: string): string {
  return count === '1' ? '1 Datei' : `${count} Dateien`;
}
