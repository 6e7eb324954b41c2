/**
 * Mixed precision: an executor over two, of which one solves in float32 and corrects what it solved, and the other says in float64 what is
 * left and computes all that is reported (decision 030). Where corrections do not shrink it solves in float64, and says why. Knows no
 * backend.
 */
import { statusCode } from '../../../plan/status.ts';
import type { Executor, ExecutorDescription, RunControl, Slots, StageName, Tensor } from '../../../plan/types.ts';
import { float32, float64 } from '../../rounding.ts';
import { figure, isFiniteTensor, norm, scalar } from '../../tensor.ts';
import { failureOf } from './failure.ts';

/** Corrections, as a share of what they correct, below which nothing is left to do. */
const FINE = 2 ** -36;
/** Corrections that no longer shrink are what rounding in float64 leaves, up to this share; above it they have not come to an end. */
const SMALL = 2 ** -26;
/** A round that leaves more of a correction than this is of no use. */
const SHRINKS = 0.5;
const ROUNDS = 24;

/** What is said where mixed precision is not kept. */
export const inFloat64 = (because: string): string => `computed in float64, in the place of mixed precision: ${because}`;

/** Of x and of v. */
type Pair<T> = readonly [x: T, v: T];
type Declined = { readonly because: string };

/** Needs: `single` has the stages of `refinedId`, `double` those of `checkedId`, of one candidate at the same sizes. */
export const refinedExecutor = (single: Executor, double: Executor): Executor => new RefinedExecutor(single, double);

class RefinedExecutor implements Executor {
  private readonly single: Executor;
  private readonly double: Executor;
  /** Where solves begin, as it was put: in the slots of both stands what is refined. */
  private begin: Slots = {};
  /** How far the inner solve is to go; absent where it stops at no tolerance. */
  private tolerance: Readonly<Partial<Record<'inner' | 'linear', number>>> = {};
  /** What a refinement says in the place of a solve. */
  private said: Slots = {};
  private declined: string | undefined;

  constructor(single: Executor, double: Executor) {
    this.single = single;
    this.double = double;
  }

  put(slots: Slots): void {
    const { x, v, 'tolerance:inner': inner, 'tolerance:linear': linear } = slots;
    this.begin = { ...this.begin, ...(x === undefined ? {} : { x }), ...(v === undefined ? {} : { v }) };
    this.double.put(slots);
    if (inner === undefined || linear === undefined) {
      this.single.put(slots);
      return;
    }
    this.tolerance = { inner: first(inner), linear: first(linear) };
    // float32 goes as far as it can.
    const farthest = { inner: scalar(Math.max(first(inner), float32.inner)), linear: scalar(Math.max(first(linear), float32.linear)) };
    this.single.put({ ...slots, 'tolerance:inner': farthest.inner, 'tolerance:linear': farthest.linear });
  }

  async run(stage: StageName, control?: RunControl): Promise<'done' | 'interrupted'> {
    if (stage === 'once' && (await this.single.run(stage, control)) === 'interrupted') return 'interrupted';
    if (stage !== 'hypergradient') return this.double.run(stage, control);
    this.said = {};
    this.declined = undefined;
    const ended = await this.refine(control);
    if (typeof ended === 'string') return ended;
    this.declined = inFloat64(ended.because);
    this.double.put(this.begin);
    return this.double.run(stage, control);
  }

  async read(slot: string): Promise<Tensor> {
    return this.said[slot] ?? this.double.read(slot);
  }

  results(stage: StageName): readonly string[] {
    return this.double.results(stage);
  }

  describe(): ExecutorDescription {
    const [single, { bytes, ...double }] = [this.single.describe(), this.double.describe()];
    const { backend, why } = single;
    const all = bytes === undefined || single.bytes === undefined ? {} : { bytes: bytes + single.bytes };
    if (this.declined !== undefined) return { ...double, ...all, declined: this.declined };
    return {
      ...double,
      ...(backend === double.backend ? {} : { backend: `${backend} and ${double.backend}`, why: `${double.why}; ${backend} on ${why}` }),
      precision: 'mixed',
      ...all,
    };
  }

  close(): void {
    this.single.close();
    this.double.close();
  }

