/**
 * float32 whose error is known: an executor in float32, and beside it one in float64 that judges what it found. The estimate of an error is
 * computed in float64, at the x and v that float32 found, and what the formula of the hypergradient lost to rounding there is added. Knows no
 * backend.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { Executor, ExecutorDescription, Linked, RunControl, Slots, StageName, Tensor } from '../../../plan/types.ts';
import { pointNorm, scalar } from '../../tensor.ts';

/** `link`: to the stages of `checkedId` in float64, when an error is first asked for. */
export const checkedExecutor = (single: Executor, link: () => Promise<Linked>): Executor => new CheckedExecutor(single, link);

class CheckedExecutor implements Executor {
  private readonly single: Executor;
  private readonly link: () => Promise<Linked>;
  private double: Executor | undefined;
  private held: Slots = {};
  private gradients: Slots = {};
  /** By the x that was read with them: an error may be asked for at a point before the last. */
  private readonly found = new WeakMap<Tensor, Slots>();
  private error: Tensor | undefined;
  private declined: string | undefined;

  constructor(single: Executor, link: () => Promise<Linked>) {
    this.single = single;
    this.link = link;
  }

  put(slots: Slots): void {
    this.held = { ...this.held, ...slots };
    this.single.put(slots);
    this.double?.put(slots);
  }

  async run(stage: StageName, control?: RunControl): Promise<'done' | 'interrupted'> {
    if (stage === 'error') return this.estimate(control);
    const ended = await this.single.run(stage, control);
    if (stage === 'hypergradient' && ended === 'done') this.gradients = await gradientsOf(this.single);
    return ended;
  }

  async read(slot: string): Promise<Tensor> {
    if (slot === 'error' && this.error !== undefined) return this.error;
    const tensor = await this.single.read(slot);
    if (slot === 'x') this.found.set(tensor, this.gradients);
    return tensor;
  }

  results(stage: StageName): readonly string[] {
    return this.single.results(stage);
  }

  describe(): ExecutorDescription {
    return this.declined === undefined ? this.single.describe() : { ...this.single.describe(), declined: this.declined };
  }

  close(): void {
    this.single.close();
    this.double?.close();
  }

  private async estimate(control: RunControl | undefined): Promise<'done' | 'interrupted'> {
    this.error = undefined;
    const double = this.double ?? (await this.open(control));
    if (double === 'interrupted') return double;
    // Where there is no room for float64, float32 estimates its own error, and says so.
    if (double === undefined) return this.single.run('error', control);
    const { x } = this.held;
    const found = x && this.found.get(x);
    if (found === undefined) throw new InternalError('mixed precision', 'an error is asked for at a point that was not solved here');
    for (const stage of ['residual', 'error'] as const) if ((await double.run(stage, control)) === 'interrupted') return 'interrupted';
    const [exact, left] = [await gradientsOf(double), await double.read('error')];
    const lost = pointNorm(Object.fromEntries(Object.entries(exact).map(([slot, tensor]) => [slot, minus(tensor, found[slot])])));
    this.error = scalar((left.data[0] ?? Number.NaN) + lost);
    return 'done';
  }

  private async open(control: RunControl | undefined): Promise<Executor | 'interrupted' | undefined> {
    const linked = await this.link();
    if (!linked.ok) {
      this.declined = `the error is estimated in float32: ${linked.diagnostics[0]?.message ?? 'float64 does not fit'}`;
      return undefined;
    }
    const { executor } = linked;
    this.double = executor;
    executor.put(this.held);
    return (await executor.run('once', control)) === 'interrupted' ? 'interrupted' : executor;
  }
}

/** What a stage has left in the slots of the hypergradient. */
async function gradientsOf(executor: Executor): Promise<Slots> {
  const slots = executor.results('hypergradient').filter((slot) => slot.startsWith('hypergradient:'));
  const tensors = await Promise.all(slots.map((slot) => executor.read(slot)));
  return Object.fromEntries(slots.map((slot, i) => [slot, tensors[i] as Tensor]));
}

const minus = ({ shape, data }: Tensor, other: Tensor | undefined): Tensor => ({
  shape,
  data: data.map((value, i) => value - (other?.data[i] ?? Number.NaN)),
});
