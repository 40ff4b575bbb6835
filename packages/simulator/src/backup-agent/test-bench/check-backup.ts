import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asDict, parsePropertyList } from '@rootcellar/codecs';
import { backupEntries } from '../../content/backup-entries.ts';
import { backupScope } from '../../content/domains.ts';
import { readWhole } from '../../file-system/file-content.ts';
import type { Phone } from '../../phone/phone.ts';
import { UDID } from './bench-phone.ts';
import type { StrictHost } from './strict-host.ts';

/** Of `KeychainDomain` and `keychain-backup.plist`. */
const KEYCHAIN_ID = createHash('sha1').update('KeychainDomain-keychain-backup.plist').digest('hex');

/**
 * Compares the host's backup with the phone, without any code of the agent: every entry of the phone
 * has a row, every file row its payload with the very bytes, and there is nothing else.
 *
 * @returns what is wrong, in words; empty if nothing is
 */
export async function findFaults(phone: Phone, host: StrictHost): Promise<readonly string[]> {
  const faults: string[] = [];
  const status = host.files.get(`${UDID}/Status.plist`);
  const state = asDict(status && parsePropertyList(status))?.['SnapshotState'];
  if (state !== 'finished') faults.push(`state is ${state}`);
  const rows = readRows(host);
  const expected = new Map<string, Uint8Array | undefined>();
  for (const { domain, relativePath, node } of backupEntries(
    phone.files,
    phone.apps,
    backupScope(false, phone.behaviour),
  )) {
    const id = createHash('sha1').update(`${domain}-${relativePath}`).digest('hex');
    expected.set(id, node.content && (await readWhole(node.content)));
    const flags = { file: 1, folder: 2, link: 4 }[node.kind];
    if (rows.get(id) !== flags) faults.push(`${domain}/${relativePath} has flags ${rows.get(id)}`);
  }
  for (const id of rows.keys()) if (!expected.has(id)) faults.push(`row ${id} is of nothing on the phone`);
  for (const [id, bytes] of expected) {
    // Never leaves the phone as it is; other tests open what does.
    if (id === KEYCHAIN_ID) continue;
    const payload = host.files.get(`${UDID}/${id.slice(0, 2)}/${id}`);
    if (bytes !== undefined && !payload?.every((byte, at) => byte === bytes[at]))
      faults.push(`payload ${id} differs`);
    if (bytes !== undefined && payload?.length !== bytes.length)
      faults.push(`payload ${id} has another length`);
  }
  for (const path of host.files.keys()) {
    const id = path.slice(path.lastIndexOf('/') + 1);
    if (/^[0-9a-f]{40}$/.test(id) && expected.get(id) === undefined)
      faults.push(`payload ${id} is left over`);
    if (path.includes('Snapshot')) faults.push(`${path} is left over`);
  }
  return faults;
}

function readRows(host: StrictHost): ReadonlyMap<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'check-backup-'));
  try {
    const copy = join(folder, 'Manifest.db');
    writeFileSync(copy, host.files.get(`${UDID}/Manifest.db`) ?? '');
    const db = new DatabaseSync(copy, { readOnly: true });
    const rows = db.prepare('SELECT fileID, flags FROM Files').all();
    db.close();
    return new Map(rows.map((row) => [String(row['fileID']), Number(row['flags'])]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
