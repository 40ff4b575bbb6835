import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** A program of the operating system, played by a few lines of shell, which notes how it was called. */
export interface StandIn {
  /** What was run: the arguments, one a line, and what came on stdin. */
  calls(): Promise<readonly { readonly args: readonly string[]; readonly input: string }[]>;
  /** A PATH on which it is found first. */
  readonly path: string;
}

/** @param script runs in the folder, after the call was noted; `$input` is what came on stdin */
export async function standInProgram(folder: string, name: string, script: string): Promise<StandIn> {
  const bin = join(folder, 'bin');
  const file = join(bin, name);
  const notes = join(folder, `${name}.calls`);
  await mkdir(bin, { recursive: true });
  await writeFile(notes, '');
  const note = `input=$(cat; echo x); input=\${input%x}
for arg in "$@"; do printf '%s\\0' "$arg" >>'${notes}'; done; printf '\\1%s\\2' "$input" >>'${notes}'`;
  await writeFile(file, `#!/bin/sh\n${note}\n${script}\n`);
  await chmod(file, 0o755);
  return {
    async calls() {
      const text = await readFile(notes, 'utf8');
      return text
        .split('\x02')
        .slice(0, -1)
        .map((call) => {
          const [args = '', input = ''] = call.split('\x01');
          return { args: args.split('\0').slice(0, -1), input };
        });
    },
    path: [bin, process.env['PATH']].join(delimiter),
  };
}
