import type { Clock } from '@rootcellar/core';
import type { BackupLibrary } from '@rootcellar/operations';
import type { OpenBackups } from './browse/open-backups.ts';
import type { DeviceRegistry } from './devices/device-registry.ts';
import type { EventBus } from './events/event-bus.ts';
import type { JobRunner } from './jobs/job-runner.ts';
import type { BackupCatalogue } from './library/backup-catalogue.ts';
import type { Plans } from './plans/plans.ts';
import type { SignIn } from './sign-in/sign-in.ts';

/** The parts of a running hub, as routes and jobs use them. */
export interface Hub {
  readonly version: string;
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly library: BackupLibrary;
  readonly catalogue: BackupCatalogue;
  readonly registry: DeviceRegistry;
  readonly jobs: JobRunner;
  readonly bus: EventBus;
  readonly plans: Plans;
  readonly signIn: SignIn;
  readonly openBackups: OpenBackups;
  /** Base URL of the control address of simulated phones, if there are any. */
  readonly simulatorControl: string | undefined;
}
