import type { Clock } from '@rootcellar/core';
import {
  AFC_SERVICE,
  type DeviceConnection,
  HEARTBEAT_SERVICE,
  keepHeartbeat,
  NOTIFICATION_PROXY_SERVICE,
  type OwnerEvent,
  type SyncLock,
  takeSyncLock,
} from '@rootcellar/device';

/**
 * Holds a device for one job: takes the lock that all programs take, listens to its owner, and over the network
 * lets the device know that we are still there.
 *
 * @param options.interrupt is aborted with the reason when the job cannot go on: `heartbeat.lost`
 * @throws as `takeSyncLock`
 */
export async function holdDevice(
  connection: DeviceConnection,
  options: {
    readonly interrupt: AbortController;
    readonly onOwner: (event: OwnerEvent) => void;
    readonly clock: Clock;
    readonly signal: AbortSignal | undefined;
  },
): Promise<SyncLock> {
  const { interrupt, onOwner, clock, signal } = options;
  const stopHeartbeat =
    connection.attachment.connection === 'wifi'
      ? keepHeartbeat({
          open: () => connection.openService(HEARTBEAT_SERVICE),
          onLost: (error) => interrupt.abort(error),
          clock,
        })
      : () => {};
  try {
    const lock = await takeSyncLock({
      openAfc: () => connection.openService(AFC_SERVICE),
      openNotificationProxy: () => connection.openService(NOTIFICATION_PROXY_SERVICE),
      onOwner,
      clock,
      signal,
    });
    return {
      afc: lock.afc,
      async release() {
        await lock.release();
        stopHeartbeat();
      },
    };
  } catch (error) {
    stopHeartbeat();
    throw error;
  }
}
