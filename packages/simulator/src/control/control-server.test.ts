import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import { type Simulator, startSimulator } from '../simulate.ts';
import { makeTestHost } from '../testing/pairing.ts';
import { lockdownClient, pairRequest } from '../testing/wire-client.ts';
import type { FaultsAnswer, FilesAnswer, NodeAnswer, PhoneAnswer } from './control-protocol.ts';

let simulator: Simulator;
let phone: SimulatedPhone;
let base: string;

beforeAll(async () => {
  simulator = await startSimulator({
    phones: [
      { owner: 'absent', profile: 'empty' },
      { owner: 'absent', profile: 'empty', model: 'iPhone14,5' },
    ],
  });
  const first = simulator.phones[0];
  if (!first) throw new Error('No phone was started');
  phone = first;
  base = `${simulator.control}/phones/${phone.identity.udid}`;
});
afterAll(() => simulator.close());

async function post(
  page: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: PhoneAnswer }> {
  const answer = await fetch(`${base}/${page}`, { method: 'POST', body: JSON.stringify(body ?? {}) });
  return { status: answer.status, body: (await answer.json()) as PhoneAnswer };
}

async function get<Answer>(url: string): Promise<Answer> {
  return (await fetch(url)).json() as Promise<Answer>;
}

describe('the control address', () => {
  it('lists the phones and describes one', async () => {
    const { phones } = await get<{ readonly phones: readonly unknown[] }>(`${simulator.control}/phones`);
    expect(phones).toHaveLength(2);
    expect(phones[1]).toMatchObject({ productType: 'iPhone14,5', productVersion: '26.1' });
    const described = await get<PhoneAnswer>(base);
    expect(described).toMatchObject({
      udid: phone.identity.udid,
      condition: { running: true, plugged: true, locked: false, hasPasscode: true, setUp: true },
      prompt: null,
      trusts: [],
    });
    expect(JSON.stringify(described)).not.toContain('123456');
  });

  it('lets days pass', async () => {
    const lived = await post('live', { days: 2 });
    expect(lived).toMatchObject({ status: 200, body: { days: 2, messages: 0, photosTaken: 0 } });
    expect(await post('live')).toMatchObject({ status: 200, body: { days: 1 } });
    expect((await post('live', { only: 'everything' })).status).toBe(400);
    for (const days of [0, 367, 1.5, 'two']) expect((await post('live', { days })).status).toBe(400);
  });

  it('plays the owner through a pairing', async () => {
    const lockdown = await lockdownClient(simulator);
    const host = makeTestHost(phone.deviceKey.publicPem);
    expect((await post('trust')).status).toBe(409);
    await lockdown.request(pairRequest(host));
    expect((await get<PhoneAnswer>(base)).prompt).toEqual({ kind: 'trust', computer: 'a test' });
    expect((await post('trust')).status).toBe(200);
    await expect.poll(async () => (await get<PhoneAnswer>(base)).prompt?.kind).toBe('passcode');
    expect(await post('passcode', { code: '000000' })).toMatchObject({
      status: 409,
      body: { error: { code: 'wrong-passcode' } },
    });
    expect((await post('passcode', { code: '123456' })).status).toBe(200);
    await lockdown.request(pairRequest(host));
    expect((await get<PhoneAnswer>(base)).trusts).toEqual([host.hostID]);
    lockdown.close();
  });

  it('declines trust and cancels prompts', async () => {
    const asked = phone.owner.askTrust(undefined, new AbortController().signal);
    await expect.poll(async () => (await post('deny')).status).toBe(200);
    expect(await asked).toBe('denied');
    const passcode = phone.owner.askPasscode('backup', new AbortController().signal);
    await expect.poll(async () => (await post('cancel-prompt')).status).toBe(200);
    expect(await passcode).toBe('cancelled');
  });

  it('locks, unplugs, changes and restarts', async () => {
    expect((await post('lock')).body.condition.locked).toBe(true);
    expect((await post('unlock')).body.condition.locked).toBe(false);
    expect((await post('unplug')).body.condition.plugged).toBe(false);
    expect((await post('join-wifi')).body.condition.onWifi).toBe(true);
    expect(phone.presence.connections).toEqual(['Network']);
    await post('leave-wifi');
    expect((await post('plug')).body.condition.plugged).toBe(true);
    const set = await post('set', {
      findMy: true,
      batteryPercent: 7,
      onPower: false,
      passcode: null,
      setUp: true,
    });
    expect(set.body.condition).toMatchObject({
      findMy: true,
      batteryPercent: 7,
      onPower: false,
      hasPasscode: false,
    });
    await post('set', { passcode: '9876' });
    expect(phone.condition).toMatchObject({ passcode: '9876', findMy: true });
    expect((await post('restart')).body.condition.running).toBe(false);
    await expect.poll(() => phone.presence.running, { timeout: 5000 }).toBe(true);
  });

  it('puts the phone under management, and forgets its backup password', async () => {
    const none = new Uint8Array();
    phone.encryption = { password: 'geheim', keybag: none, classKeys: new Map(), fileSecret: none };
    const managed = await post('set', { requiresEncryption: true });
    expect(managed.body.condition).toMatchObject({ requiresEncryption: true, encryptsBackups: true });
    expect(phone.values.get('com.apple.mobile.backup', 'RequiresEncryption')).toBe(1);
    expect(JSON.stringify(managed.body)).not.toContain('geheim');
    await post('set', { requiresEncryption: false });
    const reset = await post('reset-settings');
    expect(reset.body.condition).toMatchObject({ encryptsBackups: false, running: false });
    await expect.poll(() => phone.presence.running, { timeout: 5000 }).toBe(true);
  });

  it('fills the phone and empties it again', async () => {
    const before = (await get<PhoneAnswer>(base)).condition.freeBytes;
    expect((await post('set', { freeBytes: 5000 })).body.condition.freeBytes).toBe(5000);
    expect(phone.values.get('com.apple.disk_usage', 'TotalDataAvailable')).toBe(5000);
    expect(() => phone.files.writeFile('/var/big', new Uint8Array(5001))).toThrow();
    expect((await post('set', { freeBytes: before + 1 })).status).toBe(400);
    expect((await get<PhoneAnswer>(base)).condition.freeBytes).toBe(5000);
    expect((await post('set', { freeBytes: null })).body.condition.freeBytes).toBe(before);
  });

  it('tells the computer when the owner cancels on the phone', async () => {
    const posted: string[] = [];
    const stop = phone.notifications.listen((name) => posted.push(name));
    await post('cancel-sync');
    stop();
    expect(posted).toEqual(['com.apple.itunes-client.syncCancelRequest']);
  });

  it('arms faults, counts their blows and disarms them', async () => {
    const faults = async (method: string, query = '', body?: unknown) => {
      const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
      return (await fetch(`${base}/faults${query}`, init)).json() as Promise<FaultsAnswer>;
    };
    const stall = { name: 'stall', seed: 'a', times: 2, parameters: { bytes: 10, seconds: 3 } };
    const armed = {
      ...stall,
      parameters: { ...stall.parameters, service: 'com.apple.mobilebackup2' },
      struck: 0,
    };
    expect(await faults('POST', '', stall)).toEqual({ faults: [armed] });
    await faults('POST', '', { name: 'all-zero-disk-usage' });
    expect(phone.values.get('com.apple.disk_usage', 'TotalDataAvailable')).toBe(0);
    expect((await faults('GET')).faults).toMatchObject([
      { struck: 0 },
      { name: 'all-zero-disk-usage', struck: 1 },
    ]);
    expect((await faults('DELETE', '?name=stall')).faults).toHaveLength(1);
    expect(await faults('DELETE', '?name=stall')).toMatchObject({ error: { code: 'no-such-fault' } });
    expect(await faults('DELETE')).toEqual({ faults: [] });
    expect(phone.values.get('com.apple.disk_usage', 'TotalDataAvailable')).not.toBe(0);
  });

  it('turns a phone on that was shut down, when it is plugged in', async () => {
    phone.shutDown();
    expect((await post('plug')).body.condition.running).toBe(true);
  });

  it('shows, makes, renames and removes files with their metadata', async () => {
    const content = Buffer.from('sweet apples');
    const put = await fetch(`${base}/file?path=/var/mobile/Dir/a b.txt`, { method: 'PUT', body: content });
    const made = (await put.json()) as NodeAnswer;
    expect(made).toMatchObject({ kind: 'file', sizeBytes: 12, path: '/var/mobile/Dir/a b.txt' });
    expect(made.sha256).toBe(createHash('sha256').update(content).digest('hex'));

    const changed = await post('attributes', {
      path: made.path,
      permissions: 0o600,
      protectionClass: 1,
      modifiedAt: 5,
      extendedAttributes: { 'com.example': Buffer.from('x').toString('base64') },
    });
    expect(changed.body).toMatchObject({
      permissions: 0o600,
      modifiedAt: 5,
      extendedAttributes: { 'com.example': 'eA==' },
    });
    expect((await post('rename', { from: made.path, to: '/var/mobile/c' })).status).toBe(200);
    const { files } = await get<FilesAnswer>(`${base}/files?root=/var/mobile`);
    expect(files.map((file) => [file.path, file.kind])).toEqual([
      ['/var/mobile', 'folder'],
      ['/var/mobile/Dir', 'folder'],
      ['/var/mobile/c', 'file'],
    ]);
    expect(files[2]).toMatchObject({ inode: made.inode, sha256: made.sha256, permissions: 0o600 });
    const read = await fetch(`${base}/file?path=/var/mobile/c`);
    expect(Buffer.from(await read.arrayBuffer())).toEqual(content);
    expect((await fetch(`${base}/file?path=/var/mobile/c`, { method: 'DELETE' })).status).toBe(200);
    expect((await fetch(`${base}/file?path=/var/mobile/c`)).status).toBe(404);
    expect((await get<FilesAnswer>(`${base}/files?root=/nowhere`)).files).toEqual([]);
  });

  it('erases', async () => {
    phone.files.writeFile('/var/mobile/mine', Buffer.from('x'));
    await post('erase');
    await expect.poll(() => phone.files.stat('/var/mobile/mine')).toBeUndefined();
    await expect.poll(() => phone.presence.running, { timeout: 5000 }).toBe(true);
    expect(await get<PhoneAnswer>(base)).toMatchObject({
      trusts: [],
      condition: { setUp: false },
      name: 'iPhone',
    });
  });

  it.each([
    ['GET', '/nothing', undefined, 404],
    ['GET', '//', undefined, 404],
    ['POST', '/phones', undefined, 404],
    ['GET', '/phones/nobody', undefined, 404],
    ['POST', '/phones/UDID/dance', undefined, 404],
    ['GET', '/phones/UDID/trust', undefined, 404],
    ['GET', '/phones/UDID/files/more', undefined, 404],
    ['POST', '/phones/UDID/set', '{"findMy": "yes"}', 400],
    ['POST', '/phones/UDID/set', '{"batteryPercent": 101}', 400],
    ['POST', '/phones/UDID/set', '{"passcode": ""}', 400],
    ['POST', '/phones/UDID/set', '{"freeBytes": -1}', 400],
    ['POST', '/phones/UDID/set', '{"freeBytes": "all"}', 400],
    ['POST', '/phones/UDID/faults', '{"name": "boredom"}', 400],
    ['POST', '/phones/UDID/faults', '{"name": "stall", "times": -1}', 400],
    ['POST', '/phones/UDID/faults', '{"name": "stall", "parameters": {"bytes": -1}}', 400],
    ['POST', '/phones/UDID/faults', '{"name": "stall", "parameters": {"bites": 1}}', 400],
    ['POST', '/phones/UDID/faults', '{"name": "stall", "parameters": []}', 400],
    ['POST', '/phones/UDID/set', 'not json', 400],
    ['POST', '/phones/UDID/set', '[]', 400],
    ['POST', '/phones/UDID/passcode', '{}', 400],
    ['POST', '/phones/UDID/rename', '{"from": "/a"}', 404],
    ['POST', '/phones/UDID/rename', '{"from": "/var", "to": "/var/in"}', 400],
    ['POST', '/phones/UDID/attributes', '{"path": "/var", "permissions": 1.5}', 400],
    ['POST', '/phones/UDID/attributes', '{"path": "/var", "extendedAttributes": {"a": 1}}', 400],
    ['GET', '/phones/UDID/file', undefined, 400],
    ['GET', '/phones/UDID/file?path=relative', undefined, 400],
    ['GET', '/phones/UDID/file?path=/var/../etc', undefined, 400],
    ['GET', '/phones/UDID/file?path=/var', undefined, 400],
    ['PUT', '/phones/UDID/file?path=/var', 'x', 400],
    ['PUT', '/phones/UDID/file?path=/', 'x', 400],
    ['POST', '/phones/UDID/set', `"${'x'.repeat(300_000)}"`, 413],
  ])('refuses %s %s %s with %i', async (method, path, body, status) => {
    phone.files.makeFolder('/var');
    const url = simulator.control + path.replace('UDID', phone.identity.udid);
    const answer = await fetch(url, { method, ...(body !== undefined && { body }) });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toHaveProperty('error.message');
  });

  it.each([
    [{ Host: 'evil.example' }, 403],
    [{ Host: '127.0.0.1.evil.example:80' }, 403],
    [{ Origin: 'http://evil.example' }, 403],
    [{ Origin: 'null' }, 403],
    [{ Host: 'localhost:1234' }, 200],
  ])('answers a request with %j by %i', async (headers, status) => {
    const answered = await new Promise((resolve, reject) => {
      const request = httpRequest(`${simulator.control}/phones`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.once('error', reject);
      request.end();
    });
    expect(answered).toBe(status);
  });
});
