/** The slower suites: long runs, fresh clones, many random problems. Continuous integration runs them too. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/deep/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { requireAssertions: true },
  },
});
