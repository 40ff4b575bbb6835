import { randomUUID } from 'node:crypto';
import { api } from '@rootcellar/api';
import {
  appOfDomain,
  appsOfDomains,
  type ManifestEntry,
  PICTURE_BYTES_MAX,
  pictureType,
  previewFile,
  zipFiles,
} from '@rootcellar/operations';
import { browsedEntries, countEntries, fileAnswer, requireFile } from '../../browse/browsed-files.ts';
import type { OpenedBackup } from '../../browse/open-backups.ts';
import { hubError } from '../../errors.ts';
import type { Hub } from '../../hub.ts';
import { download } from '../download.ts';
import { type HubRouter, serve } from '../serve-route.ts';
import { requireBackup } from './backups.ts';

const { browse } = api;

/** A zip of more is better made by the command line. */
const SELECTED_MAX = 200_000;

/** What one look into a backup may have chosen; the oldest is forgotten. */
const SELECTIONS_MAX = 20;

export function serveBrowse(router: HubRouter, hub: Hub): void {
  serve(router, browse.openBackup, async ({ params, body }, call) => {
    const { udid, id, encrypted } = await requireBackup(hub, params.id, call);
    const { sessionID } = call;
    const opened = await hub.openBackups.open({ backupID: id, udid, sessionID, password: body.password });
    return { browse: { id: opened.id, backup: id, ...describe(opened, encrypted) } };
  });

  serve(router, browse.closeBackup, ({ params }, { sessionID }) => {
    hub.openBackups.close(params.browse, sessionID);
    return {};
  });

  serve(router, browse.listFiles, async ({ params, query }, { sessionID, context }) => {
    const { after, limit, ...wanted } = query;
    const held = hub.openBackups.hold(params.browse, sessionID);
    try {
      const { signal } = context.req.raw;
      const page: ManifestEntry[] = [];
      for await (const entry of browsedEntries(
        held.opened,
        { ...defined(wanted), afterFileID: after },
        signal,
      )) {
        page.push(entry);
        if (page.length > limit) break;
      }
      const files = page.slice(0, limit).map(fileAnswer);
      const next = page.length > limit ? (files.at(-1)?.fileID ?? null) : null;
      return { files, next, total: countEntries(held.opened, defined(wanted)) };
    } finally {
      held.release();
    }
  });

  serveOneFile(router, hub);
  serveSelections(router, hub);
}

function serveOneFile(router: HubRouter, hub: Hub): void {
  serve(router, browse.previewFile, async ({ params }, { sessionID, context }) => {
    const { opened, release } = hub.openBackups.hold(params.browse, sessionID);
    try {
      const entry = requireFile(opened, params.fileID);
      const read = (range?: { readonly start: number; readonly end?: number }) =>
        opened.backup.read(entry, range ? { range } : {});
      return { preview: await previewFile(read, context.req.raw.signal) };
    } finally {
      release();
    }
  });

  serve(router, browse.previewPicture, async ({ params }, { sessionID }) => {
    const { opened, release } = hub.openBackups.hold(params.browse, sessionID);
    try {
      const entry = requireFile(opened, params.fileID);
      const start = await Array.fromAsync(opened.backup.read(entry, { range: { start: 0, end: 16 } }));
      const contentType = pictureType(Buffer.concat(start));
      if (contentType === undefined || (entry.sizeBytes ?? 0) > PICTURE_BYTES_MAX)
        throw hubError('not-a-picture');
      return await download(opened.backup.read(entry), { contentType, onEnd: release });
    } catch (error) {
      release();
      throw error;
    }
  });

  serve(router, browse.downloadFile, async ({ params }, { sessionID }) => {
    const { opened, release } = hub.openBackups.hold(params.browse, sessionID);
    try {
      const entry = requireFile(opened, params.fileID);
      const name = entry.relativePath.split('/').at(-1) || entry.domain;
      const contentType = 'application/octet-stream';
      return await download(opened.backup.read(entry), { contentType, name, onEnd: release });
    } catch (error) {
      release();
      throw error;
    }
  });
}

function serveSelections(router: HubRouter, hub: Hub): void {
  serve(router, browse.selectFiles, async ({ params, body }, { sessionID, context }) => {
    const { opened, release } = hub.openBackups.hold(params.browse, sessionID);
    try {
      const { fileIDs, ...wanted } = body;
      const entries = fileIDs
        ? fileIDs.map((fileID) => requireFile(opened, fileID))
        : browsedEntries(opened, { ...defined(wanted), kind: 'file' }, context.req.raw.signal);
      const chosen: string[] = [];
      let bytes = 0;
      for await (const entry of entries) {
        if (chosen.push(entry.fileID) > SELECTED_MAX)
          throw hubError('selection-too-large', { filesMax: SELECTED_MAX });
        bytes += Math.max(0, entry.sizeBytes ?? 0);
      }
      return { selection: keep(opened, chosen), files: chosen.length, bytes };
    } finally {
      release();
    }
  });

  serve(router, browse.downloadSelection, async ({ params }, { sessionID }) => {
    const { opened, release } = hub.openBackups.hold(params.browse, sessionID);
    try {
      const chosen = opened.selections.get(params.selection);
      if (chosen === undefined) throw hubError('selection-unknown');
      const entries = chosen.values().map((fileID) => requireFile(opened, fileID));
      const name = `backup-of-${opened.udid}.zip`;
      const options = { contentType: 'application/zip', name, onEnd: release };
      return await download(zipFiles(opened.backup, entries), options);
    } catch (error) {
      release();
      throw error;
    }
  });
}

function describe({ backup }: OpenedBackup, encrypted: boolean) {
  const domains = backup.manifest.domains();
  const apps = appsOfDomains(domains);
  return {
    encrypted,
    isReadable: !encrypted || backup.keys !== undefined,
    domains: domains.map((domain) => ({
      domain,
      app: appOfDomain(domain, apps) ?? null,
      files: backup.manifest.count({ domain }),
    })),
  };
}

function keep({ selections }: OpenedBackup, chosen: readonly string[]): string {
  const id = randomUUID();
  selections.set(id, chosen);
  const [oldest] = selections.keys();
  if (selections.size > SELECTIONS_MAX && oldest !== undefined) selections.delete(oldest);
  return id;
}

/** Without the keys that nobody gave. */
function defined<Values extends object>(
  values: Values,
): { [Key in keyof Values]: Exclude<Values[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
