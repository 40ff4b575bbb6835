/** As restic shows ids, and as few as one may spell out. */
export const ID_CHARACTERS = 8;

/** An id, for people. */
export const shortID = (id: string): string => id.slice(0, ID_CHARACTERS);
