import { describe, expect, test } from 'vitest';
import { launchAgent } from './launch-agent.ts';
import { isOurs, type ServiceWish } from './service-file.ts';
import { systemdUnit } from './systemd-unit.ts';

const WISH: ServiceWish = {
  node: '/opt/rootcellar/node_modules/.bin/node',
  launcher: '/opt/rootcellar/bin/rootcellar',
  args: ['start', '--no-open', '--data', '/srv/cellar', '--port', '4610'],
  environment: {},
};

const withData = (data: string): ServiceWish => ({ ...WISH, args: ['start', '--data', data] });
const unit = (wish: ServiceWish) => systemdUnit(wish, '/home/lena/.config');
const agent = (wish: ServiceWish) => launchAgent(wish, { home: '/Users/lena', uid: 501 });

describe('a unit of systemd', () => {
  test('is this text, in this place', () => {
    expect(unit(WISH).path).toBe('/home/lena/.config/systemd/user/rootcellar.service');
    expect(unit(WISH).text.split('\n').slice(1).join('\n')).toBe(`[Unit]
Description=Rootcellar: backups of iPhones
StartLimitIntervalSec=10min
StartLimitBurst=5

[Service]
ExecStart=/opt/rootcellar/node_modules/.bin/node /opt/rootcellar/bin/rootcellar start --no-open --data /srv/cellar --port 4610
Restart=on-failure
RestartSec=10
# Only the launcher is told to stop; it tells the rest, which then ends its jobs in order.
KillMode=mixed
TimeoutStopSec=60
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native

[Install]
WantedBy=default.target
`);
  });

  test.each([
    ['/srv/my cellar', '"/srv/my cellar"'],
    ['/srv/100%', '"/srv/100%%"'],
    ['/srv/$HOME', '"/srv/$$HOME"'],
    ['/srv/"a"', '"/srv/\\"a\\""'],
    ['/srv/back\\slash', '"/srv/back\\\\slash"'],
    ['/srv/Äpfel;#', '"/srv/Äpfel;#"'],
    ['', '""'],
  ])('writes %j so that systemd reads it as it is', (data, written) => {
    expect(unit(withData(data)).text).toContain(`start --data ${written}\n`);
  });

  test('takes over where usbmuxd is, in which no variable is replaced', () => {
    const { text } = unit({ ...WISH, environment: { USBMUXD_SOCKET_ADDRESS: 'UNIX:/run/my $mux' } });
    expect(text).toContain('\nEnvironment="USBMUXD_SOCKET_ADDRESS=UNIX:/run/my $mux"\nRestart=');
  });

  test('is not made of what would begin a line of its own', () => {
    expect(() => unit(withData('/srv/a\nExecStartPre=/bin/evil'))).toThrow(
      expect.objectContaining({ code: 'service.path-unwritable' }),
    );
  });
});

describe('a launch agent', () => {
  test('is this text, in this place', () => {
    expect(agent(WISH).path).toBe('/Users/lena/Library/LaunchAgents/local.rootcellar.hub.plist');
    const [declaration, , ...rest] = agent(WISH).text.split('\n');
    expect([declaration, ...rest].join('\n')).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>local.rootcellar.hub</string>
  <key>ProgramArguments</key>
  <array>
    <string>/opt/rootcellar/node_modules/.bin/node</string>
    <string>/opt/rootcellar/bin/rootcellar</string>
    <string>start</string>
    <string>--no-open</string>
    <string>--data</string>
    <string>/srv/cellar</string>
    <string>--port</string>
    <string>4610</string>
  </array>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key>
  <dict><key>SuccessfulExit</key><false/></dict>
  <key>ThrottleInterval</key><integer>10</integer>
  <key>ExitTimeOut</key><integer>60</integer>
  <key>ProcessType</key><string>Background</string>
  <key>Umask</key><integer>63</integer>
  <key>StandardOutPath</key><string>/Users/lena/Library/Logs/Rootcellar.log</string>
  <key>StandardErrorPath</key><string>/Users/lena/Library/Logs/Rootcellar.log</string>
</dict>
</plist>
`);
  });

  test('keeps words as they are, also those that mean something to XML', () => {
    expect(agent(withData('/a&b<c>]]>')).text).toContain('<string>/a&amp;b&lt;c&gt;]]&gt;</string>');
    expect(() => agent(withData('\u0007'))).toThrow(
      expect.objectContaining({ code: 'service.path-unwritable' }),
    );
  });

  test('takes over where usbmuxd is', () => {
    const { text } = agent({ ...WISH, environment: { USBMUXD_SOCKET_ADDRESS: 'UNIX:/a&b' } });
    expect(text).toContain('<key>USBMUXD_SOCKET_ADDRESS</key><string>UNIX:/a&amp;b</string>');
  });
});

describe.each([
  ['a unit of systemd', unit],
  ['a launch agent', agent],
])('%s', (_, make) => {
  test('is known as ours, until somebody has changed a character of it', () => {
    const { text } = make(WISH);
    expect(isOurs(text)).toBe(true);
    expect(isOurs(text.replace('4610', '4611'))).toBe(false);
    expect(isOurs(`${text}\n`)).toBe(false);
    expect(isOurs(text.split('\n').toSpliced(0, 2).join('\n'))).toBe(false);
    expect(isOurs('')).toBe(false);
  });
});
