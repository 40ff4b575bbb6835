import type { KnownError } from '@rootcellar/core';
import { operationError } from '../errors.ts';
import { quotedForShell } from './quoted-for-shell.ts';
import { type VaultLocation, vaultLocationText } from './vault-location.ts';

/** `operation.vault-away`, with what its owner may type as it stands there. */
export function vaultAway(udid: string, location: VaultLocation): KnownError {
  const place = vaultLocationText(location);
  return operationError('vault-away', { udid, place, quotedPlace: quotedForShell(place) });
}
