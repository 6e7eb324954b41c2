/**
 * The hypergradients of a program, by each way that the plan has, beside each other and beside finite differences of the criterion. The
 * differences are taken here, along one direction and at two step lengths: what they say of kinks and of their own error is not the program's word.
 */
import type { CompiledProblem } from '../../compiler/pipeline.ts';
import type { Candidate, ProblemModule } from '../../plan/types.ts';
import { wasmLink } from '../../runtime/backends/wasm/backend.ts';
import { bindValues } from '../../runtime/bind.ts';
import { drawAll } from '../../runtime/draws.ts';
import { errorOf, hypergradientAt } from '../../runtime/evaluate.ts';
import { everyPart } from '../../runtime/every-part.ts';
import { crossValidation } from '../../runtime/folds/cross-validation.ts';
import { opened, type Opened } from '../../runtime/open.ts';
import { evaluateStage } from '../../runtime/session.ts';
import type { BoundProblem, Point } from '../../runtime/types.ts';
import { domainOf } from '../../runtime/kinds.ts';
import { randomNumbers } from '../helpers/evaluate.ts';
import type { Program } from './pages.ts';

/** What a way says of the start. */
export interface Found {
  readonly by: string;
  readonly outer: number;
  readonly hypergradient: Float64Array;
  /** What it estimates of its own error. */
  readonly error: number;
  /** Where it ended. */
  readonly x: Float64Array;
}

/** Of the criterion along a direction. */
export interface Slope {
  readonly derivative: number;
  /** How far its estimates are apart; where there is a kink they stay apart at every step length. */
  readonly error: number;
  readonly direction: Float64Array;
}

const flat = (point: Point): Float64Array => Float64Array.from(Object.values(point).flatMap(({ data }) => [...data]));
const moment = { when: 'at the start' };

export async function boundTo({ module: { description } }: CompiledProblem, { data, seed }: Program): Promise<BoundProblem> {
  const given = Object.fromEntries(description.data.flatMap(({ name }) => (data[name] === undefined ? [] : [[name, data[name]] as const])));
  const { bound, diagnostics } = await bindValues(description, given, seed, { crossValidation, drawAll });
  if (bound === undefined) throw new Error(`the data do not bind: ${diagnostics.map((d) => d.message).join('; ')}`);
  return bound;
}

/** By a candidate, at the declared start; a status where it did not get there. */
export async function foundBy(module: ProblemModule, bound: BoundProblem, candidate: Candidate): Promise<Found | string> {
  const found = await opened(module, bound, candidate, everyPart, async ({ session, point, start }): Promise<Found | string> => {
    const at = await hypergradientAt(session, point, start, undefined, moment);
    if (!at.ok || at.status !== 'converged') return at.status;
    const { estimate = Infinity } = await errorOf(session, at, start);
    const { outer, x } = at.evaluation;
    return {
      by: `${candidate.id} (${session.executor.describe().backend})`,
      outer,
      hypergradient: flat(at.hypergradient),
      error: estimate,
      x: x.data,
    };
  });
  return typeof found === 'object' && 'ok' in found ? found.status : found;
}

/** On compiled kernels in place of the interpreter. */
export const onWasm = ({ module, code }: CompiledProblem): ProblemModule => ({
  ...module,
  link: wasmLink((id) => code(id, 'f64'), { threads: 1, fused: false }),
});

/** The step is long enough for the rounding of a criterion, and short enough that a smooth one is nearly a parabola. */
const step = 1e-3;

/** Undefined where the criterion cannot be evaluated on both sides. */
export async function slopeBy(module: ProblemModule, bound: BoundProblem, candidate: Candidate, seed: number): Promise<Slope | undefined> {
  const found = await opened(module, bound, candidate, everyPart, async ({ session, point, start }: Opened) => {
    const direction = directionAt(module, bound, point, seed);
    const first = await evaluateStage(session, 'value', point, start, undefined, moment);
    if (!first.ok) return undefined;
    const from = start === undefined ? undefined : first.evaluation;
    const at = async (t: number): Promise<number> => {
      const judged = await evaluateStage(session, 'value', along(point, direction, t), start, from, moment);
      return judged.ok && judged.status === 'converged' ? judged.evaluation.outer : Number.NaN;
    };
    const [centre, below, nearBelow, nearAbove, above] = [
      await at(0),
      await at(-step),
      await at(-step / 2),
      await at(step / 2),
      await at(step),
    ];
    const [wide, narrow] = [(above - below) / (2 * step), (nearAbove - nearBelow) / step];
    // What the slopes on the two sides differ by halves with the step, but for a kink at the point itself.
    const [bend, nearBend] = [(above - 2 * centre + below) / step, (nearAbove - 2 * centre + nearBelow) / (step / 2)];
    const noise = Math.abs(first.evaluation.outer - centre) + 8 * Number.EPSILON * Math.abs(centre);
    const error = Math.abs(wide - narrow) + Math.abs(2 * nearBend - bend) + (4 * noise) / step;
    return Number.isNaN(error) ? undefined : { derivative: narrow + (narrow - wide) / 3, error, direction: flat(direction) };
  });
  return found !== undefined && 'ok' in found ? undefined : found;
}

const along = (point: Point, direction: Point, t: number): Point =>
  Object.fromEntries(
    Object.entries(point).map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map((x, i) => x + t * (direction[name]?.data[i] ?? 0)) },
    ]),
  );

/** Of no symmetry; nothing moves that stands at a bound. */
function directionAt({ description }: ProblemModule, { sizes }: BoundProblem, point: Point, seed: number): Point {
  const random = randomNumbers(seed);
  const kinds = new Map(description.hypers.map((hyper) => [hyper.name, domainOf(hyper.kind, hyper.interval, sizes)]));
  return Object.fromEntries(
    Object.entries(point).map(([name, { shape, data }]) => {
      const { low = -Infinity, high = Infinity } = kinds.get(name) ?? {};
      const moves = (x: number): boolean => x - low > 2 * step && high - x > 2 * step;
      return [name, { shape, data: data.map((x) => (moves(x) ? 1 + random() / 2 : 0) * (random() < 0 ? -1 : 1)) }];
    }),
  );
}
