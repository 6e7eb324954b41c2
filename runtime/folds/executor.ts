/**
 * The inner problems of a cross-validation as one executor: each has its own sizes, slots and warm start, and what they say is joined as the
 * criterion is, the mean over folds. Whoever drives it sees one problem, whose params are those of all folds, one after the other.
 */
import { InternalError } from '../../diagnostics/internal-error.ts';
import { statusCode, statusOf, type Status } from '../../plan/status.ts';
import type { Executor, ExecutorDescription, Linked, ProblemModule, RunControl, Slots, StageName, Tensor } from '../../plan/types.ts';
import type { InnerReport, Instance, LinearReport } from '../types.ts';

/** One executor a fold, which holds the fold's own slots. */
export async function linkFolds(link: ProblemModule['link'], candidate: string, folds: readonly Instance[]): Promise<Linked> {
  const executors: Executor[] = [];
  let isWhole = false;
  try {
    for (const { sizes, slots } of folds) {
      const linked = await link(candidate, sizes);
      if (!linked.ok) return linked;
      executors.push(linked.executor);
      linked.executor.put(slots);
    }
    isWhole = true;
    return { ok: true, executor: new FoldedExecutor(executors) };
  } finally {
    // Refused or thrown half-way: what the first folds took is given back.
    if (!isWhole) for (const executor of executors) executor.close();
  }
}

export type LinkFolds = typeof linkFolds;

/** How the solves of each fold ended, after `value` or `hypergradient` has run on an executor of `linkFolds`. */
export async function endsOf(
  executor: Executor,
  stage: StageName,
): Promise<{ readonly inners: readonly InnerReport[]; readonly linears?: readonly LinearReport[] }> {
  if (!(executor instanceof FoldedExecutor)) throw new InternalError('folds', 'this executor has none');
  const each = async <Name extends string>(names: readonly Name[], prefix: string): Promise<readonly Record<Name, number>[]> => {
    const columns = await Promise.all(names.map(async (name) => numbers(await executor.each(`${prefix}:${name}`))));
    return (columns[0] ?? []).map(
      (_, i) => Object.fromEntries(names.map((name, k) => [name, columns[k]?.[i] ?? Number.NaN])) as Record<Name, number>,
    );
  };
  const inners = (await each(['loss', 'gradient_norm', 'steps', 'status'], 'inner')).map(
    ({ gradient_norm: gradientNorm, status, ...rest }): InnerReport => ({
      loss: rest.loss,
      gradientNorm,
      steps: rest.steps,
      status: statusOf(status),
    }),
  );
  if (!executor.results(stage).includes('linear:status')) return { inners };
  const linears = (await each(['status', 'steps', 'residual'], 'linear')).map(({ status, ...rest }) => ({
    status: statusOf(status),
    ...rest,
  }));
  return { inners, linears };
}

export type EndsOf = typeof endsOf;

/** How the results of the folds in a slot become one. */
type Join = (tensors: readonly Tensor[]) => Tensor;

const scalar = (value: number): Tensor => ({ shape: [], data: Float64Array.of(value) });
const numbers = (tensors: readonly Tensor[]): readonly number[] => tensors.map(({ data }) => data[0] ?? Number.NaN);

const first: Join = ([tensor]) => {
  if (tensor === undefined) throw new InternalError('folds', 'there are none');
  return tensor;
};
/** Sums run in the order of the folds. */
const mean: Join = (tensors) => {
  const { shape, data } = first(tensors);
  return { shape, data: data.map((_, i) => tensors.reduce((sum, tensor) => sum + (tensor.data[i] ?? Number.NaN), 0) / tensors.length) };
};
const sum: Join = (tensors) => scalar(numbers(tensors).reduce((a, b) => a + b, 0));
/** NaN if one is. */
const largest: Join = (tensors) => scalar(Math.max(...numbers(tensors)));
const smallest: Join = (tensors) => scalar(Math.min(...numbers(tensors)));
/** All numbers, one fold after the other. */
const chained: Join = (tensors) => {
  const data = new Float64Array(tensors.reduce((length, tensor) => length + tensor.data.length, 0));
  let at = 0;
  for (const tensor of tensors) {
    data.set(tensor.data, at);
    at += tensor.data.length;
  }
  return { shape: [data.length], data };
};
const isSame = ({ shape: a }: Tensor, { shape: b }: Tensor): boolean => a.length === b.length && a.every((size, i) => size === b[i]);
/** Along a new first axis; chained where the shapes are those of the folds. */
const stacked: Join = (tensors) => {
  const all = chained(tensors);
  return tensors.every((tensor) => isSame(tensor, first(tensors))) ? { ...all, shape: [tensors.length, ...first(tensors).shape] } : all;
};
const averaged: Join = (tensors) => (tensors.every((tensor) => isSame(tensor, first(tensors))) ? mean(tensors) : chained(tensors));

