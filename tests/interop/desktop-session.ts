import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';

/** What `isMissing` is to be asked for. */
export const DESKTOP_PROGRAMS = ['dbus-daemon', 'dbus-send', 'gnome-keyring-daemon', 'secret-tool'] as const;

/** Somebody at the screen of a Linux desktop: a session bus, and GNOME's key store. */
export interface DesktopSession {
  /** For programs that run in the session. */
  readonly env: Readonly<Record<string, string>>;
  /** Signs in: with the password the key store is open, without one it stays locked. Whoever was signed in signs out. */
  signIn(password?: string): Promise<void>;
  signOut(): Promise<void>;
  /** As somebody would who looks at their passwords. @returns what it wrote to stdout */
  secretTool(...args: readonly string[]): Promise<string>;
}

const START_MS_MAX = 10_000;

/** @param folder holds the home of its owner; whoever made it removes it */
export function desktopSession(folder: string): DesktopSession {
  const socket = join(folder, 'bus');
  const env = {
    HOME: join(folder, 'home'),
    XDG_RUNTIME_DIR: join(folder, 'run'),
    XDG_DATA_HOME: join(folder, 'home', '.local', 'share'),
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}`,
  };
  let running: ChildProcess[] = [];
  const start = (program: string, args: readonly string[], input = ''): void => {
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.stdin.once('error', () => {}); // One that does not read what it is told may be gone already.
    child.stdin.end(input);
    running.push(child);
  };
  const signOut = async (): Promise<void> => {
    for (const child of running.reverse()) await endOf(child);
    running = [];
    await rm(socket, { force: true });
  };
  return {
    env,
    signOut,
    async signIn(password) {
      await signOut();
      for (const path of [env.XDG_DATA_HOME, env.XDG_RUNTIME_DIR])
        await mkdir(path, { recursive: true, mode: 0o700 });
      start('dbus-daemon', ['--session', '--nofork', `--address=unix:path=${socket}`]);
      await until(() => hasOwner('org.freedesktop.DBus', env));
      const unlock = password === undefined ? [] : ['--unlock'];
      start('gnome-keyring-daemon', ['--foreground', '--components=secrets', ...unlock], password);
      await until(() => hasOwner('org.freedesktop.secrets', env));
    },
    async secretTool(...args) {
      return (await runProgram('secret-tool', args, { env })).stdout;
    },
  };
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Asks the bus itself, which would start what has no owner yet only if that were called. */
async function hasOwner(name: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const words = ['/org/freedesktop/DBus', 'org.freedesktop.DBus.NameHasOwner', `string:${name}`];
  const bus = ['--session', '--print-reply', '--dest=org.freedesktop.DBus'];
  return (await runProgram('dbus-send', [...bus, ...words], { env })).stdout.includes('boolean true');
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + START_MS_MAX;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error('The desktop did not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
