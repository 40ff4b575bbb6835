import { backupError } from '../errors.ts';

/** Rows read at a time: about 1.5 MB. */
export const ROWS_AT_A_TIME = 1000;

/** Some of the rows of a list of files, which come in the order of their fileID. */
export interface FileIDRange {
  /** Only those whose fileID comes after this text. */
  readonly afterFileID?: string;
  /** Only those whose fileID is this text or comes before it. */
  readonly throughFileID?: string;
}

/**
 * One page after the other: of many rows, all at once would fill the memory.
 *
 * @param page the first `ROWS_AT_A_TIME` rows
 * @throws `backup.manifest-damaged`
 */
export function* inPages<Row extends { readonly fileID?: unknown }, Query extends FileIDRange>(
  query: Query,
  page: (rest: Query) => readonly Row[],
): Generator<Row, void> {
  let afterFileID = query.afterFileID ?? '';
  for (;;) {
    const rows = page({ ...query, afterFileID });
    yield* rows;
    if (rows.length < ROWS_AT_A_TIME) return;
    const last = String(rows.at(-1)?.fileID);
    // An index in a wrong order could lead round in a circle.
    if (last <= afterFileID) throw backupError('manifest-damaged', { reason: 'order' });
    afterFileID = last;
  }
}
