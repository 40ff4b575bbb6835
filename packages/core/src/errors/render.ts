import type { FailureReport } from './data-state.ts';
import type { ErrorEntry } from './known-error.ts';

/** Where the code stands in the first line, if the sentence leaves room. */
const CODE_COLUMN = 74;

/**
 * The failure as a person reads it in a terminal.
 *
 * ```
 * The USB connection closed in the middle of a message.                     usbmux.frame-cut-short
 *   Your data   Your backup of 3 May is intact.
 *   Next        Check the cable, then run the backup again.
 * ```
 */
export function renderFailure(report: FailureReport): string {
  return [
    `${report.happened.padEnd(CODE_COLUMN)}${report.happened.length < CODE_COLUMN ? '' : '  '}${report.code}`,
    `  Your data   ${report.yourData}`,
    `  Next        ${report.next}`,
    '',
  ].join('\n');
}

/** The failure as a script reads it: the document `{error:{…}}` of every `--json` command. */
export function failureToJson(report: FailureReport): { readonly error: Record<string, unknown> } {
  const details = Object.fromEntries(
    Object.entries(report.details).map(([key, value]) => [
      key,
      typeof value === 'bigint' ? value.toString() : value,
    ]),
  );
  return {
    error: {
      code: report.code,
      happened: report.happened,
      yourData: report.yourData,
      next: report.next,
      dataState: report.dataState,
      details,
    },
  };
}

/** One area of `docs/errors.md`. */
export function renderCatalogue(area: string, entries: Readonly<Record<string, ErrorEntry>>): string {
  const rows = Object.entries(entries).map(
    ([name, entry]) => `| \`${area}.${name}\` | ${entry.happened} | ${entry.next} |`,
  );
  return [`## ${area}`, '', '| code | what happened | what to do next |', '|---|---|---|', ...rows, ''].join(
    '\n',
  );
}
