/** How much an application ships: the limits of `scripts/sizes.mjs`, and that a reader of data is shipped where it is imported alone. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { root } from '../module/harness.ts';

interface Size {
  readonly name: string;
  readonly gzip: number;
  readonly limit?: number;
  readonly modules: readonly string[];
}

const sizes = JSON.parse(execFileSync(process.execPath, [`${root}scripts/sizes.mjs`, '--json'], { encoding: 'utf8' })) as readonly Size[];
const shipped = (name: string): readonly string[] => sizes.find((size) => size.name === name)?.modules ?? [];
const readers = ['csv', 'json', 'npy', 'npz'] as const;
const moduleOf = (reader: string): string => `dist/runtime/data/${reader}.js`;

describe('what an application ships', () => {
  it('is measured', () => {
    expect(sizes.map(({ limit }) => limit).filter((limit) => limit !== undefined)).toEqual([60_000, 40_000]);
    for (const { name, gzip, modules } of sizes) {
      expect([name, gzip > 100]).toEqual([name, true]);
      expect([name, modules.length > 0]).toEqual([name, true]);
    }
  });

  it.each(sizes.filter(({ limit }) => limit !== undefined))('is below its limit: $name', ({ gzip, limit = 0 }) => {
    expect(gzip).toBeLessThan(limit);
  });

  it('has the backend where something runs, and no backend in the runtime alone', () => {
    const isBackend = (module: string): boolean => module.startsWith('dist/runtime/backends/');
    expect(shipped('the module of ridge, for `solve`').some(isBackend)).toBe(true);
    expect(shipped('the runtime, without backends').some(isBackend)).toBe(false);
  });

  it('has no reader that it does not import, and no library of one', () => {
    for (const reader of readers) {
      const modules = shipped(`bilevel/data/${reader}`);
      expect(readers.filter((other) => modules.includes(moduleOf(other)))).toEqual([reader]);
      expect([reader, modules.some((module) => module.includes('node_modules/fflate/'))]).toEqual([reader, reader === 'npz']);
    }
    const application = shipped('ridge from its CSV file on a server');
    expect(readers.filter((reader) => application.includes(moduleOf(reader)))).toEqual(['csv']);
    expect(application.filter((module) => module.includes('node_modules/'))).toEqual([]);
    expect(readers.filter((reader) => shipped('bilevel/data').includes(moduleOf(reader)))).toEqual([]);
  });

  it('has no compiler, no grammar and no explanation of a diagnostic', () => {
    const foreign = /^dist\/(?:grammar|compiler|library|plugin|cli)\/|^dist\/diagnostics\/(?:explanations|catalogue|syntax|names|levels)/u;
    for (const { name, modules } of sizes) expect([name, modules.filter((module) => foreign.test(module))]).toEqual([name, []]);
  });
});
