/** The inner problems of a cross-validation, each posed as a problem of its own: what folds are measured beside. */
import type { Tensor } from '../../plan/types.ts';
import type { BoundProblem, GradientResult, Point } from '../../runtime/types.ts';
import { type Arrays } from '../data.ts';
import { boundTo, compiledPage, linkedModule } from '../page.ts';
import { choose } from '../../plan/choose.ts';
import type { Numbers } from '../rows.ts';
import { type Contender, type Found, openContender } from './contender.ts';

/** Some rows of an array that has `rows` of them. */
function rowsOf(data: Float64Array, rows: number, chosen: Float64Array): Float64Array {
  const width = data.length / rows;
  const taken = new Float64Array(chosen.length * width);
  chosen.forEach((row, i) => taken.set(data.subarray(row * width, (row + 1) * width), i * width));
  return taken;
}

/** One problem a fold, by the plan's own choice; `unfolded` is the page's text, with data X, y and Xv, yv. */
export async function separately(unfolded: string, { folds }: BoundProblem, arrays: Arrays, sizes: Numbers): Promise<Contender> {
  const { X = new Float64Array(), y = new Float64Array() } = arrays;
  const module = linkedModule(compiledPage(unfolded, 'unfolded'), 'float64', { threads: 1 });
  const each: Contender[] = [];
  for (const { slots } of folds?.each ?? []) {
    const [train, valid] = ['index:train', 'index:valid'].map((slot) => slots[slot]?.data ?? new Float64Array());
    if (train === undefined || valid === undefined) throw new Error('a fold without rows');
    const own = {
      X: rowsOf(X, y.length, train),
      y: rowsOf(y, y.length, train),
      Xv: rowsOf(X, y.length, valid),
      yv: rowsOf(y, y.length, valid),
    };
    const bound = await boundTo(module, own, { ...sizes, n: train.length, m: valid.length });
    const { chosen } = choose(module.plan, bound.sizes);
    if (chosen === undefined) throw new Error('no candidate for one fold');
    each.push(await openContender({ name: chosen.id, candidate: chosen }, module, bound));
  }
  const inTurn = async (act: (one: Contender) => Promise<void>): Promise<void> => {
    for (const one of each) await act(one);
  };
  return {
    name: `${each.length} separate problems, ${each[0]?.name ?? ''}`,
    approximates: false,
    isCheck: false,
    prepare: () => inTurn(async (one) => one.prepare?.()),
    run: () => inTurn((one) => one.run()),
    find: async () => {
      const found: Found[] = [];
      for (const one of each) found.push(await one.find());
      return joined(found);
    },
    bytes: each.reduce((sum, { bytes = Number.NaN }) => sum + bytes, 0),
    close: () => each.forEach((one) => one.close()),
  };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** As folds are joined: the mean criterion and its derivative, all steps. */
function joined(found: readonly Found[]): Found {
  const results = found.map(({ result }) => result);
  const [first] = results;
  if (first === undefined) throw new Error('no folds');
  const meanOf = (name: string, { shape, data }: Tensor): Tensor => ({
    shape,
    data: data.map((_, i) => mean(results.map(({ hypergradient }) => hypergradient[name]?.data[i] ?? Number.NaN))),
  });
  const hypergradient: Point = Object.fromEntries(
    Object.entries(first.hypergradient).map(([name, tensor]) => [name, meanOf(name, tensor)]),
  );
  const result: GradientResult = {
    ...first,
    hypergradient,
    outer: mean(results.map(({ outer }) => outer)),
    inner: { ...first.inner, steps: sum(results.map(({ inner }) => inner.steps)) },
    status: results.find(({ status }) => status !== 'converged')?.status ?? 'converged',
    error: {
      estimate: mean(results.map(({ error }) => error.estimate ?? error.bound ?? 0)),
      certified: false,
      why: 'the mean of the folds',
    },
  };
  return { result, linearSteps: sum(found.map(({ linearSteps = 0 }) => linearSteps)) };
}
