import { operationError } from '../errors.ts';
import { type KeyStore, type KeyStoreState, requireOpen } from './key-store.ts';
import { type KeyProgramRun, runKeyProgram } from './run-key-program.ts';

/** An open one may still ask on the screen whether this program may see an item; a person takes their time. */
const ASKED_MS_MAX = 60_000;
/** Nobody is to be asked: who does not answer at once is locked. */
const STATE_MS_MAX = 3_000;

/** What `security` reads at once, with its end. Source: Apple's Security, SecurityTool/macOS/security.c, MAX_LINE_LEN. */
const LINE_BYTES_MAX = 4095;

/**
 * Exit codes: the last eight bits of an OSStatus. Source: Apple's Security, SecBase.h: errSecItemNotFound -25300,
 * errSecInteractionNotAllowed -25308, errSecAuthFailed -25293; MacErrors.h: userCanceledErr -128.
 */
const NOT_FOUND = 44;
const LOCKED: readonly number[] = [36, 51, 128];

const SERVICE = 'Rootcellar';

/**
 * The keychain of a Mac, by Apple's `security`. What is kept goes in as a command on stdin (`security -i`), and comes out
 * on stdout.
 *
 * Source: `security(1)`; Apple's Security, SecurityTool/macOS/security.c: quotes and backslashes of a line, and that the
 * program ends with the code of its last command. Unknown: how it behaves on a Mac; nobody has run this on one.
 */
export function keychainOfMac(): KeyStore {
  return {
    state,
    async get(item) {
      const run = await security(['find-generic-password', '-s', SERVICE, '-a', item, '-w']);
      if (run.exitCode === NOT_FOUND) return undefined;
      return requireDone(run).stdout.replace(/\n$/, '');
    },
    async set(item, { label, text }) {
      const words = ['-U', '-s', SERVICE, '-a', item, '-l', label, '-w', text];
      const line = `add-generic-password ${words.map(quoted).join(' ')}\n`;
      const lineBytes = Buffer.byteLength(line);
      // A longer one would be cut in two, and its second half taken for a command.
      if (lineBytes > LINE_BYTES_MAX) throw operationError('key-store-failed', { lineBytes });
      requireDone(await security(['-i'], line));
    },
    async delete(item) {
      const run = await security(['delete-generic-password', '-s', SERVICE, '-a', item]);
      if (run.exitCode !== NOT_FOUND) requireDone(run);
    },
  };
}

/** Unknown: whether the system asks on the screen meanwhile. If it does, the question goes when the time is over. */
async function state(): Promise<KeyStoreState> {
  const asking = { timeoutMs: STATE_MS_MAX };
  const run = await runKeyProgram('security', ['show-keychain-info'], asking);
  if (run?.exitCode === 0) return 'open';
  if (run !== undefined) return LOCKED.includes(run.exitCode) ? 'locked' : 'absent';
  const isThere = (await runKeyProgram('security', ['help'], asking)) !== undefined;
  return isThere ? 'locked' : 'absent';
}

async function security(args: readonly string[], input?: string): Promise<KeyProgramRun> {
  requireOpen(await state());
  const run = await runKeyProgram('security', args, { input, timeoutMs: ASKED_MS_MAX });
  if (run === undefined) throw operationError('key-store-failed');
  return run;
}

function requireDone(run: KeyProgramRun): KeyProgramRun {
  const { exitCode } = run;
  if (LOCKED.includes(exitCode)) throw operationError('key-store-locked');
  if (exitCode !== 0) throw operationError('key-store-failed', { exitCode });
  return run;
}

const quoted = (word: string): string => `"${word.replaceAll(/[\\"]/g, '\\$&')}"`;
