/** The slower suites: long runs, fresh clones, many random problems. Continuous integration runs them too. */
import { defineConfig } from 'vitest/config';
import { withVulkan } from './test/helpers/vulkan.ts';

withVulkan();

export default defineConfig({
  test: {
    // As many as the smallest machine has cores; by default vitest leaves one idle.
    maxWorkers: 2,
    include: ['test/deep/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { requireAssertions: true },
  },
});
