import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['source'] };
/** No test writes into the key store of whoever runs it, nor does what a test starts. */
const env = { ROOTCELLAR_KEY_STORE: 'file' };
const ssr = { resolve: { conditions: ['source', 'node'] } };

/** `unit` is `npm run test:fast`; `whole` is what starts other programs or takes minutes. */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        resolve,
        ssr,
        test: {
          env,
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          env,
          name: 'whole',
          include: ['tests/**/*.test.ts'],
          globalSetup: 'tests/build-program.ts',
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
