import { join } from 'node:path';
import { serviceError } from './errors.ts';
import { markOf, type ServiceCommand, type ServiceFile, type ServiceWish } from './service-file.ts';

const LABEL = 'local.rootcellar.hub';

/**
 * A launch agent of the person who is signed in at the Mac: it runs while they are.
 *
 * Source: launchd.plist(5), `KeepAlive`, `ProcessType`, `Umask` (a decimal number: 63 is 0077); launchctl(1), `bootstrap`,
 * `bootout`. Unknown: nobody has tried it on a Mac yet.
 *
 * @throws `service.path-unwritable`
 */
export function launchAgent(
  wish: ServiceWish,
  person: { readonly home: string; readonly uid: number },
): ServiceFile {
  const path = join(person.home, 'Library', 'LaunchAgents', `${LABEL}.plist`);
  const log = join(person.home, 'Library', 'Logs', 'Rootcellar.log');
  const domain = `gui/${person.uid}`;
  const service = `${domain}/${LABEL}`;
  const load: ServiceCommand = { words: ['launchctl', 'bootstrap', domain, path] };
  const body = agentText(wish, log);
  const [declaration = '', ...rest] = body.split('\n');
  return {
    path,
    text: [declaration, `<!-- ${markOf(body)} -->`, ...rest].join('\n'),
    begin: [{ words: ['launchctl', 'bootout', service], mayFail: true }, load],
    keep: [{ ...load, mayFail: true }, { words: ['launchctl', 'kickstart', service] }],
    end: [{ words: ['launchctl', 'bootout', service], mayFail: true }],
    forget: [],
    hints: [`What it says, also where the sign-in link stands: ${log}`],
  };
}

function agentText({ node, launcher, args, environment }: ServiceWish, log: string): string {
  const strings = [node, launcher, ...args].map((word) => `    <string>${escaped(word)}</string>\n`).join('');
  const variables = Object.entries(environment).map(
    ([name, value]) => `    <key>${escaped(name)}</key><string>${escaped(value)}</string>\n`,
  );
  const environmentText =
    variables.length === 0
      ? ''
      : `  <key>EnvironmentVariables</key>\n  <dict>\n${variables.join('')}  </dict>\n`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${strings}  </array>
${environmentText}  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key>
  <dict><key>SuccessfulExit</key><false/></dict>
  <key>ThrottleInterval</key><integer>10</integer>
  <key>ExitTimeOut</key><integer>60</integer>
  <key>ProcessType</key><string>Background</string>
  <key>Umask</key><integer>63</integer>
  <key>StandardOutPath</key><string>${escaped(log)}</string>
  <key>StandardErrorPath</key><string>${escaped(log)}</string>
</dict>
</plist>
`;
}

/** XML 1.0 has no way to write most control characters. */
function escaped(text: string): string {
  if (/[\u0000-\u001f\u007f\ufffe\uffff]/.test(text) || !text.isWellFormed())
    throw serviceError('path-unwritable');
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
