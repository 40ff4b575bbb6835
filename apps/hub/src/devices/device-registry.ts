import type { Device as ApiDevice, DeviceSettings } from '@rootcellar/api';
import type { Clock } from '@rootcellar/core';
import { type Device, type DeviceDetails, describeDevice, watchDevices } from '@rootcellar/operations';
import { hubError } from '../errors.ts';
import { DEFAULT_SETTINGS, DeviceRecords, type ToldByDevice } from '../store/device-records.ts';
import type { Store } from '../store/schema.ts';
import type { DeviceSource } from './device-source.ts';

/** Battery and free space change by themselves. */
const LOOK_AGAIN_MS = 60_000;

/** A phone that has just restarted does not answer yet. */
const UNANSWERED_AGAIN_MS = 2_000;

/** Whoever has just left the Hello screens wants to go on. */
const HELLO_AGAIN_MS = 10_000;

/** A phone that is here or was here. */
export interface KnownDevice {
  readonly udid: string;
  readonly ownerID: string | null;
  readonly told: ToldByDevice;
  readonly settings: DeviceSettings;
  readonly lastSeenAt: number;
  readonly automaticAt: number | null;
  /** While it is connected. */
  readonly present: Present | undefined;
  /** Its owner said no when it last asked. */
  readonly isDenied: boolean;
}

interface Present {
  readonly source: DeviceSource;
  readonly device: Device;
  /** `undefined` until it has been asked. */
  readonly details: DeviceDetails | undefined;
}

/** How encrypted backups of a phone are kept. The command line chooses too, so it is asked each time. */
export interface KeptChoices {
  of(udid: string): Promise<DeviceSettings['encryptedAs']>;
  choose(udid: string, kept: DeviceSettings['encryptedAs']): Promise<void>;
}

/** All phones: who is connected, what they tell, whose they are. The rest of the hub asks here, and changes here. */
export class DeviceRegistry {
  readonly #records: DeviceRecords;
  readonly #clock: Clock;
  readonly #known = new Map<string, KnownDevice>();
  readonly #stop = new AbortController();
  readonly #work: Promise<void>[] = [];
  readonly #asking = new Map<string, Promise<void>>();
  readonly #onChange: (udid: string) => void;
  readonly #onAttached: (udid: string) => void;
  readonly #kept: KeptChoices;

  /**
   * @param listeners.onChange whatever is shown of a phone may be different now
   * @param listeners.onAttached it was plugged in, and has told who it is
   * @param kept what holds for encrypted backups, whoever has chosen it
   */
  constructor(
    store: Store,
    clock: Clock,
    listeners: { readonly onChange: (udid: string) => void; readonly onAttached: (udid: string) => void },
    kept: KeptChoices,
  ) {
    this.#records = new DeviceRecords(store);
    this.#kept = kept;
    this.#clock = clock;
    this.#onChange = listeners.onChange;
    this.#onAttached = listeners.onAttached;
  }

