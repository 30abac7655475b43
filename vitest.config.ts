import { defineConfig } from 'vitest/config';

// Vite finds `#libs/*` only through `ssr.resolve`; and it reads the decorator flags from tsconfig.json.
export default defineConfig({
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    pool: 'threads',
    isolate: false,
    include: ['{apps,libs,tools}/**/*.spec.ts', 'e2e/**/*.spec.ts'],
    exclude: ['node_modules/**', 'dist/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
