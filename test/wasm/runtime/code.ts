/** A candidate put together by hand, for what the runtime makes of its code: slots, chunks, turns. */
import { ModuleBuilder, type FunctionBuilder, type FunctionRef } from '../../../compiler/emit/wasm/assembler.ts';
import { atomics, constant, i32, unreachable, type I32, type V128 } from '../../../compiler/emit/wasm/instructions.ts';
import { lanesOf, type Lanes } from '../../../compiler/emit/wasm/lanes.ts';
import {
  controlBlock,
  type BufferPlan,
  type CandidateCode,
  type KernelPlan,
  type LinkValue,
  type Precision,
  type StageSlots,
} from '../../../plan/kernels.ts';
import type { Expr, StageName } from '../../../plan/types.ts';

type Run = FunctionRef<readonly [], 'i32'>;

interface Slot {
  readonly slot: string;
  readonly shape: readonly Expr[];
}

const elementsOf = (shape: readonly Expr[]): Expr => (shape.length === 0 ? 1 : { op: 'mul', args: [1, ...shape] });

/** What has been put together so far. */
class Draft {
  readonly module = new ModuleBuilder();
  readonly lanes: Lanes;
  readonly poll: Run;
  /** A global that `reset` sets back to 0. */
  readonly count = this.module.global();
  private readonly precision: Precision;
  private readonly values: LinkValue[] = [];
  private readonly buffers: BufferPlan[] = [];
  private readonly kernels: KernelPlan[] = [];
  private readonly stages: Partial<Record<StageName, StageSlots>> = {};
  private help: FunctionRef<readonly ['i32'], undefined> | undefined;

  constructor(precision: Precision) {
    this.precision = precision;
    this.lanes = lanesOf(precision);
    this.poll = this.module.importFunction('env', 'poll', [], 'i32');
  }

  link(value: LinkValue): I32 {
    this.values.push(value);
    return this.module.constant().get;
  }
  buffer(plan: BufferPlan): I32 {
    return this.link({ is: 'buffer', buffer: this.buffers.push(plan) - 1 });
  }
  /** A slot's buffer as an address. */
  slot(name: string): I32 {
    return this.link({ is: 'buffer', buffer: this.numberOf(name) });
  }
  kernel(plan: KernelPlan, help: FunctionRef<readonly ['i32'], undefined>): void {
    this.kernels.push(plan);
    this.help = help;
  }
  stage(name: StageName, inputs: readonly Slot[], outputs: readonly Slot[], body: () => Run): void {
    for (const { slot, shape } of [...inputs, ...outputs])
      if (this.numberOf(slot) < 0) this.buffers.push({ elements: elementsOf(shape), slot, from: 0, to: 9, what: `slot ${slot}` });
    const plan = ({ slot, shape }: Slot) => ({ slot, shape, buffer: this.numberOf(slot) });
    this.stages[name] = { inputs: inputs.map(plan), outputs: outputs.map(plan) };
    this.module.export(name, body());
  }
  finish(): CandidateCode {
    const { module, count, precision, buffers, kernels, values: link, stages } = this;
    module.export(
      'reset',
      module.function('reset', [], undefined, (f) => f.do(count.set(zero))),
    );
    module.export('help', this.help ?? module.function('help', ['i32'], undefined, () => undefined));
    const { bytes, memoryFlagsAt, markedAt } = module.encode();
    return { wasm: bytes, memoryFlagsAt, multiplyAddsAt: markedAt, precision, buffers, kernels, link, stages };
  }
  private numberOf(name: string): number {
    return this.buffers.findIndex(({ slot }) => slot === name);
  }
}

const zero = constant.i32(0);
const one = constant.i32(1);

/** Takes chunks until none is left, as every thread does. */
function takeChunks(f: FunctionBuilder, control: I32, chunk: FunctionRef<readonly ['i32'], undefined>): void {
  const mine = f.let(atomics.add(control, one, controlBlock.next));
  f.while(i32.ltU(mine, i32.load(control, controlBlock.chunks)), () => {
    f.call(chunk, mine);
    f.drop(atomics.add(control, one, controlBlock.finished));
    f.set(mine, atomics.add(control, one, controlBlock.next));
  });
}

/** What the first thread does with a kernel, as it stands at `controlBlock`. */
function shareOut(f: FunctionBuilder, control: I32, kernel: number, chunks: I32, chunk: FunctionRef<readonly ['i32'], undefined>): void {
  f.do(i32.store(control, constant.i32(kernel), controlBlock.kernel));
  f.do(i32.store(control, chunks, controlBlock.chunks));
  f.do(atomics.store(control, zero, controlBlock.next));
  f.do(atomics.store(control, zero, controlBlock.finished));
  f.drop(atomics.add(control, one, controlBlock.generation));
  f.drop(atomics.notify(i32.add(control, constant.i32(controlBlock.generation)), constant.i32(1000)));
  takeChunks(f, control, chunk);
  f.while(i32.ltU(atomics.load(control, controlBlock.finished), chunks), () => {
    f.if(atomics.load(control, controlBlock.failed), () => f.do(unreachable));
  });
  f.drop(atomics.add(control, one, controlBlock.generation));
  f.while(atomics.load(control, controlBlock.active), () => undefined);
}

/** So much work a row is claimed that a few thousand rows are worth sharing out. */
const claimedWork = 2 ** 12;
/** How often each row is read, so that a chunk takes some time. */
const repeats = 200;

/**
 * `once`: Σ x and Σ x² of `data:X` into `once:0`, and into `once:1` the address of the scratch of the thread that did each chunk.
 * `value`: `outer` = a · Σ x, and `x` becomes x + 1.
 * `hypergradient`: counts to `hyper:a` in a loop that may be left after each step; `inner:steps` is how far it came.
 */
