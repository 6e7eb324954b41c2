/**
 * The mode `headlessgl` of gpu.js: every op and every reference problem. By hand, because the package `gl` is minutes of building; see
 * `CONTRIBUTING.md`.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/headlessgl/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000, expect: { requireAssertions: true } },
});
