/** The suites that need Chromium: modules in pages and workers, the example application, and the guide. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // A dev server that restarts beside a second browser was seen to lose a worker: one file after the other.
    maxWorkers: 1,
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { requireAssertions: true },
  },
});
