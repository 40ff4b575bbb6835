import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type PhoneFileSystem,
  type SimulatedPhone,
  type Simulator,
  startSimulator,
} from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isMissing } from './required-program.ts';
import { type ProgramRun, runProgram } from './run-program.ts';

/** Each of its connections sleeps; a small backup opens about twenty. */
const BACKUP_MS_MAX = 90_000;

const SMS = '/var/mobile/Library/SMS/sms.db';

describe.skipIf(isMissing('idevicebackup2', 'idevicepair'))('idevicebackup2', () => {
  let folder = '';
  let simulator: Simulator;
  let phone: SimulatedPhone;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rootcellar-idevicebackup2-'));
    simulator = await startSimulator();
    const [first] = simulator.phones;
    if (first === undefined) throw new Error('No phone was started');
    phone = first;
    await pair();
  });
  afterAll(async () => {
    await simulator.close();
    await rm(folder, { recursive: true });
  });

  const run = (command: string, ...args: readonly string[]): Promise<ProgramRun> =>
    runProgram(command, args, { env: { USBMUXD_SOCKET_ADDRESS: simulator.tcp }, timeoutMs: BACKUP_MS_MAX });
  /** The first try only puts the question on the phone's screen. */
  const pair = async (): Promise<void> => {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      if ((await run('idevicepair', 'pair')).exitCode === 0) return;
      await sleep(500);
    }
    throw new Error('The phone could not be paired');
  };
  const backupTool = (...args: readonly string[]): Promise<ProgramRun> =>
    run('idevicebackup2', ...args, folder);
  const udidFolder = (): string => join(folder, phone.identity.udid);

  it('makes a full backup', async () => {
    const { exitCode, output } = await backupTool('backup', '--full');
    expect(output).toContain('Backup Successful.');
    expect(exitCode).toBe(0);
    expect(await readFile(join(udidFolder(), 'Status.plist'))).toHaveLength(189);
  });

  it.skipIf(isMissing('python3'))('leaves a manifest that Python reads as the format says', async () => {
    const script = join(folder, 'check.py');
    await writeFile(script, CHECK_MANIFEST);
    const { stdout, output } = await run('python3', script, udidFolder());
    if (stdout === '') throw new Error(output);
    expect(JSON.parse(stdout)).toEqual({
      pageSize: 4096,
      autoVacuum: 2,
      userVersion: 2,
      walBytes: [2, 2],
      columns: ['fileID', 'domain', 'relativePath', 'flags', 'file'],
      properties: 0,
      faults: [],
      files: expect.any(Number),
      manifestVersion: '10.0',
      isEncrypted: false,
      state: 'finished',
    });
    expect(JSON.parse(stdout).files).toBeGreaterThan(150);
  });

  it('makes an incremental backup and reports about it', async () => {
    phone.files.writeFile('/var/mobile/Library/Preferences/new.plist', Buffer.from('new'));
    const { output } = await backupTool('backup');
    expect(output).toContain('Backup Successful.');
    expect(output).toMatch(/Received \d files from device/);
    const info = await backupTool('info');
    expect(info.output).toContain('systemDomainsVersion');
    expect(info.exitCode).toBe(0);
  });

  it('is told when Find My is on', async () => {
    phone.condition.findMy = true;
    const { exitCode, output } = await backupTool('restore', '--no-reboot');
    phone.condition.findMy = false;
    expect(output).toContain('MBErrorDomain/211');
    expect(exitCode).toBe(256 - 211);
  });

  it('restores without restart, and the data is in place after one', async () => {
    const before = sizesOf(phone.files);
    phone.files.remove(SMS);
    const { output } = await backupTool('restore', '--system', '--settings', '--remove', '--no-reboot');
    expect(output).toContain('Restore Successful.');
    expect(phone.files.stat(SMS)).toBeUndefined();
    await phone.restart();
    expect(sizesOf(phone.files)).toEqual(before);
  });

  it('restores onto an erased phone, apps included', async () => {
    const before = sizesOf(phone.files);
    const apps = phone.apps;
    await phone.erase();
    expect(phone.files.stat(SMS)).toBeUndefined();
    expect(phone.apps.some((app) => app.kind === 'User')).toBe(false);
    await pair();
    const { output } = await backupTool('restore', '--system', '--settings', '--remove');
    expect(output).toContain('Restore Successful.');
    await expect.poll(() => phone.files.stat(SMS), { timeout: 10_000 }).toBeDefined();
    expect(sizesOf(phone.files)).toEqual(before);
    expect(phone.apps.map((app) => app.bundleID)).toEqual(apps.map((app) => app.bundleID));
    expect(phone.condition.setUp).toBe(true);
  });
});

