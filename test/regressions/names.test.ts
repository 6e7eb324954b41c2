/** Names that every object of JavaScript has: on a page they are names like others. */
import { expect, it } from 'vitest';
import { compile } from '../../compiler/pipeline.ts';
import { evaluate } from '../../plan/evaluate.ts';
import { knownSizes } from '../../plan/splits.ts';
import { bindValues } from '../../runtime/bind.ts';
import { gradient } from '../../runtime/drive.ts';

const page = `problem p {
  dim n, d
  data X: [n, d]
  data y: [n]
  split n into train 60%, valid 40%, unshuffled
  hyper penalty: positive = 1.0
  param w: [d]
  inner minimize mean((X[train] @ w - y[train])^2) + penalty * sum(w^2)
  outer minimize mean((X[valid] @ w - y[valid])^2)
}
`;
const data = {
  X: [
    [1, 0],
    [0, 2],
    [1, 1],
    [2, -1],
    [0.5, 1],
  ],
  y: [1, 2, 3, 4, 5],
};

const own = ['train', 'n', 'd', 'w', 'X', 'penalty'] as const;
const borrowed = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'] as const;

/** Each of its names is one of those of objects, `turn` further on in their list. */
const renaming = (turn: number) => (name: string) => {
  const at = own.findIndex((o) => o === name);
  return at < 0 ? name : (borrowed[(at + turn) % borrowed.length] ?? name);
};
const renamed = (to: (name: string) => string): string => page.replaceAll(/\b[A-Za-z]+\b/gu, to);

async function slope(to: (name: string) => string, given: readonly ('X' | 'y')[] = ['X', 'y']) {
  const [problem] = compile(renamed(to), 'p.bilevel').value;
  if (problem === undefined) throw new Error('no problem');
  const { module } = problem;
  const values = Object.fromEntries(given.map((name) => [to(name), data[name]]));
  const { bound, diagnostics } = await bindValues(module.description, values);
  if (bound === undefined) return diagnostics.map(({ code }) => code);
  const found = await gradient(module, bound);
  return found.ok ? found.value.hypergradient[to('penalty')]?.data : found.status;
}

// An index set, a dim that data fix, data: for each of them the names that are not like others.
it.each([0, 4, 5])('page and results are the same under such names, %i further on', async (turn) => {
  const expected = await slope((name) => name);
  expect(expected?.[0]).toBeTypeOf('number');
  expect(await slope(renaming(turn))).toEqual(expected);
});

it('data of such a name are missing where they are not given', async () => {
  expect(await slope(renaming(3), ['y'])).toEqual(['BL6016']);
});

it('a size of such a name is not known where nobody says it', () => {
  expect(evaluate('constructor', {})).toBeUndefined();
  const [problem] = compile(renamed(renaming(0)), 'p.bilevel').value;
  expect(problem && Object.keys(knownSizes(problem.module.description))).toEqual([]);
});
