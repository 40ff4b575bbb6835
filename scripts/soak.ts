import { basename } from 'node:path';
import { filesMatching } from './repository.ts';
import { runNamed } from './run-named.ts';

/** Long proofs, each run by its name: `npm run soak -- NAME`. */
const proofs = filesMatching('tests/soak/*.soak.ts').map(
  (path) => [basename(path, '.soak.ts'), path] as const,
);

await runNamed({ kind: 'soak', files: new Map(proofs), name: process.argv[2] });
