/**
 * A list of calls at its sizes: kernels made ready, runs of them that need no waiting put together, and after which step each register
 * is let go of. Arithmetic alone; runs nothing.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { evaluate, printExpr } from '../../../plan/evaluate.ts';
import type { CallAttributes, CallList, CallType, HostCall, IterateCall, KernelCall, ScanCall } from '../../../plan/calls.ts';
import type { OpName } from '../../../plan/op-names.ts';
import type { Expr } from '../../../plan/types.ts';
import type { Device, Kernel, SizedAttributes, SizedType } from './device.ts';

/** A kernel with its registers; those of `frees` are read here for the last time. */
export interface BoundCall<T> {
  readonly op: OpName;
  readonly kernel: ReturnType<Kernel<T>>;
  readonly operands: readonly number[];
  readonly result: number;
  readonly frees: readonly number[];
}

/** Kernels one after the other, with nothing to wait for between them. */
export interface Segment<T> {
  readonly is: 'segment';
  readonly calls: readonly BoundCall<T>[];
  /** Registers from outside that it reads, and its own that are read after it. */
  readonly reads: readonly number[];
  readonly gives: readonly number[];
}

interface Waiting {
  readonly operands: readonly number[];
  readonly results: readonly number[];
}

export interface BoundHost extends Waiting {
  readonly is: 'host';
  readonly code: number;
}

interface BoundLoop<T> extends Waiting {
  readonly name: string;
  readonly constants: number;
  readonly states: number;
  readonly body: BoundList<T>;
}

export interface BoundScan<T> extends BoundLoop<T> {
  readonly is: 'scan';
  readonly length: number;
  readonly reversed: boolean;
}

export interface BoundIterate<T> extends BoundLoop<T> {
  readonly is: 'iterate';
  readonly limit: number;
  readonly test: BoundList<T>;
  /** For each state its own new value or the old one, where steps are taken before the test was looked at. */
  readonly masks: readonly ReturnType<Kernel<T>>[];
}

export type Item<T> = (Segment<T> | BoundHost | BoundScan<T> | BoundIterate<T>) & {
  /** Registers that no later item reads. */
  readonly frees: readonly number[];
};

export interface BoundList<T> {
  /** Of each register. */
  readonly types: readonly SizedType[];
  readonly inputs: number;
  /** What depends on nothing that is given: computed once. */
  readonly statics: readonly BoundCall<T>[];
  readonly items: readonly Item<T>[];
  readonly outputs: readonly number[];
  /** One segment and nothing else: it never waits. */
  readonly isStraight: boolean;
}

export type Sizes = Readonly<Record<string, number>>;

export function bindList<T>(list: CallList, sizes: Sizes, device: Device<T>): BoundList<T> {
  return new Binder(list, sizes, device).bound();
}

export function sizedType({ dtype, shape }: CallType, sizes: Sizes): SizedType {
  return { dtype, shape: shape.map((dim) => sizeOf(dim, sizes)) };
}

function sizeOf(of: Expr, sizes: Sizes): number {
  const size = evaluate(of, sizes);
  if (size === undefined || !Number.isInteger(size)) throw new InternalError('calls', `the size ${printExpr(of)} is ${String(size)}`);
  return size;
}

type Draft<T> = Omit<Segment<T>, 'reads' | 'gives'> | BoundHost | BoundScan<T> | BoundIterate<T>;

class Binder<T> {
  private readonly list: CallList;
  private readonly sizes: Sizes;
  private readonly device: Device<T>;
  private readonly types: SizedType[];
  private readonly isStatic: boolean[];
  private readonly statics: BoundCall<T>[] = [];
  private readonly drafts: Draft<T>[] = [];
  private open: BoundCall<T>[] | undefined;

  constructor(list: CallList, sizes: Sizes, device: Device<T>) {
    this.list = list;
    this.sizes = sizes;
    this.device = device;
    this.types = list.inputs.map((type) => sizedType(type, sizes));
    this.isStatic = list.inputs.map(() => false);
    for (const call of list.calls) this.take(call);
  }

  bound(): BoundList<T> {
    const { types, list, statics, drafts } = this;
    const items = withLives(drafts, list.outputs, (register) => this.isStatic[register] === true);
    const isStraight = items.every(({ is }) => is === 'segment');
    return { types, inputs: list.inputs.length, statics, items, outputs: list.outputs, isStraight };
  }

  private type(register: number): SizedType {
    const type = this.types[register];
    if (type === undefined) throw new InternalError('calls', `no register ${register}`);
    return type;
  }

