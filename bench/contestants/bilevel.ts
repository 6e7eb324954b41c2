/**
 * Our own backend, through the same compiler and the same linker as `bilevel run`: rows a and b are graphs, rows c are pages (`../pages`),
 * of which the stage `hypergradient` is run from a cold start.
 */
import { allowFusedMultiplyAdd } from '../../cli/host.ts';
import { emitCandidate } from '../../compiler/emit/wasm/candidate.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { symbol } from '../../compiler/ir/dims.ts';
import type { Value } from '../../compiler/ir/graph.ts';
import { gradient } from '../../compiler/transform/transpose.ts';
import { choose } from '../../plan/choose.ts';
import type { Executor, Tensor } from '../../plan/types.ts';
import { wasmLink } from '../../runtime/backends/wasm/backend.ts';
import { compiledPage, executorOf, linkedModule, pageText } from '../page.ts';
import type { Contestant, Functions, Input, Options, Prepare, Work } from '../contestant.ts';

const [n, d] = [symbol('n'), symbol('d')];

const tensor = (shape: readonly number[], data: Float64Array): Tensor => ({ shape, data });
const scalar = (value: number): Tensor => tensor([], Float64Array.of(value));

interface Piece {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly output: Value;
}

/** A row that is one graph: its inputs by name, and its result. */
const graphRow =
  (
    build: (b: Builder) => Piece,
    dataOf: (input: Input) => Readonly<Record<string, Tensor>>,
    { precision, threads, fused = false }: Options,
  ): Prepare =>
  async (input) => {
    const b = new Builder();
    const { inputs, output } = build(b);
    const graph = b.graph('row', Object.values(inputs), [output], ['result']);
    const stage = { graph, inputSlots: Object.keys(inputs), fixed: new Map() };
    const code = emitCandidate({ value: stage }, precision === 'float64' ? 'f64' : 'f32');
    const linked = await wasmLink(() => code, { threads, fused })('row', input.sizes);
    if (!linked.ok) throw new Error(linked.diagnostics.map((x) => x.message).join('; '));
    const { executor } = linked;
    executor.put(dataOf(input));
    return {
      run: async () => void (await executor.run('value')),
      result: async () => (await executor.read('result')).data,
      dispose: () => executor.close(),
    };
  };

const matrix = (b: Builder, name: string): Value => b.input(name, 'data', { dtype: 'real', shape: [n, d] });
const vector = (b: Builder, name: string, size = n): Value => b.input(name, 'data', { dtype: 'real', shape: [size] });
const square = (b: Builder, name: string): Value => b.input(name, 'data', { dtype: 'real', shape: [n, n] });

/** L(w) = mean(softplus(Xw) − y·Xw) + λ/2·w·w, differentiated by the compiler. */
function logisticGradient(b: Builder): Piece {
  const inputs = { X: matrix(b, 'X'), y: vector(b, 'y'), w: vector(b, 'w', d), penalty: b.input('penalty', 'hyper') };
  const z = b.matmul(inputs.X, inputs.w);
  const mean = b.div(b.sum(b.sub(b.unary('softplus', z), b.mul(inputs.y, z))), b.dimSize(n));
  const loss = b.add(mean, b.mul(b.scale(inputs.penalty, 0.5), b.inner(inputs.w, inputs.w)));
  return { inputs, output: gradient(b, loss, [inputs.w])[0] as Value };
}

function hessianProduct(b: Builder): Piece {
  const inputs = { X: matrix(b, 'X'), curvature: vector(b, 'curvature'), v: vector(b, 'v', d), penalty: b.input('penalty', 'hyper') };
  const weighted = b.mul(inputs.curvature, b.matmul(inputs.X, inputs.v));
  const sum = b.dotGeneral(inputs.X, weighted, [[0], [0]]);
  return { inputs, output: b.add(b.div(sum, b.dimSize(n)), b.mul(inputs.penalty, inputs.v)) };
}

