import type { Clock } from '@rootcellar/core';
import type { PhoneFileSystem } from '../file-system/phone-file-system.ts';
import type { InstalledApp } from './phone.ts';

export interface ContentRequest {
  readonly seed: string;
  /** Which content to invent: `tiny` and others. Without meaning for an erased phone. */
  readonly profile: string;
  /** Decides on the schemas of databases; the newest unless given. */
  readonly productVersion?: string | undefined;
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

/**
 * Makes the disk of a phone and fills it: injected, so that the wire can be tried with an empty disk and
 * tests can bring their own.
 */
export type FillPhone = (request: ContentRequest) => Promise<FilledPhone>;

export interface FilledPhone {
  readonly files: PhoneFileSystem;
  /** Not of a phone that resumes: that one remembers its own. */
  readonly apps: readonly InstalledApp[];
}
