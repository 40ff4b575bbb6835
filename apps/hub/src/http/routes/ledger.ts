import { api, type LedgerEntryAnswer } from '@rootcellar/api';
import { type LedgerEntry, readLedger } from '@rootcellar/operations';
import type { Hub } from '../../hub.ts';
import { type Call, type HubRouter, serve } from '../serve-route.ts';

export function serveLedger(router: HubRouter, hub: Hub): void {
  serve(router, api.ledger.readLedger, async ({ query: { udid, after, limit } }, call) => {
    const page: LedgerEntryAnswer[] = [];
    let isPast = after === undefined;
    for await (const entry of readLedger(hub.dataFolder)) {
      const isWanted = isPast && isSeen(hub, entry, call) && (udid === undefined || entry.udid === udid);
      isPast ||= entry.id === after;
      if (!isWanted) continue;
      if (page.length === limit) return { entries: page, next: page.at(-1)?.id ?? null };
      page.push(entryAnswer(hub, entry));
    }
    return { entries: page, next: null };
  });
}

/** The operator sees that runs happened, their owners theirs; what happened to no known phone, the operator. */
function isSeen(hub: Hub, { udid }: LedgerEntry, { person }: Call): boolean {
  return person.isOperator || (udid !== undefined && hub.registry.ownerOf(udid) === person.id);
}

function entryAnswer(hub: Hub, entry: LedgerEntry): LedgerEntryAnswer {
  const { id, at, by, operation, outcome, udid } = entry;
  return {
    id,
    at,
    by,
    operation,
    outcome,
    udid: udid ?? null,
    deviceName: (udid && hub.registry.find(udid)?.told.name) || 'iPhone',
    startedAt: entry.startedAt ?? null,
    reason: entry.reason ?? null,
    happened: entry.happened ?? null,
    yourData: entry.yourData ?? null,
    next: entry.next ?? null,
    dataState: entry.dataState ?? null,
    files: entry.files ?? null,
    bytes: entry.bytes ?? null,
  };
}
