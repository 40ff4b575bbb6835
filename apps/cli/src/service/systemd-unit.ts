import { join } from 'node:path';
import { serviceError } from './errors.ts';
import { markOf, type ServiceCommand, type ServiceFile, type ServiceWish } from './service-file.ts';

const UNIT = 'rootcellar.service';

/**
 * A unit of the person's own systemd: no root is needed, and what it writes is theirs.
 *
 * It is hardened by what works without namespaces: those a person's systemd cannot make everywhere (Ubuntu 24.04 forbids
 * it), and a unit that asks for them does not start there. Memory stays writable and executable, which Node's compiler
 * needs; netlink stays, which lists the network's interfaces and USB devices; unix sockets stay, which lead to usbmuxd.
 *
 * Source: systemd.exec(5), "Sandboxing", which of them need PrivateUsers= in a user's manager; systemd.service(5).
 *
 * @param configFolder `$XDG_CONFIG_HOME`, or `~/.config`
 * @throws `service.path-unwritable`
 */
export function systemdUnit(wish: ServiceWish, configFolder: string): ServiceFile {
  const body = unitText(wish);
  return {
    path: join(configFolder, 'systemd', 'user', UNIT),
    text: `# ${markOf(body)}\n${body}`,
    begin: [systemctl('daemon-reload'), systemctl('enable', UNIT), systemctl('restart', UNIT)],
    keep: [systemctl('daemon-reload'), systemctl('enable', '--now', UNIT)],
    end: [systemctl('disable', '--now', UNIT)],
    forget: [systemctl('daemon-reload')],
    hints: [
      `What it says, also where the sign-in link stands: journalctl --user --unit ${UNIT}`,
      'To run it while nobody is signed in:              loginctl enable-linger',
    ],
  };
}

function systemctl(...words: readonly string[]): ServiceCommand {
  return { words: ['systemctl', '--user', ...words] };
}

function unitText({ node, launcher, args, environment }: ServiceWish): string {
  // Variables are known in the words after the program alone.
  const words = [launcher, ...args].map((word) => word.replaceAll('$', () => '$$'));
  const command = [node, ...words].map(quoted).join(' ');
  const variables = Object.entries(environment).map(
    ([name, value]) => `Environment=${quoted(`${name}=${value}`)}\n`,
  );
  return `[Unit]
Description=Rootcellar: backups of iPhones
StartLimitIntervalSec=10min
StartLimitBurst=5

[Service]
ExecStart=${command}
${variables.join('')}Restart=on-failure
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
`;
}

/**
 * A word as systemd reads it.
 * Source: systemd.syntax(7), "Quoting"; systemd.unit(5), "Specifiers"; systemd.service(5), "Command lines": `$$` is `$`.
 * @throws `service.path-unwritable`
 */
function quoted(word: string): string {
  if (/[\u0000-\u001f\u007f]/.test(word)) throw serviceError('path-unwritable');
  const escaped = word.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%');
  return /^[A-Za-z0-9_@:,./=+-]+$/.test(word) ? word : `"${escaped}"`;
}
