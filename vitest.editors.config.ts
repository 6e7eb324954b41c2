/** The suite that needs editors: Neovim with the language server of the built program, and VS Code in a browser with the extension. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    maxWorkers: 1,
    include: ['test/editors/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { requireAssertions: true },
  },
});
