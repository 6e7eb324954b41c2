/**
 * float32 whose error is known: an executor in float32, and beside it one in float64 that judges what it found, when an error is first asked
 * for. Knows no backend.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { Executor, ExecutorDescription, Linked, RunControl, Slots, StageName, Tensor } from '../../../plan/types.ts';
import { float32, float64 } from '../../rounding.ts';
import { isFiniteTensor, pointNorm, scalar } from '../../tensor.ts';
import { failureOf } from './failure.ts';

export interface Judge {
  /** To stages in float64: those of `checkedId` where it corrects, else of the same candidate. */
  readonly link: () => Promise<Linked>;
  /** Whether what x and v leave says where they should be; else, as with a support that may be another, it computes all of it again. */
  readonly corrects: boolean;
  /** Whether it computes what float32 fails at. Needs: it does not correct. */
  readonly standsIn: boolean;
}

export const checkedExecutor = (single: Executor, judge: Judge): Executor => new CheckedExecutor(single, judge);

/** Corrections at most, and what may be left beside what they have shown: each squares it where x and v are near. */
const ROUNDS = 4;
const LITTLE = 2 ** -4;

/** What float32 found, and from which slots. */
interface Found {
  readonly gradients: Slots;
  readonly from: Slots;
}

/** What float64 has computed in its place, and why. */
interface StoodIn {
  readonly executor: Executor;
  readonly because: string;
}

class CheckedExecutor implements Executor {
  private readonly single: Executor;
  private readonly judge: Judge;
  private double: Executor | undefined;
  private held: Slots = {};
  private last: Found | undefined;
  /** By the x that was read with it: an error may be asked for at a point before the last. */
  private readonly found = new WeakMap<Tensor, Found>();
  private error: Tensor | undefined;
  /** Why float64 was not there to judge. */
  private absent: string | undefined;
  private isClosed = false;
  /** At the last point, if float32 failed there. */
  private stood: StoodIn | undefined;

  constructor(single: Executor, judge: Judge) {
    this.single = single;
    this.judge = judge;
  }

  put(slots: Slots): void {
    this.held = { ...this.held, ...slots };
    this.single.put(slots);
  }

  async run(stage: StageName, control?: RunControl): Promise<'done' | 'interrupted'> {
    if (stage === 'error') return this.estimate(control);
    if (stage === 'report' && this.stood !== undefined) {
      this.stood.executor.put(this.held);
      return this.stood.executor.run(stage, control);
    }
    const from = this.held;
    const ended = await this.single.run(stage, control);
    if (ended === 'interrupted' || (stage !== 'value' && stage !== 'hypergradient')) return ended;
    const because = this.judge.standsIn ? await failureIn(this.single, stage) : undefined;
    const stood = because === undefined ? undefined : await this.standIn(stage, because, control);
    if (stood === 'interrupted') return stood;
    this.stood = stood;
    this.error = undefined;
    this.last = stage === 'value' ? undefined : { gradients: await gradientsOf(stood?.executor ?? this.single), from };
    return 'done';
  }

  async read(slot: string): Promise<Tensor> {
    if (slot === 'error' && this.error !== undefined) return this.error;
    const { executor = this.single } = this.stood ?? {};
    const isThere = (['hypergradient', 'report'] as const).some((stage) => executor.results(stage).includes(slot));
    const tensor = await (isThere ? executor : this.single).read(slot);
    if (slot === 'x' && this.last !== undefined) this.found.set(tensor, this.last);
    return tensor;
  }

  results(stage: StageName): readonly string[] {
    return this.single.results(stage);
  }

  describe(): ExecutorDescription {
    const { absent, error, stood } = this;
    const single = this.single.describe();
    if (stood !== undefined)
      return { ...stood.executor.describe(), declined: `computed in float64: on \`${single.backend}\` ${stood.because}` };
    const judged = this.judge.corrects
      ? 'its distance from what float64 corrects it to, and what that leaves'
      : 'its distance from the same computed in float64';
    return { ...single, ...(absent === undefined ? {} : { declined: absent }), ...(error === undefined ? {} : { judged }) };
  }

  close(): void {
    this.isClosed = true;
    this.single.close();
    this.double?.close();
  }

  private async estimate(control: RunControl | undefined): Promise<'done' | 'interrupted'> {
    this.error = undefined;
    const double = await this.open(control);
    if (double === 'interrupted') return double;
    // Where there is no room for float64, float32 estimates its own error, and says so.
    if (double === undefined) return this.single.run('error', control);
    const { x } = this.held;
    const found = x && this.found.get(x);
    if (found === undefined) throw new InternalError('mixed precision', 'an error is asked for at a point that was not solved here');
    const error = await (this.judge.corrects ? this.corrected(double, found, control) : repeated(double, found, control));
    if (error === 'interrupted') return error;
    this.error = scalar(error);
    return 'done';
  }