  async open(sources: readonly DeviceSource[]): Promise<void> {
    for (const record of await this.#records.all()) {
      const settings = { ...record.settings, encryptedAs: await this.#kept.of(record.udid) };
      this.#known.set(record.udid, { ...record, settings, present: undefined, isDenied: false });
    }
    for (const source of sources) this.#work.push(this.#watch(source));
    this.#work.push(this.#lookAgain());
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#work);
    await Promise.all(this.#asking.values());
  }

  all(): readonly KnownDevice[] {
    return [...this.#known.values()];
  }

  find(udid: string): KnownDevice | undefined {
    return this.#known.get(udid);
  }

  /** @throws `hub.device-not-connected` */
  requirePresent(udid: string): KnownDevice & { readonly present: Present } {
    const { present, ...known } = this.#known.get(udid) ?? {};
    if (present === undefined || !('udid' in known)) throw hubError('device-not-connected');
    return { ...known, present };
  }

  ownerOf = (udid: string): string | null => this.#known.get(udid)?.ownerID ?? null;

  /** Makes somebody its owner, if it has none. */
  async claim(udid: string, personID: string): Promise<void> {
    if (this.ownerOf(udid) !== null || !(await this.#records.claim(udid, personID))) return;
    this.#change(udid, { ownerID: personID });
  }

  async setSettings(udid: string, settings: DeviceSettings): Promise<void> {
    await this.#kept.choose(udid, settings.encryptedAs);
    await this.#records.setSettings(udid, settings);
    this.#change(udid, { settings });
  }

  async setAutomaticAt(udid: string): Promise<void> {
    await this.#records.setAutomaticAt(udid, this.#clock.now());
    this.#change(udid, { automaticAt: this.#clock.now().getTime() });
  }

  setDenied(udid: string, isDenied: boolean): void {
    this.#change(udid, { isDenied });
  }

  /** Asks a phone anew. Never throws. */
  async refresh(udid: string): Promise<void> {
    const asking = this.#asking.get(udid) ?? this.#ask(udid).finally(() => this.#asking.delete(udid));
    this.#asking.set(udid, asking);
    await asking;
  }

  async #watch(source: DeviceSource): Promise<void> {
    for await (const devices of watchDevices(source.usbmux, { signal: this.#stop.signal })) {
      const here = new Set(devices.map(({ udid }) => udid));
      for (const { udid, present } of this.all()) {
        if (present?.source === source && !here.has(udid)) this.#change(udid, { present: undefined });
      }
      for (const device of devices) this.#attach(source, device);
    }
  }

  #attach(source: DeviceSource, device: Device): void {
    const known = this.#known.get(device.udid);
    const before = known?.present;
    if (
      before?.source === source &&
      before.device.attachments[0].deviceID === device.attachments[0].deviceID
    ) {
      this.#change(device.udid, { present: { ...before, device } });
      return;
    }
    const present: Present = { source, device, details: undefined };
    if (known === undefined) this.#known.set(device.udid, unseen(device.udid, present));
    else this.#known.set(device.udid, { ...known, present, isDenied: false });
    void this.refresh(device.udid).then(() => {
      if (this.#known.get(device.udid)?.present?.details) this.#onAttached(device.udid);
    });
  }

  async #ask(udid: string): Promise<void> {
    const asked = this.#known.get(udid)?.present;
    if (asked === undefined) return;
    const details = await describeDevice(asked.source.usbmux, asked.device, this.#stop.signal);
    const encryptedAs = await this.#kept.of(udid);
    const known = this.#known.get(udid);
    // It went, or went and came back, while it was asked.
    if (known?.present?.device.attachments[0].deviceID !== asked.device.attachments[0].deviceID) return;
    const told = toldBy(details, known.told, asked.source.isSimulated);
    const now = this.#clock.now();
    await this.#records.seen(udid, told, now).catch(() => {});
    this.#change(udid, {
      told,
      settings: { ...(this.#known.get(udid) ?? known).settings, encryptedAs },
      lastSeenAt: now.getTime(),
      present: { ...asked, device: known.present.device, details },
    });
    const againMs = againAfterMs(details);
    if (againMs !== undefined) {
      void this.#clock.sleep(againMs, this.#stop.signal).then(() => {
        if (!this.#stop.signal.aborted && this.#known.get(udid)?.present?.details === details)
          void this.refresh(udid);
      });
    }
  }

  async #lookAgain(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#clock.sleep(LOOK_AGAIN_MS, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      for (const { udid, present } of this.all()) if (present) await this.refresh(udid);
    }
  }

  #change(udid: string, change: Partial<KnownDevice>): void {
    const known = this.#known.get(udid);
    if (known === undefined) return;
    this.#known.set(udid, { ...known, ...change });
    this.#onChange(udid);
  }
}

/** Sooner than those of which nothing new is expected. */
function againAfterMs({ trust, isSetUp }: DeviceDetails): number | undefined {
  if (trust === 'unknown') return UNANSWERED_AGAIN_MS;
  return isSetUp === false ? HELLO_AGAIN_MS : undefined;
}

/** What a page shows of trust. */
export function trustOf({ present, isDenied }: KnownDevice): ApiDevice['trust'] {
  const trust = present?.details?.trust ?? 'unknown';
  return trust === 'not-trusted' && isDenied ? 'denied' : trust;
}

function unseen(udid: string, present: Present): KnownDevice {
  const unknown = { name: 'iPhone', modelName: 'iPhone', productType: 'unknown', productVersion: 'unknown' };
  return {
    udid,
    ownerID: null,
    told: { ...unknown, serialNumber: null, color: null, isSimulated: present.source.isSimulated },
    settings: DEFAULT_SETTINGS,
    lastSeenAt: Date.now(),
    automaticAt: null,
    present,
    isDenied: false,
  };
}

/** A phone that trusts nobody tells less than it told before; its name stays known. */
function toldBy(details: DeviceDetails, before: ToldByDevice, isSimulated: boolean): ToldByDevice {
  const isUnknown = details.productType === 'unknown';
  const { name, modelName, productType, productVersion } = isUnknown ? before : details;
  return {
    name,
    modelName,
    productType,
    productVersion,
    serialNumber: details.serialNumber ?? before.serialNumber,
    color: details.color ?? before.color,
    isSimulated,
  };
}
