import type { ByteChannel, Clock } from '@rootcellar/core';
import { type Afc, afcClient } from '../afc/afc.ts';
import { afcError } from '../errors.ts';
import type { NotificationProxy } from '../notification-proxy/notification-proxy.ts';
import { type OwnerEvent, watchOwner } from './owner-events.ts';

/** Source: device-protocols §8.3, step 5. */
const LOCK_FILE = '/com.apple.itunes.lock_sync';
const TRIES = 50;
const TRY_AGAIN_AFTER_MS = 200;

const SYNC = 'com.apple.itunes-mobdev.';

/** The device knows that it is being synced, and nobody else may start. */
export interface SyncLock {
  /** The media folder, for what a job reads and writes there. */
  readonly afc: Afc;
  /** Tells the device that it is over. Never fails. */
  release(): Promise<void>;
}

/**
 * Takes the lock that all programs take before they back up or restore, and listens to the owner.
 *
 * @throws `afc.busy` if another program holds it for ten seconds
 */
export async function takeSyncLock(options: {
  readonly openAfc: () => Promise<ByteChannel>;
  readonly openNotificationProxy: () => Promise<ByteChannel>;
  readonly onOwner: (event: OwnerEvent) => void;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}): Promise<SyncLock> {
  const { clock, signal, onOwner } = options;
  const proxy = await watchOwner(await options.openNotificationProxy(), onOwner);
  let afc: Afc | undefined;
  try {
    afc = afcClient(await options.openAfc());
    await proxy.post(`${SYNC}syncWillStart`);
    const handle = await afc.openForLock(LOCK_FILE);
    await proxy.post(`${SYNC}syncLockRequest`);
    await lock(afc, handle, clock, signal);
    await proxy.post(`${SYNC}syncDidStart`);
    return held(afc, handle, proxy);
  } catch (error) {
    afc?.close();
    proxy.close();
    throw error;
  }
}

async function lock(afc: Afc, handle: bigint, clock: Clock, signal?: AbortSignal): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    signal?.throwIfAborted();
    if (await afc.tryLock(handle)) return;
    await clock.sleep(TRY_AGAIN_AFTER_MS, signal);
  }
  throw afcError('busy');
}

function held(afc: Afc, handle: bigint, proxy: NotificationProxy): SyncLock {
  return {
    afc,
    async release() {
      try {
        await afc.unlockAndClose(handle);
        await proxy.post(`${SYNC}syncDidFinish`);
      } catch {
        // The device is gone, or restarting after a restore: its lock went with it.
      }
      afc.close();
      proxy.close();
    },
  };
}
