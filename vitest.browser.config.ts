/** The suites that need Chromium: libraries of kernels on its GPU, modules in pages and workers, the example application, and the guide. */
import { defineConfig } from 'vitest/config';

const devices = ['test/browser/devices.test.ts', 'test/browser/tfjs.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { requireAssertions: true },
    projects: [
      // They wait for a GPU, which is software on a machine that has none, and serve plain files: side by side, which takes two thirds of the time.
      { extends: true, test: { name: 'devices', include: devices, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      {
        extends: true,
        test: {
          name: 'pages',
          // A dev server that restarts beside a second browser was seen to lose a worker: one file after the other.
          maxWorkers: 1,
          include: ['test/browser/**/*.test.ts'],
          exclude: devices,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
