import { type DeviceSettings, deviceSettings } from '@rootcellar/api';
import type { DevicesTable, Store } from './schema.ts';

/** What a phone told when it was last here. */
export interface ToldByDevice {
  readonly name: string;
  readonly modelName: string;
  readonly productType: string;
  readonly productVersion: string;
  readonly serialNumber: string | null;
  readonly color: string | null;
  readonly isSimulated: boolean;
}

export interface DeviceRecord {
  readonly udid: string;
  readonly ownerID: string | null;
  readonly told: ToldByDevice;
  readonly settings: DeviceSettings;
  readonly lastSeenAt: number;
  readonly automaticAt: number | null;
}

/** Of a phone whose owner has chosen nothing yet. */
export const DEFAULT_SETTINGS: DeviceSettings = {
  automatic: false,
  overdueAfterDays: 7,
  keepOn: 'this-computer',
  encryptedAs: 'sealed',
};

/** Phones that were seen here. */
export class DeviceRecords {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async all(): Promise<readonly DeviceRecord[]> {
    return (await this.#store.selectFrom('devices').selectAll().execute()).map(fromRow);
  }

  async seen(udid: string, told: ToldByDevice, now: Date): Promise<void> {
    const values = { told: JSON.stringify(told), last_seen_at: now.getTime() };
    await this.#store
      .insertInto('devices')
      .values({ udid, owner_id: null, settings: null, automatic_at: null, ...values })
      .onConflict((conflict) => conflict.column('udid').doUpdateSet(values))
      .execute();
  }

  /** @returns false if somebody owns it already */
  async claim(udid: string, ownerID: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#store
      .updateTable('devices')
      .set({ owner_id: ownerID })
      .where('udid', '=', udid)
      .where('owner_id', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  setSettings(udid: string, settings: DeviceSettings): Promise<void> {
    return this.#change(udid, { settings: JSON.stringify(settings) });
  }

  setAutomaticAt(udid: string, now: Date): Promise<void> {
    return this.#change(udid, { automatic_at: now.getTime() });
  }

  async #change(udid: string, values: Partial<Omit<DevicesTable, 'udid'>>): Promise<void> {
    await this.#store.updateTable('devices').set(values).where('udid', '=', udid).execute();
  }
}

function fromRow(row: DevicesTable): DeviceRecord {
  const settings = deviceSettings.safeParse(row.settings === null ? undefined : JSON.parse(row.settings));
  return {
    udid: row.udid,
    ownerID: row.owner_id,
    told: JSON.parse(row.told) as ToldByDevice,
    settings: settings.success ? settings.data : DEFAULT_SETTINGS,
    lastSeenAt: row.last_seen_at,
    automaticAt: row.automatic_at,
  };
}
