import { type Finding, type FindingCode, type FindingPlace, finding, type Severity } from '../finding.ts';

export type Verdict = 'whole' | 'incomplete' | 'damaged' | 'cannot-tell';

/** What we found out about a backup. `whole` is never said without knowing. */
export interface Verification {
  readonly verdict: Verdict;
  /** Regular files that the list names; blobs, if the list cannot be read. */
  readonly files: number;
  /** Bytes of their content as stored. */
  readonly bytes: number;
  /** How many files were found good, each by the strongest check that could be made. */
  readonly checkedBy: {
    /** The device's own check value fits the content. */
    readonly digest: number;
    /** A database has all the pages its header names. */
    readonly structure: number;
    /** Nothing but the length fits; a flipped bit would not be noticed. */
    readonly length: number;
  };
  readonly findings: readonly Finding[];
  /** Findings beyond the first few thousand, counted only. */
  readonly findingsLeftOut: number;
}

/** A damaged disk gives a finding per file; nobody reads more, and memory has an end. */
const FINDINGS_MAX = 5000;

/** What was found out about a part of a backup. */
export interface ReportPart extends Omit<Verification, 'verdict'> {
  readonly severities: readonly Severity[];
}

/** Collects what the checks find. */
export class VerificationReport {
  readonly #findings: Finding[] = [];
  readonly #severities = new Set<Severity>();
  readonly #checkedBy = { digest: 0, structure: 0, length: 0 };
  #findingsLeftOut = 0;
  #files = 0;
  #bytes = 0;

  /** Bound, so that it can be handed on as a listener. */
  readonly add = (found: Finding): void => {
    this.#severities.add(found.severity);
    if (this.#findings.length < FINDINGS_MAX) this.#findings.push(found);
    else this.#findingsLeftOut++;
  };

  find(code: FindingCode, place?: FindingPlace): void {
    this.add(finding(code, place));
  }

  countFile(storedBytes: number): void {
    this.#files++;
    this.#bytes += storedBytes;
  }

  countGood(check: keyof Verification['checkedBy']): void {
    this.#checkedBy[check]++;
  }

  /** What another thread has found. */
  merge(part: ReportPart): void {
    for (const found of part.findings) this.add(found);
    for (const severity of part.severities) this.#severities.add(severity);
    this.#findingsLeftOut += part.findingsLeftOut;
    this.#files += part.files;
    this.#bytes += part.bytes;
    for (const check of ['digest', 'structure', 'length'] as const) {
      this.#checkedBy[check] += part.checkedBy[check];
    }
  }

  toPart(): ReportPart {
    const { findings, findingsLeftOut, files, bytes, checkedBy } = this.finish();
    return { findings, findingsLeftOut, files, bytes, checkedBy, severities: [...this.#severities] };
  }

  get progress(): { readonly files: number; readonly bytes: number } {
    return { files: this.#files, bytes: this.#bytes };
  }

  finish(): Verification {
    return {
      verdict: this.#verdict(),
      files: this.#files,
      bytes: this.#bytes,
      checkedBy: { ...this.#checkedBy },
      findings: this.#findings,
      findingsLeftOut: this.#findingsLeftOut,
    };
  }

  #verdict(): Verdict {
    if (this.#severities.has('incomplete')) return 'incomplete';
    if (this.#severities.has('damage')) return 'damaged';
    return this.#severities.has('doubt') ? 'cannot-tell' : 'whole';
  }
}