/** A status that leaves no gradient comes before one that only falls short; no fold hides another's. */
const gravity: Readonly<Record<Status, number>> = {
  'not-positive-definite': 8,
  'negative-curvature': 7,
  diverged: 6,
  'not-finite': 5,
  stationary: 4,
  'step-limit': 3,
  stalled: 2,
  interrupted: 1,
  converged: 0,
};
const gravest: Join = (tensors) => {
  const present = numbers(tensors).map(statusOf);
  return scalar(statusCode(present.reduce((a, b) => (gravity[b] > gravity[a] ? b : a))));
};

/** By the name of the slot, or by its part before the colon (`plan/types.ts`). */
const joins: Readonly<Record<string, Join>> = {
  hyper: first,
  start: chained,
  x: chained,
  v: chained,
  'v:start': chained,
  outer: mean,
  hypergradient: mean,
  // The mean of the errors bounds the error of the mean.
  error: mean,
  bound: mean,
  'bound:modulus': smallest,
  'bound:radius': largest,
  'inner:loss': mean,
  'inner:gradient_norm': largest,
  'inner:steps': sum,
  'inner:status': gravest,
  'inner:relative': largest,
  'linear:residual': largest,
  'linear:steps': sum,
  'linear:status': gravest,
  // Of every fold: its position is one among the params of the fold.
  'kink:margin': stacked,
  'kink:position': stacked,
  'start:distance': stacked,
  'start:position': stacked,
  'recipe:start': largest,
  report: averaged,
  param: stacked,
};

const joinOf = (slot: string): Join => {
  const join = joins[slot] ?? joins[slot.split(':')[0] ?? ''];
  if (join === undefined) throw new InternalError('folds', `nothing says how the slot ${slot} is joined`);
  return join;
};

class FoldedExecutor implements Executor {
  private readonly folds: readonly Executor[];
  /** What a joined tensor was joined from: put again, into whichever executor of these folds, each fold has its own back. */
  private static readonly parts = new WeakMap<Tensor, readonly Tensor[]>();

  constructor(folds: readonly Executor[]) {
    this.folds = folds;
  }

  put(slots: Slots): void {
    for (const [slot, tensor] of Object.entries(slots)) {
      const parts = FoldedExecutor.parts.get(tensor);
      if (parts === undefined && joins[slot] === chained) throw new InternalError('folds', `what is put into ${slot} is not of the folds`);
      for (const [i, fold] of this.folds.entries()) fold.put({ [slot]: parts?.[i] ?? tensor });
    }
  }

  async run(stage: StageName, control?: RunControl): Promise<'done' | 'interrupted'> {
    let steps = 0;
    for (const fold of this.folds) {
      let reached = steps;
      const progress = (own: number): void => control?.progress?.((reached = steps + own));
      const ended = await fold.run(stage, control === undefined ? undefined : { ...control, progress });
      if (ended === 'interrupted') return ended;
      steps = reached;
      if ((await control?.turn()) === true) return 'interrupted';
    }
    return 'done';
  }

  /** What a slot holds in each fold. */
  each(slot: string): Promise<readonly Tensor[]> {
    return Promise.all(this.folds.map((fold) => fold.read(slot)));
  }

  async read(slot: string): Promise<Tensor> {
    const own = await this.each(slot);
    const join = joinOf(slot);
    const joined = join(own);
    FoldedExecutor.parts.set(joined, own);
    return joined;
  }

  results(stage: StageName): readonly string[] {
    return this.folds[0]?.results(stage) ?? [];
  }

  describe(): ExecutorDescription {
    const all = this.folds.map((fold) => fold.describe());
    const [one] = all;
    if (one === undefined) throw new InternalError('folds', 'there are none');
    // Of folds that were computed in several ways, the coarsest says what the result is.
    const { bytes: _, ...own } = all.find(({ precision }) => precision === 'f32') ?? one;
    const bytes = all.every((d) => d.bytes !== undefined) ? { bytes: all.reduce((total, d) => total + (d.bytes ?? 0), 0) } : {};
    const declined = all.flatMap((d) => d.declined ?? []);
    const [first] = declined;
    const how = first === undefined || declined.length === all.length ? first : `in ${declined.length} of ${all.length} folds ${first}`;
    return { ...own, ...bytes, ...(how === undefined ? {} : { declined: how }), folds: all.length };
  }

  close(): void {
    for (const fold of this.folds) fold.close();
  }
}
