import { type CutRun, openCutStage } from './cut-a-run.ts';

/** A cut may come too late; when most of them do, something is wrong with the choice of moments. */
const TRIES_PER_CUT = 4;

export interface CutManyOptions {
  readonly seed: string;
  readonly systems: readonly string[];
  /** Of each journey on each system: runs that were really cut, not those that were done before. */
  readonly cutsPerJourney: number;
  readonly onCut?: (cuts: number) => void;
}

export interface CutTally {
  /** Runs that were really cut. */
  readonly cuts: number;
  /** How often each kind of cut ended a run in each way: `backup killed SIGKILL` → 12. */
  readonly endings: ReadonlyMap<string, number>;
}

/** @throws whatever does not hold after a cut, as a sentence with the seed that repeats it */
export async function cutManyRuns(options: CutManyOptions): Promise<CutTally> {
  const { seed, systems, cutsPerJourney, onCut } = options;
  const endings = new Map<string, number>();
  let cuts = 0;
  const countTo = async (what: string, cut: (seed: string) => Promise<CutRun>): Promise<void> => {
    const enough = cuts + cutsPerJourney;
    for (let index = 0; cuts < enough; index += 1) {
      if (index >= cutsPerJourney * TRIES_PER_CUT)
        throw new Error(`Too few of ${index} runs of ${what} were cut: the moments are badly chosen`);
      const run = await cut(`${seed}/${what}/${index}`);
      const line = `${what.split('/').at(-1)} ${run.cut.how} ${run.ending}`;
      endings.set(line, (endings.get(line) ?? 0) + 1);
      if (run.ending === 'done') continue;
      cuts += 1;
      onCut?.(cuts);
    }
  };
  for (const ios of systems) {
    const stage = await openCutStage(ios);
    try {
      await countTo(`${ios}/backup`, stage.cutBackup);
      await countTo(`${ios}/restore`, stage.cutRestore);
    } finally {
      await stage.close();
    }
  }
  return { cuts, endings };
}
