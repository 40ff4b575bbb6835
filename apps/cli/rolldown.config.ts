import { defineConfig } from 'rolldown';

/** What runs in threads and processes of its own is found beside the program, by name. */
export const THREADS = {
  'blob-worker': '../../packages/vault/dist/chunks/blob-worker.js',
  'database-reader': '../../packages/content/dist/preview/database-reader.js',
  'open-worker': '../../packages/vault/dist/repository/open-worker.js',
  'pack-worker': '../../packages/vault/dist/upkeep/pack-worker.js',
  'shard-worker': '../../packages/backup/dist/verify/shard-worker.js',
};

/**
 * The program in few files: loading 300 takes longer than many a command. What looks for its neighbours by
 * `import.meta` finds them only as deep below `apps` as `tsc` puts it: in `apps/<name>/dist/<folder>/`.
 */
export default defineConfig({
  cwd: import.meta.dirname,
  input: { main: 'dist/main.js', ...THREADS },
  platform: 'node',
  output: { dir: 'dist/program', format: 'esm', cleanDir: true },
});
