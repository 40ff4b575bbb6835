import type { DatabaseSync } from 'node:sqlite';
import { exifDate } from '../made/exif.ts';
import { COCOA_EPOCH, sqliteFile } from '../sqlite-file.ts';
import { PHOTO_TABLES, type PhotoEntities, photoEntities } from './schemas.ts';
import { columnsOf, createTables, type Insert, inserter } from './versioned-tables.ts';

/** One photo, film or screenshot in the library. */
export interface LibraryAsset {
  /** `DCIM/100APPLE` */
  readonly folder: string;
  readonly name: string;
  /** Unix seconds. */
  readonly takenAt: number;
  readonly sizeBytes: number;
  readonly width: number;
  readonly height: number;
  readonly kind: 'photo' | 'film' | 'screenshot';
  readonly seconds?: number;
  readonly orientation?: number;
  readonly place?: { readonly latitude: number; readonly longitude: number } | undefined;
}

const TYPES = { photo: 'public.jpeg', film: 'com.apple.quicktime-movie', screenshot: 'public.png' } as const;

/** Photos.sqlite with an album that holds every third. Source: backup-format specification, 6.8. */
export function photoDatabase(assets: readonly LibraryAsset[], system: number): Uint8Array {
  return sqliteFile((db) => {
    const entities = photoEntities(system);
    const insert = createTables(db, [...PHOTO_TABLES, entities.albumTable], system);
    const entity = (number: number, name: string, last: number): void =>
      void insert('Z_PRIMARYKEY', { Z_ENT: number, Z_NAME: name, Z_SUPER: 0, Z_MAX: last });
    entity(1, 'AdditionalAssetAttributes', assets.length);
    entity(entities.asset, system < 14 ? 'GenericAsset' : 'Asset', assets.length);
    entity(entities.album, 'GenericAlbum', 1);
    insert('ZGENERICALBUM', {
      Z_PK: 1,
      Z_ENT: entities.album,
      Z_OPT: 1,
      ZKIND: 2,
      ZTRASHEDSTATE: 0,
      ZTITLE: 'Sommer am See',
      ZUUID: '0F0E0D0C-0000-4000-8000-000000000001',
    });
    assets.forEach((asset, index) => {
      addAsset({ insert, entities }, index + 1, asset);
    });
  });
}

export interface PhotoLibrary {
  readonly insert: Insert;
  readonly entities: PhotoEntities;
}

/** A library that is there: which system made it is told by its tables. */
export function openPhotoLibrary(db: DatabaseSync): PhotoLibrary {
  const systems = [26, 18, 17.06, 16, 15, 14, 13, 12];
  const made = systems.find((system) => columnsOf(db, photoEntities(system).albumTable.name).size > 0) ?? 26;
  const entities = photoEntities(made === 14 && columnsOf(db, 'ZASSET').size === 0 ? 13 : made);
  return { insert: inserter(db, [...PHOTO_TABLES, entities.albumTable]), entities };
}

export function addAsset({ insert, entities }: PhotoLibrary, row: number, asset: LibraryAsset): void {
  const date = asset.takenAt - COCOA_EPOCH;
  insert(entities.assetTable, {
    Z_PK: row,
    Z_ENT: entities.asset,
    Z_OPT: 1,
    ZADDITIONALATTRIBUTES: row,
    ZFAVORITE: row % 7 === 0 ? 1 : 0,
    ZHEIGHT: asset.height,
    ZHIDDEN: 0,
    ZKIND: asset.kind === 'film' ? 1 : 0,
    ZKINDSUBTYPE: asset.kind === 'screenshot' ? 10 : 0,
    ZORIENTATION: asset.orientation ?? 1,
    ZSAVEDASSETTYPE: 3,
    ZTRASHEDSTATE: 0,
    ZVISIBILITYSTATE: 0,
    ZWIDTH: asset.width,
    ZADDEDDATE: date,
    ZDATECREATED: date,
    ZDURATION: asset.seconds ?? 0,
    ZLATITUDE: asset.place?.latitude ?? -180,
    ZLONGITUDE: asset.place?.longitude ?? -180,
    ZMODIFICATIONDATE: date,
    ZDIRECTORY: asset.folder,
    ZFILENAME: asset.name,
    ZUNIFORMTYPEIDENTIFIER: TYPES[asset.kind],
    ZUUID: `0F0E0D0C-0000-4000-8001-${String(row).padStart(12, '0')}`,
  });
  insert('ZADDITIONALASSETATTRIBUTES', {
    Z_PK: row,
    Z_ENT: 1,
    Z_OPT: 1,
    ZASSET: row,
    ZORIGINALFILESIZE: asset.sizeBytes,
    ZTIMEZONEOFFSET: 0,
    ZCREATORBUNDLEID: 'com.apple.camera',
    ZEXIFTIMESTAMPSTRING: exifDate(asset.takenAt),
    ZORIGINALFILENAME: asset.name,
    ZTIMEZONENAME: 'GMT',
  });
  const { album, asset: number, albumTable } = entities;
  if (row % 3 === 0) insert(albumTable.name, { [`Z_${album}ALBUMS`]: 1, [`Z_${number}ASSETS`]: row });
}
