import { describe, expect, test } from 'vitest';
import { plistStream } from '../../plist-stream.ts';
import { wire } from '../../testing/scripted-phone.ts';
import { notificationProxyClient } from './notification-proxy.ts';

const WAIT = { timeoutMs: 5_000, waitingFor: 'a test' };

function start() {
  const { ours, phone } = wire();
  const heard: string[] = [];
  const proxy = notificationProxyClient(ours, (name) => heard.push(name));
  return { proxy, heard, stream: plistStream(phone), phone, ours };
}

describe('a notification proxy', () => {
  test('is told what to observe and what to post', async () => {
    const { proxy, stream } = start();
    await proxy.observe(['a', 'b']);
    await proxy.post('c');
    expect(await stream.receive(WAIT)).toEqual({ Command: 'ObserveNotification', Name: 'a' });
    expect(await stream.receive(WAIT)).toEqual({ Command: 'ObserveNotification', Name: 'b' });
    expect(await stream.receive(WAIT)).toEqual({ Command: 'PostNotification', Name: 'c' });
  });

  test('relays names, and nothing else', async () => {
    const { heard, stream } = start();
    await stream.send({ Command: 'RelayNotification', Name: 'first' });
    await stream.send({ Command: 'RelayNotification', Name: 5 });
    await stream.send({ Command: 'Else', Name: 'x' });
    await stream.send(['RelayNotification']);
    await stream.send({ Command: 'ProxyDeath' });
    await stream.send({ Command: 'RelayNotification', Name: 'last' });
    await expect.poll(() => heard).toEqual(['first', 'last']);
  });

  test('that speaks nonsense falls silent, and harms nobody', async () => {
    const { heard, phone, stream } = start();
    await phone.write(Buffer.from('00000004deadbeef', 'hex'));
    await stream.send({ Command: 'RelayNotification', Name: 'x' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard).toEqual([]);
  });

  test('ends with its connection, from either side', async () => {
    const { proxy, phone, ours } = start();
    proxy.close();
    expect(ours.closed).toBe(true);
    phone.destroy();
    const other = start();
    other.phone.end();
    await new Promise((resolve) => setTimeout(resolve, 10));
    other.proxy.close();
  });
});
