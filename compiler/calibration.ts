/**
 * The small stages by which one machine is told from another: each does one kind of work again and again, so that what it takes here beside
 * what it took elsewhere says how much faster this machine is at it. Knows no clock.
 */
import type { CandidateCalls } from '../plan/calls.ts';
import type { CandidateCode, Precision } from '../plan/kernels.ts';
import type { Library } from '../plan/placement.ts';
import { workKinds, type Probes, type StageName, type WorkKind } from '../plan/types.ts';
import { emitCalls } from './emit/calls/candidate.ts';
import { emitCandidate } from './emit/wasm/candidate.ts';
import { given } from './ir/attributes.ts';
import { Builder } from './ir/builder.ts';
import { number } from './ir/dims.ts';
import type { Value } from './ir/graph.ts';
import { scan } from './ir/loops.ts';
import type { Stage } from './stages.ts';
import { shifted } from './solvers/assembled.ts';

/** A state, how often it is made anew, and how; `a` is a matrix that stays as it is. */
interface Probe {
  readonly x: readonly number[];
  readonly a: readonly number[];
  readonly times: number;
  /** How many times as much work it does as the one that the usual figures are of; default 1. */
  readonly amount?: number;
  readonly step: (b: Builder, x: Value, a: Value) => Value;
}

const [ROWS, COLUMNS, ORDER] = [256, 32, 64] as const;

const probes: Readonly<Record<WorkKind, Probe>> = {
  // As a gradient does: with a matrix, and with its transpose.
  products: { x: [COLUMNS], a: [ROWS, COLUMNS], times: 40, step: (b, w, x) => b.scale(b.matmul(b.matmul(x, w), x), 1 / ROWS) },
  factors: {
    x: [],
    a: [ORDER, ORDER],
    times: 8,
    step: (b, s, matrix) => b.scale(b.max(b.cholesky(shifted(b, matrix, b.add(s, b.constant(ORDER))))), 1e-3),
  },
  elements: { x: [1024], a: [1024], times: 40, step: (b, x, a) => b.unary('exp', b.neg(b.mul(x, a))) },
  // A sum over a few numbers is little more than its start.
  kernels: { x: [4], a: [4], times: 400, step: (b, x, a) => b.div(a, b.add(b.norm(x), b.constant(0.5))) },
  // Nothing between the call and its return.
  calls: { x: [], a: [], times: 0, step: (_, x) => x },
};

/** Of a library more of either, in larger kernels, of matrices: what kernels take besides is measured by itself. */
const onLibraries: typeof probes = {
  ...probes,
  products: {
    x: [COLUMNS, 16],
    a: [4 * ROWS, COLUMNS],
    times: 5,
    amount: 8,
    step: (b, w, x) => b.scale(b.one('dot_general', [x, b.matmul(x, w)], { contract: [[0], [0]], batch: [[], []] }), 1 / (4 * ROWS)),
  },
  elements: { ...probes.elements, x: [8 * 1024], a: [8 * 1024], times: 5 },
};

function stageOf({ x, a, times, step }: Probe): Stage {
  const b = new Builder();
  const [from, still] = [x, a].map((shape, i) =>
    b.input(['x', 'a'][i] ?? '', 'state', { dtype: 'real', shape: shape.map((n) => number(n)) }),
  ) as [Value, Value];
  const last =
    times === 0
      ? b.add(from, still)
      : scan(b, { name: 'again', length: number(times), states: [from], body: ([now]) => ({ states: [step(b, given(now), still)] }) })
          .states[0];
  const graph = b.graph('value', [from, still], [given(last)], ['y']);
  return { graph, inputSlots: ['x', 'a'], fixed: b.fixed };
}

const ofEachKind = <Code>(own: typeof probes, emit: (stages: Partial<Record<StageName, Stage>>) => Code): Probes<Code> =>
  Object.fromEntries(
    workKinds.map((kind) => {
      const { x, a, amount = 1 } = own[kind];
      return [kind, { code: emit({ value: stageOf(own[kind]) }), x, a, amount }];
    }),
  ) as unknown as Probes<Code>;

export const calibrationCode = (precision: Precision): Probes<CandidateCode> =>
  ofEachKind(probes, (stages) => emitCandidate(stages, precision));

export const calibrationCalls = (library: Library): Probes<CandidateCalls> =>
  ofEachKind(onLibraries, (stages) => emitCalls(stages, library));
