import type { Random } from '@rootcellar/core';
import { cocoaSeconds, inventUuid, sqliteFile } from '../sqlite-file.ts';

/** Kinds of samples. Source: backup-format specification, section 6.10 (7 and 8 from memory there). */
const DATA_TYPE = { heartRate: 5, steps: 7, distance: 8 } as const;

const HOUR_SECONDS = 3600;

interface HealthOptions {
  readonly random: Random;
  readonly now: Date;
  readonly samples: number;
}

/** healthdb_secure.sqlite: what was measured, an hour apart. Source: backup-format specification, 6.10. */
export function healthDatabase({ random, now, samples }: HealthOptions): Uint8Array {
  return sqliteFile((db) => {
    db.exec(`
      CREATE TABLE objects (data_id INTEGER PRIMARY KEY AUTOINCREMENT, uuid BLOB UNIQUE, provenance INTEGER, type INTEGER, creation_date REAL);
      CREATE TABLE data_provenances (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, source_id INTEGER, device_id INTEGER, origin_product_type TEXT, tz_name TEXT);
      CREATE TABLE samples (data_id INTEGER PRIMARY KEY, start_date REAL, end_date REAL, data_type INTEGER);
      CREATE TABLE quantity_samples (data_id INTEGER PRIMARY KEY, quantity REAL, original_quantity REAL, original_unit INTEGER);
      INSERT INTO data_provenances VALUES (1, 1, 1, 'iPhone15,2', 'Europe/Berlin')`);
    const object = db.prepare('INSERT INTO objects VALUES (?, ?, 1, 1, ?)');
    const sample = db.prepare('INSERT INTO samples VALUES (?, ?, ?, ?)');
    const quantity = db.prepare('INSERT INTO quantity_samples VALUES (?, ?, NULL, NULL)');
    for (let id = 1; id <= samples; id += 1) {
      const start = cocoaSeconds(now) - (samples + 1 - id) * HOUR_SECONDS;
      const { type, value } = measured(random);
      object.run(id, Buffer.from(inventUuid(random).replaceAll('-', ''), 'hex'), start);
      sample.run(id, start, start + 60 + random.below(HOUR_SECONDS - 60), type);
      quantity.run(id, value);
    }
  });
}

/** healthdb.sqlite: who measured it. */
export function healthSourceDatabase(deviceName: string): Uint8Array {
  return sqliteFile((db) => {
    db.exec(`
      CREATE TABLE sources (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, bundle_id TEXT, name TEXT, product_type TEXT);
      CREATE TABLE source_devices (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, manufacturer TEXT, model TEXT)`);
    db.prepare("INSERT INTO sources VALUES (1, 'com.apple.health', ?, 'iPhone15,2')").run(deviceName);
    db.prepare("INSERT INTO source_devices VALUES (1, ?, 'Apple Inc.', 'iPhone')").run(deviceName);
  });
}

function measured(random: Random): { readonly type: number; readonly value: number } {
  const type = random.pick(Object.values(DATA_TYPE));
  if (type === DATA_TYPE.heartRate) return { type, value: (52 + random.below(90)) / 60 };
  return { type, value: type === DATA_TYPE.steps ? random.below(2400) : random.fraction() * 1.9 };
}
