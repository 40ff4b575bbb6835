import type { Random } from '@rootcellar/core';
import type { InstalledApp } from '../../phone/phone.ts';
import { sqliteFile } from '../sqlite-file.ts';
import { PRIVACY_TABLES } from './schemas.ts';
import { createTables } from './versioned-tables.ts';

const SERVICES = [
  'kTCCServicePhotos',
  'kTCCServiceCamera',
  'kTCCServiceAddressBook',
  'kTCCServiceMicrophone',
];

/** TCC.db: which apps may use the camera and the like. */
export function privacyDatabase(
  random: Random,
  apps: readonly InstalledApp[],
  when: { readonly now: Date; readonly system: number },
): Uint8Array {
  return sqliteFile((db) => {
    const insert = createTables(db, PRIVACY_TABLES, when.system);
    for (const { bundleID } of apps) {
      for (const service of SERVICES) {
        if (random.below(3) > 0) continue;
        const allowed = random.below(2);
        insert('access', {
          service,
          client: bundleID,
          client_type: 0,
          allowed,
          prompt_count: 1,
          auth_value: allowed * 2,
          auth_reason: 2,
          auth_version: 1,
          last_modified: Math.floor(when.now.getTime() / 1000) - random.below(10_000_000),
        });
      }
    }
  });
}
