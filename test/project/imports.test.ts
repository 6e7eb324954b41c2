import { describe, expect, it } from 'vitest';
import { cycles, forbiddenImports, missingTargets, moduleLevelState, sourceModules, type ModuleText } from './imports.ts';

const modules = sourceModules();

describe('the modules', () => {
  it('import in the allowed directions only', () => {
    expect(modules.length).toBeGreaterThan(20);
    expect(forbiddenImports(modules)).toEqual([]);
  });
  it('import what is there', () => {
    expect(missingTargets(modules)).toEqual([]);
  });
  it('form no cycle', () => {
    expect(cycles(modules)).toEqual([]);
  });
  it('hold no module-level variable that can change, where texts and graphs are made', () => {
    expect(moduleLevelState(modules)).toEqual([]);
  });
});

describe('the rules find', () => {
  const module = (path: string, text: string): ModuleText => ({ path, text });

  it.each([
    ['the runtime importing the compiler', 'runtime/a.ts', "import { x } from '../compiler/b.ts';", 'runtime may not see compiler'],
    ['a type import too', 'plan/a.ts', "import type { X } from '../grammar/b.ts';", 'plan may not see grammar'],
    ['a re-export', 'grammar/a.ts', "export * from '../compiler/b.ts';", 'grammar may not see compiler'],
    ['a dynamic import', 'runtime/a.ts', "const m = await import('../cli/b.ts');", 'runtime may not see cli'],
    ['an import type', 'diagnostics/a.ts', "type X = import('../plan/types.ts').Plan;", 'diagnostics may not see plan'],
    ['a file being read in the compiler', 'compiler/a.ts', "import { readFileSync } from 'node:fs';", 'compiler does no IO'],
    ['a missing suffix', 'cli/a.ts', "import { x } from './b';", 'without the suffix'],
    ['the index of its own folder', 'cli/a.ts', "import { x } from './index.ts';", 'index of its own folder'],
  ])('%s', (_, path, text, words) => {
    expect(forbiddenImports([module(path, text)])).toEqual([expect.stringContaining(words)]);
  });

  it('a cycle of what is loaded, not of types', () => {
    const found = cycles([
      module('plan/a.ts', "import { b } from './b.ts';"),
      module('plan/b.ts', "import { c } from './deep/c.ts';\nimport type { D } from './d.ts';"),
      module('plan/deep/c.ts', "import { a } from '../a.ts';"),
      module('plan/d.ts', "import { a } from './a.ts';"),
    ]);
    expect(found).toEqual(['plan/a.ts → plan/b.ts → plan/deep/c.ts → plan/a.ts']);
  });

  it('a module-level let', () => {
    expect(
      moduleLevelState([module('compiler/a.ts', 'let counter = 0;\nexport const f = () => { let x = 1; return x + counter; };')]),
    ).toEqual(['compiler/a.ts: let counter = 0;']);
  });

  it('nothing in what is allowed', () => {
    const fine = module('cli/a.ts', "import { x } from '../compiler/b.ts';\nimport fs from 'node:fs';\nimport { y } from './c.ts';");
    expect(forbiddenImports([fine])).toEqual([]);
  });
});
