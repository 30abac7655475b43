import { defineConfig } from 'vitest/config';

// A hanging test is stopped, a slow machine is not held against it.
const limits = { pool: 'threads', isolate: false, testTimeout: 120_000, hookTimeout: 180_000 } as const;

// Vite finds `#libs/*` only through `ssr.resolve`; and it reads the decorator flags from tsconfig.json.
export default defineConfig({
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    // Most suites wait for stores and clocks more than they work.
    maxWorkers: 4,
    projects: [
      {
        extends: true,
        test: {
          ...limits,
          name: 'parts',
          include: ['{apps,libs,doubles,tools}/**/*.spec.ts', 'e2e/simulation/*.spec.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // The whole system has the machine to itself: a dozen processes beside other suites would test the scheduler. Two systems at a time,
        // for three that start at once are not ready within a minute.
        extends: true,
        test: { ...limits, name: 'system', include: ['e2e/*.spec.ts'], sequence: { groupOrder: 1 }, maxWorkers: 2 },
      },
    ],
  },
});
