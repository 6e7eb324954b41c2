/** What a page becomes, and what the options of a plugin make of it. */
import { describe, expect, it } from 'vitest';
import { readOptions, type BilevelOptions } from '../../plugin/options.ts';
import { PageMistake, shownAt } from '../../plugin/mistakes.ts';
import { importPage, placeOf } from '../../plugin/page.ts';
import { UsageError } from '../../library/usage-error.ts';
import { pages } from './application.ts';

const mean = { name: 'mean.bilevel', text: pages['mean.bilevel'] };
const two = { name: 'two.bilevel', text: pages['two.bilevel'] };

describe('a page', () => {
  it('with one problem is the module of that problem', () => {
    const page = importPage(mean);
    expect(page.module().value?.code).toContain('export default {');
    expect(page.module('mean').value).toEqual(expect.objectContaining({ code: page.module().value?.code }));
    expect(page.declarations().value).toContain('from mean.bilevel');
  });

  it('with several problems exports each under its name, from a module of its own', () => {
    const page = importPage(two);
    expect(page.module().value?.code).toBe(
      "export * as near from './two.bilevel?problem=near';\nexport * as far from './two.bilevel?problem=far';\n".replaceAll("'", '"'),
    );
    expect(page.module('far').value?.code).toContain('Farther away.');
    expect(page.module('near').value?.code).not.toContain('Farther away.');
    const map = JSON.parse(page.module().value?.map('two.bilevel') ?? '') as {
      readonly sources: readonly string[];
      readonly mappings: string;
    };
    expect(map).toMatchObject({ sources: ['two.bilevel'], mappings: 'AAAA;AAQA' });
  });

  it('has the functions of pages beside it, and names these as seen from its own', () => {
    const text = `import { near } from "../shared/near.bilevel"\n${mean.text.replace('(w[0] +', '(near(w[0]) +')}`;
    const shared = 'fn near(x: []): [] = 2 * x';
    const page = importPage({ name: 'own.bilevel', text, imports: (name) => (name === '../shared/near.bilevel' ? shared : undefined) });
    expect([...page.imports]).toEqual([['../shared/near.bilevel', shared]]);
    expect(page.module().diagnostics).toEqual([]);
    const wrong = importPage({ name: 'own.bilevel', text, imports: () => 'fn near(x: []): [] = 2 * y' });
    const place = shownAt('/somewhere/pages/own.bilevel', wrong);
    const mistake = new PageMistake(wrong.module().diagnostics, place, true);
    expect(mistake.message).toContain('/somewhere/shared/near.bilevel:1:26: error BL2001');
    expect(mistake.message).toContain('1 | fn near(x: []): [] = 2 * y');
    expect(mistake.message).toContain('--> /somewhere/pages/own.bilevel:1:22');
    expect(mistake.loc).toEqual({ file: '/somewhere/shared/near.bilevel', line: 1, column: 26 });
  });

  it('without a problem is none', () => {
    const page = importPage({ name: 'empty.bilevel', text: '// nothing\n' });
    for (const result of [page.module(), page.declarations()]) {
      expect(result.value).toBeUndefined();
      expect(result.diagnostics).toMatchObject([{ code: 'BL9004', span: { file: 'empty.bilevel', start: 0 } }]);
    }
  });

  it('is named by an import, its problem by a query', () => {
    expect(placeOf('/a/two.bilevel')).toEqual({ file: '/a/two.bilevel', problem: undefined });
    expect(placeOf('/a/two.bilevel?problem=%CF%89')).toEqual({ file: '/a/two.bilevel', problem: 'ω' });
    expect(placeOf('/a/two.bilevel?problem=50%')).toEqual({ file: '/a/two.bilevel', problem: '50%' });
  });
});

describe('the options', () => {
  const codeWith = (options: BilevelOptions): string => importPage(mean, readOptions(options)).module().value?.code ?? '';

  it('choose the strategy that a module carries', () => {
    expect(codeWith({})).toContain("id: 'closed_form+cholesky'");
    expect(codeWith({ strategy: 'implicit' })).toMatch(/asked: \{ strategy: 'implicit' \}/u);
  });

  it('choose the numbers of the kernels, in an order of their own', () => {
    expect(codeWith({})).not.toContain('f32: () =>');
    expect(codeWith({ precisions: ['f32', 'f64'] })).toContain('f64: () => unpack(kernels0), f32: () => unpack(kernels1)');
  });

  it('give sizes to the dims that a page leaves open, and contradict none', () => {
    expect(codeWith({ sizes: { n: 4, elsewhere: 100 } })).toContain("id: 'closed_form+cholesky'");
    const fixed = { ...mean, text: mean.text.replace('dim n', 'dim n = 4') };
    expect(importPage(fixed, readOptions({ sizes: { n: 4 } })).module().value).toBeDefined();
    const { value, diagnostics } = importPage(fixed, readOptions({ sizes: { n: 5 } })).module();
    expect(value).toBeUndefined();
    expect(diagnostics).toMatchObject([
      { code: 'BL9001', severity: 'error', message: "the plugin's option `sizes`: `n` is 5 there, and the page says that it is 4" },
    ]);
  });

  it('say on the page why nothing is valid at the sizes given', () => {
    const wide = {
      name: 'wide.bilevel',
      text: mean.text.replace('dim n', 'dim n, d').replace('param w: [2]', 'param w: [d]').replace('w[0] + w[1] * x', 'w[0] + w[1] * x'),
    };
    const { value, diagnostics } = importPage(wide, readOptions({ sizes: { n: 5_000, d: 100_000 }, strategy: 'closed_form' })).module();
    expect(value).toBeUndefined();
    expect(diagnostics.at(-1)).toMatchObject({ severity: 'error', span: { file: 'wide.bilevel' } });
  });

  it.each([
    [{ stategy: 'implicit' }, 'the plugin has no option `stategy`: did you mean `strategy`?'],
    [{ strategy: 5 }, "`strategy` is a name, such as 'implicit', and was a number"],
    [{ sizes: { n: -1 } }, '`sizes`: the size of `n` is a whole number, 0 or more; write { n: 100 }, say'],
    [{ sizes: 4 }, '`sizes` is an object, such as { n: 442 }, and was a number'],
    [{ sizes: new Map([['n', 4]]) }, '`sizes` is an object, such as { n: 442 }, and was a collection'],
    [[], 'the plugin takes its options as an object, and was given a list'],
    [null, 'the plugin takes its options as an object, and was given null'],
    [{ precisions: [] }, "`precisions` is a list, such as ['f64', 'f32'], and was empty"],
    [{ precisions: [null] }, "`precisions` is a word, such as 'f64', and was null"],
    [{ precisions: ['f16'] }, '`precisions` cannot be `f16`'],
    [{ types: 'yes' }, '`types` is true or false, and was a string'],
  ])('are refused when they cannot be understood: %o', (options, words) => {
    expect(() => readOptions(options as unknown as BilevelOptions)).toThrow(UsageError);
    expect(() => readOptions(options as unknown as BilevelOptions)).toThrow(words);
  });

  it('name a strategy that there is', () => {
    const { value, diagnostics } = importPage(mean, readOptions({ strategy: 'implicitt' })).module();
    expect(value).toBeUndefined();
    expect(diagnostics).toMatchObject([
      {
        code: 'BL9001',
        message: "the plugin's option `strategy`: `mean` has no strategy `implicitt`",
        hints: ['did you mean `implicit`?', '`bilevel plan mean.bilevel` lists what there is'],
        span: { file: 'mean.bilevel' },
      },
    ]);
  });
});
