import { type DatabaseAnswer, inspectDatabase, isDatabase } from './database.ts';
import { inspectImage, isImage } from './image.ts';
import { type InspectedFile, type Inspection, partOf } from './inspected-file.ts';
import { inspectPropertyList, isPropertyList } from './property-list.ts';

/** Enough to tell every kind. */
const START_BYTES = 32;

/** Looks into a file: databases, property lists, images, films. */
export async function inspect(file: InspectedFile): Promise<Inspection> {
  const start = await partOf(file, { start: 0, end: START_BYTES });
  if (isDatabase(start)) return DATABASE_MEANS[await inspectDatabase(file)];
  if (isPropertyList(start)) return inspectPropertyList(file);
  if (isImage(start)) return inspectImage(file, start);
  return 'not-known';
}

const DATABASE_MEANS: Readonly<Record<DatabaseAnswer, Inspection>> = {
  sound: 'sound',
  damaged: 'database-damaged',
  'cannot-tell': 'cannot-tell',
};
