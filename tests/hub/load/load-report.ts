/** What a hub under load was like, seen from outside. */
export interface LoadReport {
  readonly requests: number;
  /** Answers that were none, or not 200. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly idleP95Ms: number;
  readonly backupsDone: number;
  readonly backupsFailed: number;
  /** Events that the listener who heard least has heard; and the one who heard most. */
  readonly heardLeast: number;
  readonly heardMost: number;
  readonly listenersLost: number;
  /** Resident memory of the hub before, and at most in each third of the time. */
  readonly idleRss: number;
  readonly thirdsRss: readonly [number, number, number];
}

/** @param share 0.95 for the time under which all but five of a hundred stay */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function tellLoad(report: LoadReport): string {
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  return [
    `  ${report.requests} requests, ${report.failed} failed: p50 ${ms(report.p50Ms)}, p95 ${ms(report.p95Ms)} (alone ${ms(report.idleP95Ms)})`,
    `  ${report.backupsDone} backups done, ${report.backupsFailed} failed`,
    `  listeners heard ${report.heardLeast} to ${report.heardMost} events, ${report.listenersLost} were lost`,
    `  memory of the hub ${mib(report.idleRss)} before, then at most ${report.thirdsRss.map(mib).join(', ')} in each third`,
  ].join('\n');
}
