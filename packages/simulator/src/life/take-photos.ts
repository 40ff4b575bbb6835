import { addAsset, type LibraryAsset, openPhotoLibrary } from '../content/databases/photos.ts';
import { takePhoto, thumbnailContent, thumbnailPath } from '../content/place-photos.ts';
import { changeDatabase, type Day, lastRow, rewrite } from './day.ts';

const MEDIA = '/var/mobile/Media';
const LIBRARY = `${MEDIA}/PhotoData/Photos.sqlite`;

const PHOTO_BYTES_LEAST = 400_000;
const PHOTO_BYTES_SPREAD = 1_600_000;

/** A few new photos; now and then an old one is deleted for good, and another becomes a favourite. */
export async function takePhotos(day: Day): Promise<{ readonly taken: number; readonly deleted: number }> {
  const { files } = day.phone;
  const shots: LibraryAsset[] = [];
  const removed = await changeDatabase(day, LIBRARY, (db) => {
    const library = openPhotoLibrary(db);
    const { assetTable, albumTable, asset } = library.entities;
    const first = lastRow(db, assetTable, 'Z_PK') + 1;
    const count = 1 + day.random.below(6);
    for (let row = first; row < first + count; row += 1) shots.push(shoot(day, row));
    shots.forEach((shot, index) => {
      addAsset(library, first + index, shot);
    });
    db.exec(`UPDATE Z_PRIMARYKEY SET Z_MAX = ${first + count - 1} WHERE Z_NAME LIKE '%Asset%'`);
    const old = `FROM ${assetTable} WHERE Z_PK < ? ORDER BY Z_PK LIMIT 1 OFFSET ?`;
    const some = day.random.below(first);
    db.prepare(`UPDATE ${assetTable} SET ZFAVORITE = 1 - ZFAVORITE WHERE Z_PK = ?`).run(some);
    if (day.random.below(3) > 0) return undefined;
    const row = db.prepare(`SELECT Z_PK, ZDIRECTORY, ZFILENAME ${old}`).get(first, day.random.below(first));
    if (row === undefined) return undefined;
    const key = Number(row['Z_PK']);
    db.prepare(`DELETE FROM ${assetTable} WHERE Z_PK = ?`).run(key);
    db.prepare('DELETE FROM ZADDITIONALASSETATTRIBUTES WHERE ZASSET = ?').run(key);
    db.prepare(`DELETE FROM ${albumTable.name} WHERE Z_${asset}ASSETS = ?`).run(key);
    return { folder: String(row['ZDIRECTORY']), name: String(row['ZFILENAME']) };
  });
  if (removed !== undefined) {
    files.remove(`${MEDIA}/${removed.folder}/${removed.name}`);
    files.remove(thumbnailPath(removed).replace(/\/5005\.JPG$/, ''));
  }
  return { taken: shots.length, deleted: removed === undefined ? 0 : 1 };
}

/** Takes one photo, and puts it with its thumbnail on the disk. */
function shoot(day: Day, number: number): LibraryAsset {
  const seed = `shot/${day.at}/${number}`;
  const { content, asset } = takePhoto(day.random, {
    seed,
    number,
    takenAt: day.at - day.random.below(36_000),
    sizeBytes: PHOTO_BYTES_LEAST + day.random.below(PHOTO_BYTES_SPREAD),
  });
  rewrite(day, `${MEDIA}/${asset.folder}/${asset.name}`, content);
  rewrite(day, thumbnailPath(asset), thumbnailContent(`${seed}/thumbnail`));
  return asset;
}
