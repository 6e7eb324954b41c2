/** Stages put together by hand, for what the runtime makes of a `StageCode`: slots, chunks, turns. */
import { ModuleBuilder, type FunctionBuilder, type FunctionRef } from '../../../compiler/emit/wasm/assembler.ts';
import { atomics, constant, i32, type I32, type V128 } from '../../../compiler/emit/wasm/instructions.ts';
import { lanesOf, type Lanes } from '../../../compiler/emit/wasm/lanes.ts';
import { controlBlock, type BufferPlan, type KernelPlan, type LinkValue, type Precision, type StageCode } from '../../../plan/kernels.ts';
import type { Expr } from '../../../plan/types.ts';

type Run = FunctionRef<readonly [], 'i32'>;

/** A stage being put together. */
export interface Draft {
  readonly module: ModuleBuilder;
  readonly lanes: Lanes;
  readonly poll: Run;
  readonly link: (value: LinkValue) => I32;
  /** A slot's buffer as an address. */
  readonly slot: (name: string) => I32;
}

interface Parts {
  readonly run: Run;
  readonly reset: FunctionRef<readonly [], undefined>;
  readonly help: FunctionRef<readonly ['i32'], undefined>;
}

export interface Slot {
  readonly slot: string;
  readonly shape: readonly Expr[];
}

const elementsOf = (shape: readonly Expr[]): Expr => (shape.length === 0 ? 1 : { op: 'mul', args: [1, ...shape] });

