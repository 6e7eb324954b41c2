/** Problems in process: the results of their modules, to the last bit; values that are put into a page; errors that show the page. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { PageError, UsageError, bilevel, problem } from '../../library/index.ts';
import type { PageValue } from '../../library/index.ts';
import { given } from '../../compiler/ir/attributes.ts';
import { bindData } from '../../runtime/data/files.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import type { Tensor } from '../../runtime/module.ts';
import { quickTravellers } from '../helpers/examples.ts';
import { Project } from '../module/harness.ts';

const project = new Project();
afterAll(() => project.remove());

describe.each(quickTravellers)('the problem of $name', ({ name, page }) => {
  it('gives to the last bit what its module gives', async () => {
    await project.compile(page, `${name}.js`);
    const module = await project.load(`${name}.js`);
    const here = problem(readFileSync(page, 'utf8'), { file: `${name}.bilevel` });
    expect(here.warnings).toEqual([]);
    expect(here.describe).toEqual(module.describe);
    const { bound } = await bindData(
      { ...here.describe, data: here.describe.data.map((d) => ({ ...d, span: { ...d.span, file: page } })) },
      nodeSources(),
    );
    const slots = Object.entries(given(bound).slots).filter(([slot]) => slot.startsWith('data:'));
    const data = Object.fromEntries(slots.map(([slot, tensor]) => [slot.slice('data:'.length), tensor]));
    expect(await here.hypergradient(data)).toEqual(await module.hypergradient(data));
  });
});

/** The numbers that a page holds where these were put in. */
async function echo(values: readonly number[]): Promise<readonly number[]> {
  const { report } = await bilevel`
    problem echo {
      dim n = ${values.length}
      hyper a: positive = 1
      param x: []
      inner minimize a * x^2
      outer minimize x^2
      report all = ${values}
      report first = ${values[0] ?? 0}
    }
  `.evaluate({});
  const { all, first } = report as { readonly all: Tensor; readonly first: number };
  return [...all.data, first];
}

describe('a value on a page', () => {
  it('is the number that was given, to the last bit', async () => {
    const edges = [-1 / 3, 0.1, 1e21, 1e-7, 5e-324, -1.7976931348623157e308, 2 ** 53 + 2, 0, -0];
    const seed = 13;
    const values = [...edges, ...fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { seed, numRuns: 100 })];
    const held = await echo(values);
    for (const [i, x] of [...values, values[0]].entries()) expect(held[i], `seed ${seed}`).toBe(x);
  });

  it('is one value, whatever stands around it', async () => {
    const both = bilevel`
      problem p {
        dim n = ${3}
        hyper a: real in [${-2}, ${2}] = ${-1}
        param w: [n]
        inner minimize sum((w - ${[1, -2, 0.5]} * a)^2) + sum((${[
          [1, 0, 0],
          [0, -1, 0],
        ]} @ w)^2) * 0
        outer minimize sum(w^2)
        report square = ${-2}^2 + 0 * sum(w)
        report transposed = (${[
          [1, 2],
          [3, 4],
        ]}.T)[0, 1] + 0 * sum(w)
      }
    `;
    const { outer, report } = await both.evaluate({});
    expect(outer).toBe(5.25);
    expect(report).toMatchObject({ square: 4, transposed: 3 });
  });

  const page = (value: PageValue): unknown => bilevel`problem p {
  hyper a: positive = ${value}
}`;
  it.each([
    ['a text', 'x', 'line 2, column 23 of the page: a number or an array of numbers can stand here, not a string'],
    ['nothing', undefined, 'not undefined'],
    ['an object', { a: 1 }, 'not an object'],
    ['NaN', Number.NaN, 'a page holds finite numbers only, and this is NaN'],
    ['infinity in a list', [1, -Infinity], 'a page holds finite numbers only, and this is an array with -Infinity'],
    ['uneven rows', [[1, 2], [3]], 'a list of 1 stands where one of 2 is expected'],
    ['an empty list', [], 'an array on a page has at least one element'],
    ['a list of texts', ['a'], '"a" is no number'],
  ])('is refused with its place: %s', (_, value, words) => {
    expect(() => page(value as PageValue)).toThrow(UsageError);
    expect(() => page(value as PageValue)).toThrow(words);
  });

  it('is no part of a name', () => {
    expect(() => bilevel`problem p${1} { }`).toThrow(/line 1, column 10 of the page: a value is no part of a name/u);
    expect(() => bilevel`dim n = ${1}0`).toThrow(UsageError);
  });

  it('is no part of a text within quotes', () => {
    expect(
      () => bilevel`problem p {
  data y: [2] from "${3}.csv"
}`,
    ).toThrow('line 2, column 21 of the page: a value is a number of its own, and this is within quotes');
    expect(() => bilevel`data y: [2] from "a\"${3}.csv"`).toThrow(UsageError);
    // Quotes that are closed, or in a comment, hold nothing back.
    expect(
      () => bilevel`data y: [2] from "a.csv" // "
      hyper a = ${3}`,
    ).not.toThrow(UsageError);
    expect(() => bilevel`/* " */ hyper a = ${3}`).not.toThrow(UsageError);
  });

  it('is put in by a tag', () => {
    expect(() => bilevel('problem p { }' as never)).toThrow(/`bilevel` is a tag/u);
  });
});

describe('a page that is wrong', () => {
  const thrown = (call: () => unknown): PageError => {
    try {
      call();
    } catch (error) {
      if (error instanceof PageError) return error;
      throw error;
    }
    throw new Error('it threw nothing');
  };

  it('is shown with all that is wrong, where it is', () => {
    const error = thrown(
      () => bilevel`
problem p {
  hyper a: positive = ${2}
  param w: []
  inner minimize (w - 1)^2 + aa * w^2
  outer minimize v^2
}`,
    );
    expect(error.code).toBe('BL2001');
    expect(error.diagnostics.map((d) => [d.line, d.column])).toEqual([
      [5, 30],
      [6, 18],
    ]);
    expect(error.message).toBe(`the page has 2 errors

page.bilevel:5:30: error BL2001 (unknown-name): nothing here is called \`aa\`
   |
 5 |   inner minimize (w - 1)^2 + aa * w^2
   |                              ^^
  hint: declare it: \`data aa: …\`, \`hyper aa: …\`, \`param aa: …\` or \`let aa = …\`

page.bilevel:6:18: error BL2001 (unknown-name): nothing here is called \`v\`
   |
 6 |   outer minimize v^2
   |                  ^
  hint: declare it: \`data v: …\`, \`hyper v: …\`, \`param v: …\` or \`let v = …\``);
  });

  it('says what there is to choose from', () => {
    const one = 'problem p {\n  hyper a: positive\n  param w: []\n  inner minimize (w - 1)^2 + a * w^2\n  outer minimize w^2\n}\n';
    expect(thrown(() => problem(one + one.replace(' p ', ' q '))).message).toContain("`problem: 'p'` in a call");
    expect(thrown(() => problem('')).code).toBe('BL9004');
    expect(thrown(() => problem(one, { strategy: 'unrolled' })).code).toBe('BL8009');
  });

  it('warns by warnings', () => {
    const page =
      'problem p {\n  hyper a: positive\n  hyper b: positive\n  param w: []\n  inner minimize (w - 1)^2 + a * w^2\n  outer minimize w^2\n}\n';
    expect(problem(page).warnings).toMatchObject([{ severity: 'warning', line: 3 }]);
  });
});