export function candidateOf(precision: Precision, chunksAt: number, failing: 'no helper' | 'helpers' = 'no helper'): CandidateCode {
  const draft = new Draft(precision);
  sums(draft, chunksAt, failing === 'helpers');
  scaled(draft);
  counting(draft);
  return draft.finish();
}

function sums(draft: Draft, chunksAt: number, helpersFail: boolean): void {
  const inputs = [{ slot: 'data:X', shape: ['n'] }];
  const outputs = [
    { slot: 'once:0', shape: [2] },
    { slot: 'once:1', shape: [chunksAt] },
  ];
  draft.stage('once', inputs, outputs, () => {
    const { module, lanes } = draft;
    const { add, mul } = lanes.arithmetic;
    const control = draft.link({ is: 'control' });
    const thread = draft.link({ is: 'thread' });
    const chunks = draft.link({ is: 'chunks', kernel: 0 });
    const chunkRows = draft.link({ is: 'chunkRows', kernel: 0 });
    const pays = draft.link({ is: 'pays', kernel: 0 });
    const rows = draft.link({ is: 'size', of: 'n' });
    const accumulators = draft.buffer({ elements: 2, perChunkOf: 0, from: 0, to: 1, what: 'accumulators' });
    const [data, result, who] = [draft.slot('data:X'), draft.slot('once:0'), draft.slot('once:1')];
    const at = (base: I32, index: I32): I32 => i32.add(base, i32.shl(index, constant.i32(lanes.shift)));
    const chunk = module.function('chunk', ['i32'], undefined, (f, number) => {
      const [sum, squares] = [f.local('v128'), f.local('v128')];
      const first = f.let(i32.mul(number, chunkRows));
      const end = f.let(i32.min(rows, i32.add(first, chunkRows)));
      const row = f.local('i32');
      f.times(constant.i32(repeats), () => {
        f.set(sum, lanes.constant(0));
        f.set(squares, lanes.constant(0));
        f.set(row, first);
        f.for(row, end, 1, () => {
          const value = f.let(lanes.loadOne(at(data, row)));
          f.set(sum, add(sum, value));
          f.set(squares, add(squares, mul(value, value)));
        });
      });
      const own = f.let(at(accumulators, i32.shl(number, one)));
      f.do(lanes.storeOne(own, sum));
      f.do(lanes.storeOne(own, squares, lanes.bytes));
      f.do(lanes.storeOne(at(who, number), lanes.splatI32(thread)));
    });
    const help = module.function('help', ['i32'], undefined, (f) => {
      // Takes a chunk, and never does it.
      if (helpersFail) {
        const taken = f.let(atomics.add(control, one, controlBlock.next));
        f.if(i32.ltU(taken, i32.load(control, controlBlock.chunks)), () => f.do(unreachable));
      }
      takeChunks(f, control, chunk);
    });
    const kernel = { rows: 'n', width: 1, leastRows: 4, accumulated: 2, tileBuffers: [1, 2], scratch: [3] };
    draft.kernel({ ...kernel, work: claimedWork }, help);
    return module.function('once', [], 'i32', (f) => {
      f.if(
        pays,
        () => shareOut(f, control, 0, chunks, chunk),
        () => f.times(chunks, (i) => f.call(chunk, i)),
      );
      const totals: V128[] = [];
      for (const offset of [0, lanes.bytes]) {
        const total = f.local('v128');
        f.set(total, lanes.constant(0));
        f.times(chunks, (i) => f.set(total, add(total, lanes.loadOne(at(accumulators, i32.shl(i, one)), offset))));
        totals.push(total);
      }
      for (const [i, total] of totals.entries()) f.do(lanes.storeOne(result, total, i * lanes.bytes));
      f.return(zero);
    });
  });
}

function scaled(draft: Draft): void {
  const inputs = [
    { slot: 'once:0', shape: [2] },
    { slot: 'hyper:a', shape: [] },
    { slot: 'x', shape: [2] },
  ];
  const outputs = [
    { slot: 'outer', shape: [] },
    { slot: 'x', shape: [2] },
  ];
  draft.stage('value', inputs, outputs, () => {
    const { module, lanes } = draft;
    const [once, a, x, outer] = [draft.slot('once:0'), draft.slot('hyper:a'), draft.slot('x'), draft.slot('outer')];
    const { add, mul } = lanes.arithmetic;
    return module.function('value', [], 'i32', (f) => {
      f.do(lanes.storeOne(outer, mul(lanes.loadOne(once), lanes.loadOne(a))));
      for (const offset of [0, lanes.bytes]) f.do(lanes.storeOne(x, add(lanes.loadOne(x, offset), lanes.constant(1)), offset));
      f.return(zero);
    });
  });
}

function counting(draft: Draft): void {
  draft.stage('hypergradient', [{ slot: 'hyper:a', shape: [] }], [{ slot: 'inner:steps', shape: [] }], () => {
    const { module, lanes, poll, count } = draft;
    const control = draft.link({ is: 'control' });
    const [limit, steps] = [draft.slot('hyper:a'), draft.slot('inner:steps')];
    return module.function('hypergradient', [], 'i32', (f) => {
      const end = f.let(lanes.lowToI32(lanes.loadOne(limit)));
      f.while(i32.ltU(count.get, end), () => {
        f.do(count.set(i32.add(count.get, one)));
        f.do(i32.store(control, count.get, controlBlock.progress));
        f.if(f.result(poll), () => f.return(one));
      });
      f.do(lanes.storeOne(steps, lanes.splatI32(count.get)));
      f.do(count.set(zero));
      f.return(zero);
    });
  });
}
