import { inspect } from 'node:util';
import { asDict, parsePropertyList } from '@rootcellar/codecs';
import { refusals } from './answers.ts';
import { parseManifestPlist, parseStatus } from './control-files.ts';
import { type AgentSession, fetchControlFile } from './session.ts';

/**
 * Info: a text about the backup on the host.
 * Source: works for an unencrypted backup on iOS 16.7.2, 207 for an encrypted one; the keys are those
 * of that answer, its exact layout is Unknown.
 */
export async function reportInfo(session: AgentSession): Promise<string> {
  const status = await requireControlFile(session, 'Status.plist');
  const manifest = await requireControlFile(session, 'Manifest.plist');
  const properties = parseManifestPlist(manifest);
  if (properties === undefined || parseStatus(status) === undefined) throw refusals.propertiesEmpty();
  if (properties.isEncrypted) throw refusals.passwordWrong();
  const statusDict = asDict(parsePropertyList(status)) ?? {};
  const dict = asDict(parsePropertyList(manifest)) ?? {};
  return inspect(
    {
      MBStatus: { ...statusDict },
      MBDriveProperties: {
        version: dict['Version'],
        systemDomainsVersion: dict['SystemDomainsVersion'],
        requiredProductVersion: null,
        encrypted: properties.isEncrypted,
        passcodeSet: dict['WasPasscodeSet'] ?? false,
        lockdownKeys: Object.keys(asDict(dict['Lockdown']) ?? {}),
      },
    },
    { depth: 3, breakLength: 100 },
  );
}

/** List reads the manifest of iOS 9 and finds none. Source: observed on iOS 10.1.1. */
export async function refuseList(session: AgentSession): Promise<Error> {
  await fetchControlFile(session, 'Manifest.mbdb');
  return refusals.databaseMissing(`${session.folder}/Manifest.mbdb`);
}

/**
 * Unback reads Manifest.plist, then answers 207 for an encrypted backup and nothing at all otherwise.
 * Source: libimobiledevice, issues 1469 and 1155 (iOS 14.4.2).
 */
export async function refuseUnback(session: AgentSession): Promise<void> {
  const manifest = await fetchControlFile(session, 'Manifest.plist');
  if (manifest === undefined) throw refusals.propertiesMissing(`${session.folder}/Manifest.plist`);
  if (parseManifestPlist(manifest)?.isEncrypted) throw refusals.passwordWrong();
}

async function requireControlFile(session: AgentSession, name: string): Promise<Uint8Array> {
  const bytes = await fetchControlFile(session, name);
  if (bytes === undefined) throw refusals.noSuchFile(`${session.folder}/${name}`);
  if (bytes.length === 0) throw refusals.propertiesEmpty();
  return bytes;
}
