/** The suite that needs Node only and stays under two minutes; slower ones are in `test/deep/` (`vitest.deep.config.ts`). */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // As many as the smallest machine has cores; by default vitest leaves one idle.
    maxWorkers: 2,
    include: ['test/**/*.test.ts'],
    exclude: ['test/deep/**', 'test/browser/**', 'test/editors/**', 'test/hosts/**', 'test/headlessgl/**'],
    // Files share a process, so the compiler is loaded and warm; a test leaves no global changed.
    isolate: false,
    testTimeout: 20_000,
    expect: { requireAssertions: true },
  },
});
