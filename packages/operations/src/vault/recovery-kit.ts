import { KnownError } from '@rootcellar/core';
import { operationError } from '../errors.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';
import { deviceNameIn } from './kept-snapshots.ts';
import { chooseVault, type VaultOptions } from './maintain-vault.ts';
import { locationOfVault, openPhoneVault, openRepositoryOf } from './phone-vault.ts';
import { quotedForShell } from './quoted-for-shell.ts';
import { openWithTypedKey } from './typed-key.ts';
import { readVaultKey, vaultKeyName } from './vault-key.ts';
import { type VaultLocation, vaultLocationText } from './vault-location.ts';

export interface RecoveryKit {
  readonly udid: string;
  /** A page to print, with the key in it. */
  readonly html: string;
}

/**
 * All that is needed to open a vault with stock restic, when this program and this computer are gone.
 *
 * @throws `operation.vault-unknown`, `operation.vault-key-missing` as `OperationFailure`
 */
export function recoveryKit(options: VaultOptions & { readonly now: Date }): Promise<RecoveryKit> {
  const { dataFolder, vault, now, signal } = options;
  return runOperation(
    async () => {
      const udid = await chooseVault(dataFolder, vault);
      const password = await readVaultKey(vaultKeyName(dataFolder, udid));
      // A page with a wrong key would be worse than none; restic takes it only as it was made.
      const { storage } = await openRepositoryOf(dataFolder, udid, { signal });
      const { key } = await openWithTypedKey(storage, { password, signal });
      const location = await locationOfVault(dataFolder, udid);
      if (location === undefined) throw operationError('vault-unknown');
      const deviceName = await nameOf(dataFolder, udid, signal);
      return { udid, html: page({ udid, deviceName, location, key: key.reveal(), now }) };
    },
    nothingChanged,
    signal,
  );
}

/** A vault of which nothing can be read has a kit as well. */
async function nameOf(
  dataFolder: string,
  udid: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    const vault = await openPhoneVault(dataFolder, udid, { signal });
    return vault && (await deviceNameIn(vault));
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return undefined;
  }
}

interface Facts {
  readonly udid: string;
  readonly deviceName: string | undefined;
  readonly location: VaultLocation;
  readonly key: string;
  readonly now: Date;
}

function page({ udid, deviceName, location, key, now }: Facts): string {
  const whose = deviceName === undefined ? 'the ' : `<strong>${escapeHtml(deviceName)}</strong>, the `;
  const date = now.toISOString().slice(0, 10);
  const place = vaultLocationText(location);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Recovery kit of the vault of ${escapeHtml(udid)}</title>
<style>
  body { font: 12pt/1.5 Georgia, serif; max-width: 17cm; margin: 2cm auto; color: #1d2a1f; }
  h1 { font-size: 20pt; margin-bottom: 0; }
  .key { font: bold 15pt/1.8 ui-monospace, monospace; border: 2px solid #1d2a1f; padding: 0.6em 1em; letter-spacing: 0.05em; }
  pre { background: #f2efe6; padding: 0.8em 1em; font: 10pt/1.5 ui-monospace, monospace; white-space: pre-wrap; }
  @media print { pre { border: 1px solid #999; background: none; } }
</style>
<h1>Recovery kit</h1>
<p>For the backups of ${whose}iPhone or iPad <strong>${escapeHtml(udid)}</strong>, printed on ${date}.</p>
<p><strong>Keep this page where a burglar or a fire that takes the computer does not find it too.</strong> Whoever has this
page and the vault can read everything in the backups. Without the key, nobody can, and nobody can make it again.</p>
<h2>The key of the vault</h2>
<p class="key">${escapeHtml(key)}</p>
<h2>Where the vault lies</h2>
<pre>${escapeHtml(place)}</pre>
${signInNote(location)}<h2>How to open it without Rootcellar</h2>
<p>The vault is a repository of <em>restic</em>, a free program that every Linux distribution has, and that exists for macOS
and Windows too. In a terminal:</p>
<pre>restic -r ${escapeHtml(quotedForShell(place))} snapshots
restic -r ${escapeHtml(quotedForShell(place))} restore ID --target restored</pre>
<p>It asks for the key above. ID is one of those that the first command lists, but none that is marked <em>incomplete</em>. What it restores is a backup as iTunes, Finder and others use it, in a folder of the name
${escapeHtml(udid)}. Snapshots marked <em>kept:small</em> lie in it decrypted: readable by everybody, but not to be restored to
a phone by other programs; Rootcellar makes the original of them again.</p>
<p>Backups that the iPhone encrypted, and that are not kept small, need their <em>backup password</em> as well: it is not on this
page.</p>
<h2>With Rootcellar, on a new computer</h2>
<pre>rootcellar vault create ${escapeHtml(udid)} --storage ${escapeHtml(quotedForShell(place))} --adopt
rootcellar backups
rootcellar restore latest</pre>
<p>The first command asks for the key above, once. A copy of the folder in which Rootcellar keeps its state does without it
only if the key lies in that folder: it may lie in the key store of the old computer instead. What restic has restored is a backup too: <code>rootcellar restore
restored</code>.</p>
</html>
`;
}

/** A server wants to know who comes; that is not the key, and the owner can have it changed there. */
function signInNote(location: VaultLocation): string {
  if (location.kind === 'folder') return '';
  const how =
    location.kind === 's3'
      ? 'Set <code>AWS_ACCESS_KEY_ID</code> and <code>AWS_SECRET_ACCESS_KEY</code> before the commands below.'
      : 'For restic write both into the address, <code>rest:https://NAME:PASSWORD@…</code>; Rootcellar asks for them.';
  return `<p>The server wants a name and a password of its own. They are not on this page: whoever runs it can tell them, or
give new ones. ${how}</p>
`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