/** What backups without password leave out. */
const NEEDS_A_PASSWORD =
  /\/(Health|MedicalID|homed|CallHistoryDB|People)(\/|$)|apple\.wifi|Safari\/(History|SafariTabs)\.db/;

/** Sizes, modes and times of everything, but what an app keeps for itself. */
function sizesOf(files: PhoneFileSystem): readonly string[] {
  return [...files.walk('/var')]
    .filter(
      ({ path }) =>
        !/\/(Caches|tmp|iTunesRestore)(\/|$)|excluded by its app|lock_sync/.test(path) &&
        !NEEDS_A_PASSWORD.test(path),
    )
    .filter(({ kind }) => kind === 'file')
    .map(
      ({ path, sizeBytes, attributes: a }) =>
        `${path} ${sizeBytes} ${a.permissions} ${a.modifiedAt} ${a.changedAt}`,
    );
}

/** An independent reader: sqlite3 and plistlib of Python's standard library. */
const CHECK_MANIFEST = `
import hashlib, json, os, plistlib, sqlite3, sys
folder = sys.argv[1]
path = os.path.join(folder, 'Manifest.db')
with open(path, 'rb') as file: header = file.read(100)
db = sqlite3.connect('file:' + path + '?mode=ro&immutable=1', uri=True)
pragma = lambda name: db.execute('PRAGMA ' + name).fetchone()[0]
digest_domains = ('HomeDomain', 'RootDomain', 'DatabaseDomain', 'SystemPreferencesDomain', 'KeychainDomain')
faults, files = [], 0
if pragma('integrity_check') != 'ok': faults.append('integrity')
for fileID, domain, relativePath, flags, blob in db.execute('SELECT * FROM Files'):
    def fault(what): faults.append([domain, relativePath, what])
    if hashlib.sha1((domain + '-' + relativePath).encode()).hexdigest() != fileID: fault('fileID')
    archive = plistlib.loads(blob)
    objects = archive['$objects']
    if archive['$archiver'] != 'NSKeyedArchiver' or archive['$version'] != 100000: fault('archiver')
    if archive['$top']['root'].data != 1 or objects[0] != '$null': fault('top')
    record = objects[1]
    if objects[record['$class'].data]['$classname'] != 'MBFile': fault('class')
    if record['RelativePath'].data != 2 or objects[2] != relativePath: fault('path')
    kind = {1: 0o100000, 2: 0o040000, 4: 0o120000}[flags]
    if record['Mode'] & 0o170000 != kind: fault('mode')
    for key in ('InodeNumber', 'UserID', 'GroupID', 'LastModified', 'LastStatusChange', 'Birth', 'Size', 'ProtectionClass', 'Flags'):
        if type(record[key]) is not int: fault(key)
    if ('Target' in record) != (flags == 4): fault('target')
    if 'ExtendedAttributes' in record: plistlib.loads(objects[record['ExtendedAttributes'].data])
    place = os.path.join(folder, fileID[:2], fileID)
    if flags != 1:
        if os.path.exists(place): fault('a payload')
        continue
    files += 1
    with open(place, 'rb') as file: payload = file.read()
    if len(payload) != record['Size']: fault('size')
    if domain in digest_domains and objects[record['Digest'].data] != hashlib.sha1(payload).digest(): fault('digest')
    if domain.startswith('AppDomain') and 'Digest' in record: fault('digest in an app domain')
with open(os.path.join(folder, 'Manifest.plist'), 'rb') as file: manifest = plistlib.load(file)
with open(os.path.join(folder, 'Status.plist'), 'rb') as file: status = plistlib.load(file)
print(json.dumps({
    'pageSize': pragma('page_size'), 'autoVacuum': pragma('auto_vacuum'), 'userVersion': pragma('user_version'),
    'walBytes': list(header[18:20]), 'columns': [row[1] for row in db.execute('PRAGMA table_info(Files)')],
    'properties': db.execute('SELECT count(*) FROM Properties').fetchone()[0], 'faults': faults, 'files': files,
    'manifestVersion': manifest['Version'], 'isEncrypted': manifest['IsEncrypted'], 'state': status['SnapshotState']}))
`;
