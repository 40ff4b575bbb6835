import {
  EXIT_CODE_DONE,
  EXIT_CODE_OUR_BUG,
  EXIT_CODE_STOPPED_BY_YOU,
  EXIT_CODE_USAGE,
  EXIT_CODES,
  failureToJson,
  KnownError,
  OperationFailure,
  OperationStopped,
  renderFailure,
} from '@rootcellar/core';
import { dataFolder } from './data-folder.ts';
import { type OutputFormat, openSurface, type Surface } from './surface.ts';
import { UsageError } from './usage-error.ts';

/** SIGHUP comes when the terminal is closed. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The launcher hands on what the terminal has sent already: the same wish twice at once is one. */
const IMPATIENT_AFTER_MS = 1_000;

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly jsonl?: boolean;
  readonly data?: string;
}

/** What a command needs to do its work. */
export interface CommandContext {
  readonly surface: Surface;
  readonly dataFolder: string;
  /** Aborts when the person presses Ctrl-C, or the process is asked to end. */
  readonly signal: AbortSignal;
}

/**
 * Runs one command and turns its end into an exit code: the one place where errors become words on a
 * terminal.
 */
export async function runCommand(
  options: CommonOptions,
  command: (context: CommandContext) => Promise<number | undefined>,
): Promise<void> {
  const format = options.jsonl ? 'jsonl' : options.json ? 'json' : 'text';
  const stop = new AbortController();
  const surface = openSurface(format, process, stop.signal);
  let stoppedAt = 0;
  const onSignal = (): void => {
    // Who asks again after a while wants out, whatever still hangs.
    if (stop.signal.aborted && Date.now() - stoppedAt > IMPATIENT_AFTER_MS)
      process.exit(EXIT_CODE_STOPPED_BY_YOU);
    if (!stop.signal.aborted) stoppedAt = Date.now();
    stop.abort();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  try {
    const context = { surface, dataFolder: dataFolder(options.data), signal: stop.signal };
    process.exitCode = (await command(context)) ?? EXIT_CODE_DONE;
  } catch (error) {
    surface.clear();
    process.exitCode = report(error, format, stop.signal);
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
  }
}

/** @returns the exit code */
function report(error: unknown, format: OutputFormat, signal: AbortSignal): number {
  if (error instanceof OperationFailure) {
    tell(format, renderFailure(error.report), failureToJson(error.report));
    return EXIT_CODES[error.report.dataState];
  }
  if (error instanceof OperationStopped) {
    const { yourData, dataState } = error.meaning;
    tell(format, `Stopped.\n  Your data   ${yourData}\n`, { stopped: { yourData, dataState } });
    return EXIT_CODE_STOPPED_BY_YOU;
  }
  if (signal.aborted) {
    tell(format, 'Stopped.\n', { stopped: {} });
    return EXIT_CODE_STOPPED_BY_YOU;
  }
  if (error instanceof UsageError) {
    tell(format, `${error.message}\n`, { error: { code: 'usage', happened: error.message } });
    return EXIT_CODE_USAGE;
  }
  if (error instanceof KnownError) {
    const report = {
      ...error,
      happened: error.happened,
      dataState: 'unchanged',
      yourData: 'Nothing was changed.',
    } as const;
    tell(format, renderFailure(report), failureToJson(report));
    return EXIT_CODES.unchanged;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const happened = 'This is a mistake in Rootcellar. Please report it with the lines below.';
  tell(format, `${happened}\n${trace}\n`, { error: { code: 'bug', happened } });
  return EXIT_CODE_OUR_BUG;
}

function tell(format: OutputFormat, text: string, document: Record<string, unknown>): void {
  if (format === 'text') process.stderr.write(text);
  else process.stdout.write(`${JSON.stringify(document)}\n`);
}
