import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandContext } from '../run-command.ts';

/**
 * Where the link that signs in once is shown: on the screen of whoever started the hub. Without one all that is said ends
 * in a log, which others may read and which stays; then the link stands in a file for its owner alone, `sign-in-link` in
 * the data folder. Whoever asked for `--json` gets it in that document.
 */
export function signInFile({ surface, dataFolder }: CommandContext): {
  /** Before the first is told. */
  show(link: string): Promise<void>;
  /** After one was used. */
  showNext(link: string): Promise<void>;
  /** What to tell instead of a link that must not be told. */
  where(link: string): string;
  /** When none of them works any more. */
  forget(): Promise<void>;
} {
  const file = join(dataFolder, 'sign-in-link');
  const isFiled = !surface.isOnScreen;
  // One after the other: the last link is the one that works.
  let written = Promise.resolve();
  const show = (link: string): Promise<void> => {
    if (!isFiled) return Promise.resolve();
    written = written.catch(() => {}).then(() => write(file, link));
    return written;
  };
  return {
    show,
    async showNext(link) {
      if (!isFiled) surface.say(`To sign in once more:     ${link}`);
      await show(link).catch(() => surface.say('The link to sign in once more could not be written.'));
    },
    where: (link) => (isFiled ? `the link in ${file}` : link),
    async forget() {
      await written.catch(() => {});
      if (isFiled) await rm(file, { force: true });
    },
  };

  async function write(path: string, link: string): Promise<void> {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    const aside = `${path}.new`;
    await rm(aside, { force: true });
    await writeFile(aside, `${link}\n`, { mode: 0o600, flag: 'wx' });
    await rename(aside, path);
  }
}
