import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HubOptions, type RunningHub, startHub } from '@rootcellar/hub';

/** Hubs without phones, for tests of who gets in. */
export interface HubDoors {
  /** Temporary; everything of the test is below it. */
  readonly folder: string;
  open(options: Partial<HubOptions>): Promise<RunningHub>;
  close(): Promise<void>;
}

export async function hubDoors(): Promise<HubDoors> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-door-'));
  const hubs: RunningHub[] = [];
  return {
    folder,
    async open(options) {
      const dataFolder = join(folder, `data-${hubs.length}`);
      const hub = await startHub({ dataFolder, version: '0.0.0-test', sources: [], ...options });
      hubs.push(hub);
      return hub;
    },
    async close() {
      for (const hub of hubs) await hub.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