  /** Its estimate to first order is followed, from the x and v that were found to where they should be, until little is left of it. */
  private async corrected(double: Executor, { gradients }: Found, control: RunControl | undefined): Promise<number | 'interrupted'> {
    let [apart, left] = [0, Infinity];
    double.put(this.held);
    for (let round = 0; round <= ROUNDS && left > apart * LITTLE; round++) {
      if (round > 0) double.put({ x: await double.read('corrected:x'), v: await double.read('corrected:v') });
      for (const stage of ['residual', 'error'] as const) if ((await double.run(stage, control)) === 'interrupted') return 'interrupted';
      apart = distance(await gradientsOf(double), gradients);
      left = await errorIn(double);
    }
    return apart + left;
  }

  private async standIn(
    stage: 'value' | 'hypergradient',
    because: string,
    control: RunControl | undefined,
  ): Promise<StoodIn | 'interrupted' | undefined> {
    const executor = await this.open(control);
    // Where there is no room for float64, what float32 has found is what there is.
    if (executor === 'interrupted' || executor === undefined) return executor;
    executor.put(exacting(this.held));
    // What a module carries for its gradient serves its values too.
    const own = executor.results(stage).length === 0 ? 'hypergradient' : stage;
    return (await executor.run(own, control)) === 'interrupted' ? 'interrupted' : { executor, because };
  }

  private async open(control: RunControl | undefined): Promise<Executor | 'interrupted' | undefined> {
    if (this.double !== undefined) return this.double;
    const linked = await this.judge.link();
    if (!linked.ok) {
      this.absent = `the error is estimated in float32: ${linked.diagnostics[0]?.message ?? 'float64 does not fit'}`;
      return undefined;
    }
    const { executor } = linked;
    let isReady = false;
    try {
      executor.put(this.held);
      isReady = (await executor.run('once', control)) === 'done' && !this.isClosed;
    } finally {
      if (!isReady) executor.close();
    }
    if (!isReady) return 'interrupted';
    this.double = executor;
    return executor;
  }
}

/** What a stage in float32 ended in that nothing can be made of, in words. */
async function failureIn(executor: Executor, stage: StageName): Promise<string | undefined> {
  for (const slot of ['inner:status', 'linear:status'].filter((name) => executor.results(stage).includes(name))) {
    const status = await failureOf(executor, slot);
    if (status !== undefined) return `the solve in float32 ended \`${status}\``;
  }
  const [outer, gradients] = [await executor.read('outer'), stage === 'value' ? {} : await gradientsOf(executor)];
  return [outer, ...Object.values(gradients)].every(isFiniteTensor) ? undefined : 'what float32 found is not finite';
}

/** All of it again, from where it was begun; the error that this has itself is added. */
async function repeated(double: Executor, { gradients, from }: Found, control: RunControl | undefined): Promise<number | 'interrupted'> {
  double.put(exacting(from));
  if ((await double.run('hypergradient', control)) === 'interrupted') return 'interrupted';
  const [exact, x, v] = [await gradientsOf(double), await double.read('x'), await readIf(double, 'v')];
  double.put({ x, ...(v === undefined ? {} : { v }) });
  if ((await double.run('error', control)) === 'interrupted') return 'interrupted';
  return distance(exact, gradients) + (await errorIn(double));
}

/** The same to float64's tolerances, where they are float32's. */
const exacting = (slots: Slots): Slots => ({
  ...slots,
  ...Object.fromEntries(
    (['inner', 'linear'] as const).flatMap((of) => {
      const asked = slots[`tolerance:${of}`]?.data[0];
      return asked === float32[of] ? [[`tolerance:${of}`, scalar(float64[of])]] : [];
    }),
  ),
});

const errorIn = async (executor: Executor): Promise<number> => (await executor.read('error')).data[0] ?? Number.NaN;

const readIf = async (executor: Executor, slot: string): Promise<Tensor | undefined> =>
  executor.results('hypergradient').includes(slot) ? executor.read(slot) : undefined;

/** What a stage has left in the slots of the hypergradient. */
async function gradientsOf(executor: Executor): Promise<Slots> {
  const slots = executor.results('hypergradient').filter((slot) => slot.startsWith('hypergradient:'));
  const tensors = await Promise.all(slots.map((slot) => executor.read(slot)));
  return Object.fromEntries(slots.map((slot, i) => [slot, tensors[i] as Tensor]));
}

const distance = (slots: Slots, others: Slots): number =>
  pointNorm(
    Object.fromEntries(
      Object.entries(slots).map(([slot, { shape, data }]) => [
        slot,
        { shape, data: data.map((value, i) => value - (others[slot]?.data[i] ?? Number.NaN)) },
      ]),
    ),
  );
