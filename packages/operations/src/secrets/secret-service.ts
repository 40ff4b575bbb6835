import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { operationError } from '../errors.ts';
import { type KeyStore, type KeyStoreState, requireOpen } from './key-store.ts';
import { runKeyProgram } from './run-key-program.ts';

/** It answers in milliseconds, or somebody is asked to unlock it and nobody is there. */
const TOOL_MS_MAX = 20_000;
const BUS_MS_MAX = 3_000;

const SERVICE = 'org.freedesktop.secrets';
const ROOT = '/org/freedesktop/secrets';

/** Two programs that ask the session bus; one of them is on every Linux desktop. */
const BUS_PROGRAMS = [
  {
    program: 'dbus-send',
    start: ['--session', '--print-reply', '--reply-timeout=2000', `--dest=${SERVICE}`],
    alias: [ROOT, 'org.freedesktop.Secret.Service.ReadAlias', 'string:default'],
    locked: (collection: string) => [
      collection,
      'org.freedesktop.DBus.Properties.Get',
      'string:org.freedesktop.Secret.Collection',
      'string:Locked',
    ],
  },
  {
    program: 'busctl',
    start: ['--user', '--timeout=2'],
    alias: ['call', SERVICE, ROOT, 'org.freedesktop.Secret.Service', 'ReadAlias', 's', 'default'],
    locked: (collection: string) => [
      'get-property',
      SERVICE,
      collection,
      'org.freedesktop.Secret.Collection',
      'Locked',
    ],
  },
] as const;

/** This one is forgotten when its owner signs out. */
const LOST_ON_SIGN_OUT = `${ROOT}/collection/session`;

/**
 * The Secret Service of a Linux desktop (GNOME Keyring, KWallet, KeePassXC …), by libsecret's `secret-tool`.
 *
 * Source: Secret Service API 0.2 (aliases, `Locked`); `secret-tool(1)`, whose secret goes through stdin and stdout;
 * observed with libsecret 0.20 and GNOME Keyring 42: `lookup` of what is not there ends with 1 and says nothing.
 */
export function secretService(environment: NodeJS.ProcessEnv = process.env): KeyStore {
  const tool = async (args: readonly string[], input?: string) => {
    // While it is locked, the program would put a question on a screen that perhaps nobody sees.
    requireOpen(await stateOf(environment));
    const run = await runKeyProgram('secret-tool', args, { input, timeoutMs: TOOL_MS_MAX });
    if (run === undefined) throw operationError('key-store-failed');
    return run;
  };
  return {
    state: () => stateOf(environment),
    async get(item) {
      const { exitCode, stdout, hasComplained } = await tool(['lookup', ...attributes(item)]);
      if (exitCode === 0) return stdout;
      if (exitCode === 1 && !hasComplained) return undefined;
      throw operationError('key-store-failed', { exitCode });
    },
    async set(item, { label, text }) {
      const { exitCode } = await tool(['store', `--label=${label}`, ...attributes(item)], text);
      if (exitCode !== 0) throw operationError('key-store-failed', { exitCode });
    },
    async delete(item) {
      const { exitCode, hasComplained } = await tool(['clear', ...attributes(item)]);
      if (exitCode !== 0 && hasComplained) throw operationError('key-store-failed', { exitCode });
    },
  };
}

const attributes = (item: string): readonly string[] => ['application', 'rootcellar', 'item', item];

async function stateOf(environment: NodeJS.ProcessEnv): Promise<KeyStoreState> {
  if (!hasSessionBus(environment)) return 'absent';
  // Without a word it explains itself, and ends: it is there.
  if ((await runKeyProgram('secret-tool', [], { timeoutMs: BUS_MS_MAX })) === undefined) return 'absent';
  for (const { program, start, alias, locked } of BUS_PROGRAMS) {
    const found = await runKeyProgram(program, [...start, ...alias], { timeoutMs: BUS_MS_MAX });
    if (found === undefined) continue;
    const collection = /"(\/[^"]+)"/.exec(found.stdout)?.[1];
    if (found.exitCode !== 0 || collection === undefined || collection === LOST_ON_SIGN_OUT) return 'absent';
    const answer = await runKeyProgram(program, [...start, ...locked(collection)], { timeoutMs: BUS_MS_MAX });
    const isLocked = /\b(true|false)\b/.exec(answer?.stdout ?? '')?.[1];
    if (answer?.exitCode !== 0 || isLocked === undefined) return 'absent';
    return isLocked === 'true' ? 'locked' : 'open';
  }
  return 'absent';
}

/** Asked for without one, the bus would start a new one that nobody uses. */
function hasSessionBus({ DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR }: NodeJS.ProcessEnv): boolean {
  if (DBUS_SESSION_BUS_ADDRESS) return true;
  return Boolean(XDG_RUNTIME_DIR) && existsSync(join(XDG_RUNTIME_DIR ?? '', 'bus'));
}