const logisticData =
  (names: readonly string[]) =>
  (input: Input): Readonly<Record<string, Tensor>> => {
    const [rows, columns] = [input.number('n'), input.number('d')];
    const shapes: Readonly<Record<string, readonly number[]>> = {
      X: [rows, columns],
      y: [rows],
      curvature: [rows],
      w: [columns],
      v: [columns],
    };
    return {
      penalty: scalar(input.number('penalty')),
      ...Object.fromEntries(names.map((name) => [name, tensor(shapes[name] ?? [], input.load(name))])),
    };
  };

const squareData =
  (names: readonly string[]) =>
  (input: Input): Readonly<Record<string, Tensor>> => {
    const side = input.number('n');
    return Object.fromEntries(names.map((name) => [name, tensor([side, side], input.load(name))]));
  };

// ---- pages ------------------------------------------------------------------------------------------------------------------

interface PageRow {
  readonly page: string;
  /** The page’s dims, by the row’s sizes. */
  readonly dims: Readonly<Record<string, string>>;
  /** The page’s data, by the row’s arrays, with their shapes in dims. */
  readonly data: Readonly<Record<string, { readonly array: string; readonly shape: readonly string[] }>>;
  /** The hypers, by the row’s numbers; of a vector, by the row’s array. */
  readonly hypers: Readonly<Record<string, string>>;
  readonly candidate?: string;
  /** What of the hypergradient is compared. */
  readonly result: readonly string[];
}

interface OpenPage {
  readonly executor: Executor;
  readonly point: Readonly<Record<string, Tensor>>;
  /** Puts the inner solver back to its start. */
  readonly restart: () => void;
}

async function openPage(row: PageRow, input: Input, { folder, precision, threads, fused = false }: Options): Promise<OpenPage> {
  const module = linkedModule(compiledPage(pageText(folder, row.page), row.page), precision, { threads, fused });
  const sizes = { ...Object.fromEntries(Object.entries(row.dims).map(([dim, name]) => [dim, input.number(name)])), c: 10 };
  const { chosen } = choose(module.plan, sizes, row.candidate === undefined ? {} : { only: row.candidate });
  if (chosen === undefined) throw new Error(`no candidate for ${row.page}`);
  const executor = await executorOf(module, chosen.id, sizes);
  const shapeOf = (shape: readonly string[]): readonly number[] => shape.map((dim) => sizes[dim as keyof typeof sizes] ?? Number.NaN);
  executor.put(
    Object.fromEntries(
      Object.entries(row.data).map(([name, { array, shape }]) => [`data:${name}`, tensor(shapeOf(shape), input.load(array))]),
    ),
  );
  const point = Object.fromEntries(
    Object.entries(row.hypers).map(([hyper, name]) => [
      `hyper:${hyper}`,
      name in input.at ? scalar(input.number(name)) : tensor([input.number('n')], input.load(name)),
    ]),
  );
  executor.put(point);
  // Solves go as far as the page says.
  const { inner = 0, linear = 0 } = chosen.tolerances ?? {};
  executor.put({ 'tolerance:inner': scalar(inner), 'tolerance:linear': scalar(linear) });
  await executor.run('once');
  if (module.description.meaning === 'recipe') return { executor, point, restart: () => undefined };
  await executor.run('start');
  const start = await executor.read('start');
  return { executor, point, restart: () => executor.put({ x: { ...start } }) };
}

const hypergradientOf = async (executor: Executor, names: readonly string[]): Promise<Float64Array> => {
  const parts: number[] = [];
  for (const name of names) parts.push(...(await executor.read(`hypergradient:${name}`)).data);
  return Float64Array.from(parts);
};