  /** The registers of a call's results. */
  private make(results: readonly CallType[], isStatic: boolean): readonly number[] {
    return results.map((type) => {
      this.isStatic.push(isStatic);
      return this.types.push(sizedType(type, this.sizes)) - 1;
    });
  }

  private take(call: CallList['calls'][number]): void {
    if (call.is === 'kernel') return this.kernel(call);
    this.open = undefined;
    this.drafts.push(this.waiting(call));
  }

  private kernel({ op, operands, results, attributes }: KernelCall): void {
    const isStatic = operands.every((register) => this.isStatic[register] === true);
    const [result = 0] = this.make(results, isStatic);
    const make = (this.device.kernels as Readonly<Record<string, Kernel<T> | undefined>>)[op];
    if (make === undefined) throw new InternalError('calls', `no kernel for ${op}`);
    const kernel = make({
      operands: operands.map((register) => this.type(register)),
      result: this.type(result),
      attributes: this.attributes(attributes),
    });
    const bound: BoundCall<T> = { op, kernel, operands, result, frees: [] };
    if (isStatic) this.statics.push(bound);
    else {
      if (this.open === undefined) {
        this.open = [];
        this.drafts.push({ is: 'segment', calls: this.open });
      }
      this.open.push(bound);
    }
  }

  private attributes({ dim, start, length, ...rest }: CallAttributes): SizedAttributes {
    const sized = { dim, start, length };
    const known = Object.entries(sized).flatMap(([key, of]) => (of === undefined ? [] : [[key, sizeOf(of, this.sizes)] as const]));
    return { ...rest, ...Object.fromEntries(known) };
  }

  private waiting(call: HostCall | ScanCall | IterateCall): BoundHost | BoundScan<T> | BoundIterate<T> {
    const { operands } = call;
    const results = this.make(call.results, false);
    if (call.is === 'host') return { is: 'host', code: call.code, operands, results };
    const { name, constants, states } = call;
    const body = bindList(call.body, this.sizes, this.device);
    const loop = { operands, results, name, constants, states, body };
    if (call.is === 'scan') return { is: 'scan', ...loop, length: sizeOf(call.length, this.sizes), reversed: call.reversed };
    const test = bindList(call.test, this.sizes, this.device);
    return { is: 'iterate', ...loop, limit: call.limit, test, masks: this.masks(body, constants, states) };
  }

  private masks({ types }: BoundList<T>, constants: number, states: number): readonly ReturnType<Kernel<T>>[] {
    if (this.device.peek !== undefined) return [];
    const condition: SizedType = { dtype: 'bool', shape: [] };
    return types
      .slice(constants, constants + states)
      .map((type) => this.device.kernels.select({ operands: [condition, type, type], result: type, attributes: {} }));
  }
}

/** Says what segments read and give, and where each register's life ends. */
function withLives<T>(
  drafts: readonly Draft<T>[],
  outputs: readonly number[],
  isStatic: (register: number) => boolean,
): readonly Item<T>[] {
  const kept = new Set(outputs);
  const readLater = new Set(outputs);
  const items: Item<T>[] = [];
  for (const draft of [...drafts].reverse()) {
    if (draft.is === 'segment') {
      const segment = livesWithin(draft.calls, readLater, isStatic);
      items.unshift({ ...segment, frees: segment.reads.filter((r) => !readLater.has(r) && !kept.has(r)) });
      for (const register of segment.reads) readLater.add(register);
    } else {
      const operands = [...new Set(draft.operands)].filter((r) => !isStatic(r));
      // What nobody reads is let go of where it is made.
      const unread = draft.results.filter((r) => !readLater.has(r));
      items.unshift({ ...draft, frees: [...operands.filter((r) => !readLater.has(r)), ...unread] });
      for (const register of operands) readLater.add(register);
    }
  }
  return items;
}

function livesWithin<T>(
  calls: readonly BoundCall<T>[],
  readLater: ReadonlySet<number>,
  isStatic: (register: number) => boolean,
): Segment<T> {
  const own = new Set(calls.map(({ result }) => result));
  const gives = [...own].filter((r) => readLater.has(r));
  const read = new Set<number>();
  const ended: BoundCall<T>[] = [];
  for (const call of [...calls].reverse()) {
    const last = [...new Set(call.operands)].filter((r) => own.has(r) && !read.has(r) && !readLater.has(r));
    const unread = read.has(call.result) || readLater.has(call.result) ? [] : [call.result];
    ended.unshift({ ...call, frees: [...last, ...unread] });
    for (const r of call.operands) read.add(r);
  }
  const reads = [...read].filter((r) => !own.has(r) && !isStatic(r));
  return { is: 'segment', calls: ended, reads, gives };
}
