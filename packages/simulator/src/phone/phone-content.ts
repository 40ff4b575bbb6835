import type { Clock } from '@rootcellar/core';
import type { PhoneFileSystem } from '../file-system/phone-file-system.ts';
import type { InstalledApp } from './phone.ts';

export interface ContentRequest {
  readonly seed: string;
  /** Which content to invent: `tiny` and others. Without meaning for an erased phone. */
  readonly profile: string;
  readonly capacityBytes: number;
  readonly clock: Clock;
  /** Where files are kept between runs; everything in memory if absent. */
  readonly stateFolder: string | undefined;
  /**
   * - `resume`: what the state folder holds; if it holds nothing, as `fresh`
   * - `fresh`: the content of the profile, instead of what was there
   * - `erased`: what a phone has that says Hello, instead of what was there
   */
  readonly start: 'resume' | 'fresh' | 'erased';
}

/** Fills a phone: injected, so that the wire can be tried without a disk and the disk without a wire. */
export type PhoneContent = (request: ContentRequest) => Promise<{
  readonly files: PhoneFileSystem;
  /** Of a phone that starts for the first time; a saved phone remembers its own. */
  readonly apps: readonly InstalledApp[];
}>;
