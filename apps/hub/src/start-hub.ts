import { type Clock, systemClock } from '@rootcellar/core';
import { type BackupLibrary, chooseKept, vaultLibrary } from '@rootcellar/operations';
import { backUpAutomatically, noteMissingPhones } from './automatic/automatic-backups.ts';
import { OpenBackups } from './browse/open-backups.ts';
import { DeviceRegistry, type KeptChoices } from './devices/device-registry.ts';
import type { DeviceSource } from './devices/device-source.ts';
import { hubError } from './errors.ts';
import { EventBus } from './events/event-bus.ts';
import { publishBackups, publishDevice, publishJob } from './events/publish.ts';
import { isLoopback } from './http/caller.ts';
import { startHttpServer, type TlsIdentity } from './http/http-server.ts';
import { hubApp } from './http/hub-app.ts';
import type { Hub } from './hub.ts';
import { JobRunner } from './jobs/job-runner.ts';
import { BackupCatalogue } from './library/backup-catalogue.ts';
import { Plans } from './plans/plans.ts';
import { SignIn } from './sign-in/sign-in.ts';
import type { JobRecord } from './store/job-records.ts';
import { openStore, type StorePlace } from './store/open-store.ts';
import type { Store } from './store/schema.ts';

export interface HubOptions {
  readonly dataFolder: string;
  readonly version: string;
  /** Where phones come from. */
  readonly sources: readonly DeviceSource[];
  /** Base URL of the control address of simulated phones. */
  readonly simulatorControl?: string | undefined;
  /** Any free port unless given. */
  readonly port?: number | undefined;
  /** Origins besides its own by which pages may call the hub: `https://cellar.example`. */
  readonly publicUrls?: readonly string[] | undefined;
  /** Address to listen on; 127.0.0.1 unless given. Another needs `tls` or `allowPlainHttp`. */
  readonly address?: string | undefined;
  readonly tls?: TlsIdentity | undefined;
  /** Others may listen in, or something else protects the way here. */
  readonly allowPlainHttp?: boolean | undefined;
  /** `postgres://…`; a file in the data folder unless given. */
  readonly database?: string | undefined;
  readonly library?: BackupLibrary | undefined;
  readonly clock?: Clock | undefined;
  /** Until somebody has a password, the link that signs in once works from other computers too. */
  readonly firstSignInAnywhere?: boolean | undefined;
  /** Hears a link that signs in once, again after each use. */
  readonly onLink?: ((link: string) => void) | undefined;
}

export interface RunningHub {
  /** `http://127.0.0.1:4610`, or the first of its public URLs */
  readonly url: string;
  /** On which it listens; with a proxy before it, another than that of its URL. */
  readonly port: number;
  /** Signs in once, in a browser on this computer; another one after each use. */
  readonly link: () => string;
  /** Stops taking requests, lets running jobs end as interrupted, and closes everything. */
  close(): Promise<void>;
}

/**
 * Starts the hub.
 * @throws `hub.port-in-use`, `hub.address-unknown`, `hub.tls-needed`, `hub.certificate-unusable`, `hub.store-unreadable`,
 * `hub.store-newer`
 */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const { dataFolder, clock = systemClock, database, address = '127.0.0.1', tls } = options;
  requireSafeDoor(options);
  const place: StorePlace = database === undefined ? { folder: dataFolder } : { postgres: database };
  const store = await openStore(place);
  const isFirstAnywhere = options.firstSignInAnywhere === true;
  let base = '';
  let code = '';
  const link = () => `${base}/sign-in/${code}`;
  const onCode = (next: string) => {
    code = next;
    if (base !== '') options.onLink?.(link());
  };
  const signIn = new SignIn(store, clock, { onCode, isFirstAnywhere });
  const hub = assemble(options, { store, signIn, clock });
  const app = hubApp(hub);
  const server = await startHttpServer({
    answer: (request, facts) => app.fetch(request, facts),
    port: options.port ?? 0,
    address,
    tls,
    publicOrigins: options.publicUrls ?? [],
  }).catch(async (error: unknown) => {
    await store.destroy();
    throw error;
  });
  base = isFirstAnywhere ? server.url : server.urlHere;
  await hub.jobs.open();
  await hub.registry.open(options.sources);
  const stop = new AbortController();
  const notes = noteMissingPhones(hub, stop.signal);
  return {
    url: server.url,
    port: server.port,
    link,
    async close() {
      stop.abort();
      await server.stopListening();
      await notes;
      await hub.jobs.close();
      await hub.registry.close();
      await hub.openBackups.closeAll();
      await server.close();
      await store.destroy();
    },
  };
}

/**
 * Before anything is opened: may the hub listen like that?
 * @throws `hub.tls-needed`
 */
export function requireSafeDoor(options: Pick<HubOptions, 'address' | 'tls' | 'allowPlainHttp'>): void {
  const { address = '127.0.0.1', tls, allowPlainHttp } = options;
  if (tls === undefined && !isLoopback(address) && !allowPlainHttp) throw hubError('tls-needed');
}

function assemble(
  options: HubOptions,
  parts: { readonly store: Store; readonly signIn: SignIn; readonly clock: Clock },
): Hub {
  const { store, signIn, clock } = parts;
  const { dataFolder, version, simulatorControl } = options;
  const library = options.library ?? vaultLibrary({ dataFolder, clock });
  const prompts = new Map<string, JobRecord['progress']['prompt']>();
  const onJob = (job: JobRecord): void => {
    publishJob(hub, job, prompts.get(job.id));
    if (job.endedAt === null) prompts.set(job.id, job.progress.prompt);
    else prompts.delete(job.id);
    if (job.endedAt !== null || job.state === 'waiting-for-device') publishDevice(hub, job.udid);
  };
  const hub: Hub = {
    version,
    dataFolder,
    clock,
    library,
    simulatorControl,
    signIn,
    bus: new EventBus(),
    plans: new Plans(clock),
    catalogue: new BackupCatalogue(library, clock, (udid) => publishBackups(hub, udid)),
    openBackups: new OpenBackups(library, clock),
    jobs: new JobRunner({ store, clock, dataFolder, onChange: onJob }),
    registry: new DeviceRegistry(
      store,
      clock,
      {
        onChange: (udid) => publishDevice(hub, udid),
        onAttached: (udid) => void backUpAutomatically(hub, udid).catch(console.error),
      },
      keptChoices(dataFolder),
    ),
  };
  return hub;
}

/** A choice that cannot be read now is found by the backup that needs it; the usual one is safe. */
function keptChoices(dataFolder: string): KeptChoices {
  return {
    of: (udid) => chooseKept(dataFolder, udid, undefined).catch(() => 'sealed'),
    async choose(udid, kept) {
      await chooseKept(dataFolder, udid, kept);
    },
  };
}