  /**
   * Solves in float32, then corrects x and v by what float64 says is left, until it is nothing, or as little as is asked for. What is left is
   * measured by the corrections that it asks for, which are errors and not residuals: a residual may be as small as rounding long before.
   */
  private async refine(control: RunControl | undefined): Promise<'done' | 'interrupted' | Declined> {
    if ((await this.single.run('hypergradient', control)) === 'interrupted') return 'interrupted';
    const failed = (await failureOf(this.single, 'inner:status')) ?? (await failureOf(this.single, 'linear:status'));
    if (failed !== undefined) return { because: `the solve in float32 ended \`${failed}\`` };
    let [x, v] = await pair(this.single, 'x', 'v');
    let before: Pair<number> = [Infinity, Infinity];
    for (let round = 0; round <= ROUNDS; round++) {
      this.double.put({ x, v });
      if ((await this.double.run('residual', control)) === 'interrupted') return 'interrupted';
      if (await this.isEnough()) return this.end(round);
      const correction = await this.correction({ x, v }, control);
      if (correction === 'interrupted' || 'because' in correction) return correction;
      const [dx, dv] = correction;
      const now: Pair<number> = [share(dx, x), share(dv, v)];
      const [stands, isSettled] = [now.map((size, i) => !(size <= SHRINKS * (before[i] ?? 0))), now.map((size) => size <= FINE)];
      const grown = now.findIndex((size, i) => stands[i] === true && !(size <= SMALL));
      if (grown >= 0 && round > 0)
        return {
          because: `corrections in float32 do not shrink: one of ${figure(now[grown] ?? 0)} of ${grown === 0 ? 'the params' : 'the adjoint'} comes after one of ${figure(before[grown] ?? 0)}, as where the inner Hessian is too ill-conditioned for it`,
        };
      if (isSettled.every((is, i) => is || stands[i] === true)) return this.end(round);
      [x, v] = [plus(x, -1, dx), plus(v, 1, dv)];
      before = now;
    }
    return { because: `after ${ROUNDS} corrections in float32 ${figure(Math.max(...before))} is left of the last one` };
  }

  /** Where less than the end is asked for: whether the tolerances are met. */
  private async isEnough(): Promise<boolean> {
    const { inner = 0, linear = 0 } = this.tolerance;
    if (inner <= float64.inner) return false;
    const [relative, residual] = await pair(this.double, 'inner:relative', 'linear:residual');
    return first(relative) <= inner && first(residual) <= linear;
  }

  /** By which x is too large and v too small. Solved for at a scale of 1, so that float32 neither overflows nor underflows. */
  private async correction(at: Slots, control: RunControl | undefined): Promise<Pair<Tensor> | 'interrupted' | Declined> {
    const left = await pair(this.double, 'residual:x', 'residual:v');
    const size = norm(left.map(({ data }) => norm(data)));
    if (!Number.isFinite(size)) return { because: 'what the solve in float32 leaves is not finite' };
    if (size === 0) return left;
    const [x, v] = left.map((tensor) => scaled(tensor, 1 / size)) as [Tensor, Tensor];
    this.single.put({ ...at, 'residual:x': x, 'residual:v': v });
    if ((await this.single.run('refine', control)) === 'interrupted') return 'interrupted';
    const failed = await failureOf(this.single, 'refine:status');
    if (failed !== undefined) return { because: `the solve for a correction in float32 ended \`${failed}\`` };
    const [dx, dv] = (await pair(this.single, 'correction:x', 'correction:v')).map((tensor) => scaled(tensor, size)) as [Tensor, Tensor];
    return isFiniteTensor(dx) && isFiniteTensor(dv) ? [dx, dv] : { because: 'a correction in float32 is not finite' };
  }

  /** Each round is a step more. */
  private async end(rounds: number): Promise<'done'> {
    const [inner, linear] = await pair(this.single, 'inner:steps', 'linear:steps');
    const converged = scalar(statusCode('converged'));
    this.said = {
      'inner:status': converged,
      'linear:status': converged,
      'inner:steps': scalar(first(inner) + rounds),
      'linear:steps': scalar(first(linear) + rounds),
    };
    return 'done';
  }
}

const first = ({ data }: Tensor): number => data[0] ?? Number.NaN;

const pair = async (executor: Executor, one: string, other: string): Promise<Pair<Tensor>> => [
  await executor.read(one),
  await executor.read(other),
];

/** ‖part‖ / ‖whole‖; nothing is no share of anything. */
function share({ data: part }: Tensor, { data: whole }: Tensor): number {
  const size = norm(part);
  return size === 0 ? 0 : size / norm(whole);
}

const scaled = ({ shape, data }: Tensor, by: number): Tensor => ({ shape, data: data.map((value) => value * by) });

const plus = ({ shape, data }: Tensor, times: number, { data: other }: Tensor): Tensor => ({
  shape,
  data: data.map((value, i) => value + times * (other[i] ?? Number.NaN)),
});
