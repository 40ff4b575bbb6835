import { spawnSync } from 'node:child_process';

/** The same as `isMissing`, for a module of a Python. */
export function isPythonModuleMissing(python: string, module: string): boolean {
  if (spawnSync(python, ['-c', `import ${module}`]).status === 0) return false;
  const message = `Not installed, needed for interop tests: ${module} of ${python}`;
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`SKIPPED – ${message}`);
  return true;
}
