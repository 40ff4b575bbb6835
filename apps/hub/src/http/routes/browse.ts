import type { Hub } from '../../hub.ts';
import type { HubRouter } from '../serve-route.ts';

export function serveBrowse(_router: HubRouter, _hub: Hub): void {}
