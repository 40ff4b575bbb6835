import { type ProgressEvent, sizeWords } from '@rootcellar/core';
import { Presets, SingleBar } from 'cli-progress';

/** What the phases are called for people. The words of design and API stay as they are. */
const PHASE_WORDS: Readonly<Record<string, string>> = {
  preparing: 'Preparing',
  'waiting-for-passcode': 'Waiting for the passcode',
  unlocking: 'Unlocking the backup',
  receiving: 'Receiving',
  opening: 'Opening the backup',
  extracting: 'Extracting',
  exporting: 'Exporting',
  verifying: 'Checking',
  storing: 'Putting in place',
  planning: 'Looking at the backup and your iPhone',
  sending: 'Sending',
  restarting: 'Your iPhone restarts',
  confirming: 'Looking whether all is well',
  done: 'Done',
};

/** Phases in which content goes over the wire: only there does a bar mean something. */
const TRAVELLING: ReadonlySet<string> = new Set(['receiving', 'sending']);

const BAR_STEPS = 1000;

/** Clears a line of a terminal and returns to its beginning. */
const ERASE_LINE = '\r\u001b[2K';

/**
 * Progress on a terminal: a bar while content travels, otherwise a line that goes when it is over.
 * Where there is no terminal, a line for each phase.
 */
export function progressDisplay(stream: NodeJS.WriteStream) {
  let bar: SingleBar | undefined;
  let hasLine = false;
  let phase: string | undefined;
  let note: string | undefined;

  const clear = (): void => {
    bar?.stop();
    bar = undefined;
    if (hasLine) stream.write(ERASE_LINE);
    hasLine = false;
  };
  const say = (sentence: string): void => {
    clear();
    stream.write(`${sentence}\n`);
  };
  const showBar = (event: ProgressEvent): void => {
    if (bar === undefined) clear();
    bar ??= startBar(stream);
    bar.update(Math.round((event.fraction ?? 0) * BAR_STEPS), barWords(event));
  };
  const showLine = (event: ProgressEvent): void => {
    clear();
    stream.write(`  ${phaseWords(event)} …${amountWords(event)}`);
    hasLine = true;
  };

  return {
    say,
    clear,
    show(event: ProgressEvent): void {
      if (event.note !== undefined && event.note !== note) say(event.note);
      note = event.note;
      const isNew = event.phase !== phase;
      phase = event.phase;
      if (event.phase === 'done') clear();
      else if (stream.isTTY && TRAVELLING.has(event.phase)) showBar(event);
      else if (stream.isTTY) showLine(event);
      else if (isNew) say(`${phaseWords(event)} …`);
    },
  };
}

function startBar(stream: NodeJS.WriteStream): SingleBar {
  const format = '  {bar} {percent} {words}';
  const bar = new SingleBar(
    {
      stream,
      format,
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      linewrap: false,
    },
    Presets.shades_classic,
  );
  bar.start(BAR_STEPS, 0, { words: '', percent: '' });
  return bar;
}

function barWords(event: ProgressEvent): Record<string, string> {
  const percent = event.fraction === undefined ? '    ' : `${Math.floor(event.fraction * 100)} %`.padStart(5);
  return { percent, words: `${phaseWords(event)}${amountWords(event)}` };
}

function amountWords({ bytes, files }: ProgressEvent): string {
  const amount = bytes ? `  ${sizeWords(bytes)}` : '';
  return files ? `${amount} in ${files} ${files === 1 ? 'file' : 'files'}` : amount;
}

function phaseWords(event: ProgressEvent): string {
  return PHASE_WORDS[event.phase] ?? event.phase;
}