export function assemble(
  precision: Precision,
  {
    inputs,
    outputs,
    more = [],
    kernels = [],
  }: { inputs: readonly Slot[]; outputs: readonly Slot[]; more?: BufferPlan[]; kernels?: KernelPlan[] },
  body: (draft: Draft) => Partial<Parts> & Pick<Parts, 'run'>,
): StageCode {
  const module = new ModuleBuilder();
  const poll = module.importFunction('env', 'poll', [], 'i32');
  const values: LinkValue[] = [];
  const link = (value: LinkValue): I32 => {
    values.push(value);
    return module.constant().get;
  };
  const names = new Map([...inputs, ...outputs].map((slot) => [slot.slot, slot]));
  const slots = [...names.values()];
  const buffers: BufferPlan[] = [
    ...slots.map(({ slot, shape }) => ({ elements: elementsOf(shape), slot, from: 0, to: 9, what: `slot ${slot}` })),
    ...more,
  ];
  const numberOf = (name: string): number => slots.findIndex((slot) => slot.slot === name);
  const parts = body({ module, lanes: lanesOf(precision), poll, link, slot: (name) => link({ is: 'buffer', buffer: numberOf(name) }) });
  const nothing = (name: string) => module.function(name, [], undefined, () => undefined);
  module.export('run', parts.run);
  module.export('reset', parts.reset ?? nothing('reset'));
  module.export('help', parts.help ?? module.function('help', ['i32'], undefined, () => undefined));
  const { bytes, memoryFlagsAt } = module.encode();
  const plan = ({ slot, shape }: Slot) => ({ slot, shape, buffer: numberOf(slot) });
  return {
    wasm: bytes,
    memoryFlagsAt,
    precision,
    buffers,
    kernels,
    link: values,
    inputs: inputs.map(plan),
    outputs: outputs.map(plan),
  };
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
function shareOut(
  f: FunctionBuilder,
  control: I32,
  stage: I32,
  kernel: number,
  chunks: I32,
  chunk: FunctionRef<readonly ['i32'], undefined>,
): void {
  f.do(i32.store(control, stage, controlBlock.stage));
  f.do(i32.store(control, constant.i32(kernel), controlBlock.kernel));
  f.do(i32.store(control, chunks, controlBlock.chunks));
  f.do(atomics.store(control, zero, controlBlock.next));
  f.do(atomics.store(control, zero, controlBlock.finished));
  f.drop(atomics.add(control, one, controlBlock.generation));
  f.drop(atomics.notify(i32.add(control, constant.i32(controlBlock.generation)), constant.i32(1000)));
  takeChunks(f, control, chunk);
  f.while(i32.ltU(atomics.load(control, controlBlock.finished), chunks), () => undefined);
  f.drop(atomics.add(control, one, controlBlock.generation));
  f.while(atomics.load(control, controlBlock.active), () => undefined);
}

/** So much work a row is claimed that a few thousand rows are worth sharing out. */
const claimedWork = 2 ** 12;
/** How often each row is read, so that a chunk takes some time. */
const repeats = 200;

/** `once`: Σ x and Σ x² of `data:X` into `once:0`, and into `once:1` the address of the scratch of the thread that did each chunk. */
export const sums = (precision: Precision, chunksAt: number): StageCode =>
  assemble(
    precision,
    {
      inputs: [{ slot: 'data:X', shape: ['n'] }],
      outputs: [
        { slot: 'once:0', shape: [2] },
        { slot: 'once:1', shape: [chunksAt] },
      ],
      more: [{ elements: 2, perChunkOf: 0, from: 0, to: 1, what: 'accumulators' }],
      kernels: [{ name: 'sums', rows: 'n', width: 1, leastRows: 4, accumulated: 2, tileBuffers: [1, 2], scratch: [3], work: claimedWork }],
    },
    ({ module, lanes, link, slot }) => {
      const { add, mul } = lanes.arithmetic;
      const control = link({ is: 'control' });
      const stage = link({ is: 'stage' });
      const thread = link({ is: 'thread' });
      const chunks = link({ is: 'chunks', kernel: 0 });
      const chunkRows = link({ is: 'chunk-rows', kernel: 0 });
      const pays = link({ is: 'pays', kernel: 0 });
      const rows = link({ is: 'size', of: 'n' });
      const accumulators = link({ is: 'buffer', buffer: 3 });
      const [data, result, who] = [slot('data:X'), slot('once:0'), slot('once:1')];
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
      const help = module.function('help', ['i32'], undefined, (f) => takeChunks(f, control, chunk));
      const run = module.function('run', [], 'i32', (f) => {
        f.if(
          pays,
          () => shareOut(f, control, stage, 0, chunks, chunk),
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
      return { run, help };
    },
  );

/** `value`: `outer` = a · Σ x, and `x` becomes x + 1. */
export const scaled = (precision: Precision): StageCode =>
  assemble(
    precision,
    {
      inputs: [
        { slot: 'once:0', shape: [2] },
        { slot: 'hyper:a', shape: [] },
        { slot: 'x', shape: [2] },
      ],
      outputs: [
        { slot: 'outer', shape: [] },
        { slot: 'x', shape: [2] },
      ],
    },
    ({ module, lanes, slot }) => {
      const [once, a, x, outer] = [slot('once:0'), slot('hyper:a'), slot('x'), slot('outer')];
      const { add, mul } = lanes.arithmetic;
      return {
        run: module.function('run', [], 'i32', (f) => {
          f.do(lanes.storeOne(outer, mul(lanes.loadOne(once), lanes.loadOne(a))));
          for (const offset of [0, lanes.bytes]) f.do(lanes.storeOne(x, add(lanes.loadOne(x, offset), lanes.constant(1)), offset));
          f.return(zero);
        }),
      };
    },
  );

/** `hypergradient`: counts to `hyper:a` in a loop that may be left after each step; `inner:steps` is how far it came. */
export const counting = (precision: Precision): StageCode =>
  assemble(
    precision,
    { inputs: [{ slot: 'hyper:a', shape: [] }], outputs: [{ slot: 'inner:steps', shape: [] }] },
    ({ module, lanes, link, poll, slot }) => {
      const control = link({ is: 'control' });
      const [limit, steps] = [slot('hyper:a'), slot('inner:steps')];
      const count = module.global();
      const run = module.function('run', [], 'i32', (f) => {
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
      return { run, reset: module.function('reset', [], undefined, (f) => f.do(count.set(zero))) };
    },
  );
