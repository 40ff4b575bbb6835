import { hostname } from 'node:os';
import { api, openApiDocument } from '@rootcellar/api';
import type { Hub } from '../../hub.ts';
import { type HubRouter, serve, serveOpen } from '../serve-route.ts';

export function serveHub(router: HubRouter, hub: Hub): void {
  const document = openApiDocument({ version: hub.version });
  serveOpen(router, api.hub.readOpenApi, () => document);

  serve(router, api.hub.readHub, async (_, { person }) => ({
    version: hub.version,
    computerName: hostname(),
    dataFolder: person.isOperator ? hub.dataFolder : null,
    freeBytes: await hub.library.freeBytes(),
    hasSimulator: hub.simulatorControl !== undefined,
  }));
}
