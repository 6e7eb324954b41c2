/** The slower suites: long runs, fresh clones, many random problems. Continuous integration runs them too. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';
import { withVulkan } from './test/helpers/vulkan.ts';

withVulkan();

/** Minutes each, in order: begun last, one of them would keep a core busy while the other has nothing left. */
const longest = [
  ...['programs', 'tfjs-cases', 'module-targets', 'examples', 'reference', 'editor-fuzz', 'gpujs-cases', 'fresh', 'wasm-valid'],
  ...['refactorings', 'predicted-error', 'calls-cases', 'unrolled-memory', 'front-doors', 'module-types', 'package', 'mixed'],
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/** These have a process each: what they hold is much, they measure, or a library of kernels keeps a device for as long as its process lasts. */
const alone = [...longest, 'bench', 'inexact', 'library-browser', 'tfjs-*', 'gpujs-*'].map((name) => `test/deep/${name}.test.ts`);

export default defineConfig({
  test: {
    // As many as the smallest machine has cores; by default vitest leaves one idle.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { requireAssertions: true },
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      // The others share one, so the compiler is loaded and warm; a test leaves no global changed.
      { extends: true, test: { name: 'shared', isolate: false, include: ['test/deep/**/*.test.ts'], exclude: alone } },
    ],
  },
});
