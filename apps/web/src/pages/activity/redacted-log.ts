import type { LedgerEntryAnswer } from '@rootcellar/api';

/**
 * What others may see of the ledger: what happened when, by code and number. Phones are counted, not named; no sentence
 * is taken along that could name one.
 */
export function redactedLog(entries: readonly LedgerEntryAnswer[]): string {
  const phones = new Map<string, string>();
  const phoneOf = (udid: string | null) => {
    if (udid === null) return null;
    const known = phones.get(udid) ?? `phone-${phones.size + 1}`;
    phones.set(udid, known);
    return known;
  };
  const lines = entries.map(
    ({ at, startedAt, by, operation, udid, outcome, reason, dataState, files, bytes }) =>
      JSON.stringify({
        at,
        startedAt,
        by,
        operation,
        phone: phoneOf(udid),
        outcome,
        reason,
        dataState,
        files,
        bytes,
      }),
  );
  return ['# Rootcellar ledger. Names and numbers of phones are taken out.', ...lines, ''].join('\n');
}

/** Lets the browser save it. */
export function saveLog(entries: readonly LedgerEntryAnswer[]): void {
  const url = URL.createObjectURL(new Blob([redactedLog(entries)], { type: 'application/x-ndjson' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'rootcellar-log.jsonl';
  link.click();
  URL.revokeObjectURL(url);
}
