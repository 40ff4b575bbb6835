import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A small file that its owner alone can read: whole and durable under its name, or not there at all. */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.draft`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await chmod(draft, 0o600);
  await rename(draft, file);
  await flushFolderOf(file);
}

/** One that came back after a power cut would count again. */
export async function removePrivateFile(file: string): Promise<void> {
  await rm(file, { force: true });
  await flushFolderOf(file);
}

async function flushFolderOf(file: string): Promise<void> {
  const folder = await open(dirname(file));
  await folder.sync().finally(() => folder.close());
}
