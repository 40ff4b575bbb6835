/** What an operation tells while it works. The words are the same in every surface. */
export interface ProgressEvent {
  readonly phase: string;
  /** 0…1, or absent while nobody can know. Never smaller than in an earlier event of the run. */
  readonly fraction?: number;
  readonly bytes?: number;
  readonly files?: number;
  /** The part of the phone that is arriving, where that is known: "CameraRollDomain". Of its owner's business alone. */
  readonly domain?: string;
  /** A sentence for the owner: "Enter the passcode on your iPhone." */
  readonly note?: string;
}

export type ProgressListener = (event: ProgressEvent) => void;

/**
 * Turns what a device says about progress into what a person may see: clamped to 0…1 and never
 * backwards, because a phone may jump, repeat itself or fall back by tens of percent.
 * Source: libimobiledevice, issue 251 (85 → 65 % on iOS 9.2.1).
 */
export function monotonicFraction(): (fraction: number | undefined) => number | undefined {
  let highest: number | undefined;
  return (fraction) => {
    if (fraction === undefined || !Number.isFinite(fraction)) return highest;
    const clamped = Math.min(1, Math.max(0, fraction));
    highest = highest === undefined ? clamped : Math.max(highest, clamped);
    return highest;
  };
}