/** One hypergradient; `before` runs besides, each time. */
const pageRow =
  (row: PageRow, options: Options, before?: (open: OpenPage, count: number) => Promise<void>): Prepare =>
  async (input): Promise<Work> => {
    const open = await openPage(row, input, options);
    const { executor, point, restart } = open;
    let count = 0;
    const solve = async (): Promise<void> => {
      restart();
      await executor.run('hypergradient');
    };
    return {
      run: async () => {
        count += 1;
        await before?.(open, count);
        await solve();
      },
      result: async () => {
        executor.put(Object.fromEntries(Object.entries(point).map(([slot, value]) => [slot, { ...value }])));
        await solve();
        return hypergradientOf(executor, row.result);
      },
      dispose: () => executor.close(),
    };
  };

const trainAndValid = {
  X: { array: 'X', shape: ['n', 'd'] },
  y: { array: 'y', shape: ['n'] },
  Xv: { array: 'Xv', shape: ['m', 'd'] },
  yv: { array: 'yv', shape: ['m'] },
};
const ridgePage: PageRow = {
  page: 'ridge',
  dims: { n: 'n', m: 'm', d: 'd' },
  data: trainAndValid,
  hypers: { penalty: 'penalty' },
  candidate: 'closed_form+cholesky',
  result: ['penalty'],
};
const logisticPage: PageRow = { ...ridgePage, page: 'logistic', candidate: 'implicit+pcg+lbfgs' };
const unrolledPage: PageRow = {
  page: 'unrolled-logistic',
  dims: { n: 'n', m: 'm', d: 'd' },
  data: trainAndValid,
  hypers: { penalty: 'penalty', rate: 'rate' },
  result: ['penalty', 'rate'],
};
const digits = (labels: string): PageRow['data'] => ({
  X: { array: 'X', shape: ['n', 'p'] },
  [labels]: { array: labels, shape: ['n'] },
  Xv: { array: 'Xv', shape: ['m', 'p'] },
  yv: { array: 'yv', shape: ['m'] },
});
const networkPage: PageRow = {
  page: 'unrolled-network',
  dims: { n: 'n', m: 'm', p: 'pixels', h: 'hidden' },
  data: { ...digits('y'), W1: { array: 'W1', shape: ['p', 'h'] }, W2: { array: 'W2', shape: ['h', 'c'] } },
  hypers: { decay: 'decay', rate: 'rate' },
  result: ['decay', 'rate'],
};
const cleaningPage: PageRow = {
  page: 'hyper-cleaning',
  dims: { n: 'n', m: 'm', p: 'pixels' },
  data: digits('noisy'),
  hypers: { theta: 'theta' },
  candidate: 'implicit+pcg+lbfgs',
  result: ['theta'],
};

const functions = (options: Options): Functions => ({
  'logistic-gradient': graphRow(logisticGradient, logisticData(['X', 'y', 'w']), options),
  'hessian-product': graphRow(hessianProduct, logisticData(['X', 'curvature', 'v']), options),
  'matrix-product': graphRow(
    (b) => {
      const inputs = { A: square(b, 'A'), B: square(b, 'B') };
      return { inputs, output: b.matmul(inputs.A, inputs.B) };
    },
    squareData(['A', 'B']),
    options,
  ),
  cholesky: graphRow(
    (b) => {
      const inputs = { A: square(b, 'A') };
      return { inputs, output: b.cholesky(inputs.A) };
    },
    squareData(['A']),
    options,
  ),
  'ridge-first': pageRow(ridgePage, options, async ({ executor }) => void (await executor.run('once'))),
  'ridge-again': pageRow(ridgePage, options, ({ executor, point }, count) => {
    const penalty = point['hyper:penalty']?.data[0] ?? Number.NaN;
    executor.put({ 'hyper:penalty': scalar(penalty * (1 + 1e-3 * (count % 8))) });
    return Promise.resolve();
  }),
  logistic: pageRow(logisticPage, options),
  'unrolled-logistic': pageRow(unrolledPage, options),
  'unrolled-network': pageRow(networkPage, options),
  'hyper-cleaning': pageRow(cleaningPage, options),
});

export const open = (options: Options): Contestant => {
  if (options.fused === true) allowFusedMultiplyAdd();
  return { versions: { bilevel: 'this working tree' }, rows: functions(options) };
};
