/**
 * A list of calls at its sizes: kernels made ready, runs of them that need no waiting put together, and after which step each register
 * is let go of. Arithmetic alone; runs nothing.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { evaluate, printExpr } from '../../../plan/evaluate.ts';
import type { CallAttributes, CallList, CallType, HostCall, IterateCall, KernelCall, ScanCall } from '../../../plan/calls.ts';
import type { Expr } from '../../../plan/types.ts';
import type { Device, SizedAttributes, SizedCall, SizedType } from './device.ts';
import { fused, single, type Draft } from './fuse.ts';
import { elementsOf } from './elements.ts';
import { turnedType } from './held.ts';
import { maskedStep } from './masked.ts';
import { type BoundCall, type Segment, segmentOf } from './segment.ts';

/** A run of calls with one that has to wait behind it, or none. */
export type Item<T> = (Segment<T> | BoundHost | BoundScan<T> | BoundIterate<T>) & {
  /** Registers that no later item reads. */
  readonly frees: readonly number[];
};

/** Calls, and scans whose steps never wait. */
export type StraightItem<T> = Item<T> & (Segment<T> | BoundScan<T>);

export const isStraightItem = <T>(item: Item<T>): item is StraightItem<T> =>
  item.is === 'segment' || (item.is === 'scan' && isStraight(item.body));

/** A list that never waits. */
export const isStraight = <T>({ items }: BoundList<T>): boolean => items.every(isStraightItem);

interface Waiting {
  readonly operands: readonly number[];
  readonly results: readonly number[];
}

export interface BoundHost extends Waiting {
  readonly is: 'host';
  readonly code: number;
}

export interface BoundLoop<T> extends Waiting {
  readonly name: string;
  readonly constants: number;
  readonly states: number;
  readonly body: BoundList<T>;
  /** Of each constant, whether it lasts as long as the executor: data, and what was computed once. */
  readonly lasting: readonly boolean[];
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
  /** A step that changes nothing where the test fails, for devices where looking at it means to wait. */
  readonly masked?: BoundList<T>;
}

export interface BoundStatic<T> extends BoundCall<T> {
  /** Of a number, which the host knows without reading it back. */
  readonly number: number | undefined;
}

export interface BoundList<T> {
  /** Of each register. */
  readonly types: readonly SizedType[];
  readonly inputs: number;
  /** What depends on nothing that is given: computed once. */
  readonly statics: readonly BoundStatic<T>[];
  readonly items: readonly Item<T>[];
  readonly outputs: readonly number[];
}

export type Sizes = Readonly<Record<string, number>>;

/** `lasting`: of each input, whether it stays as long as the executor; `hoarded`: outputs that every step of a loop around the list keeps. */
export function bindList<T>(
  list: CallList,
  sizes: Sizes,
  device: Device<T>,
  lasting: readonly boolean[],
  hoarded: ReadonlySet<number> = new Set(),
): BoundList<T> {
  return new Binder(list, sizes, device, lasting, hoarded).bound();
}

export function sizedType({ dtype, shape }: CallType, sizes: Sizes): SizedType {
  return { dtype, shape: shape.map((dim) => sizeOf(dim, sizes)) };
}

function sizeOf(of: Expr, sizes: Sizes): number {
  const size = evaluate(of, sizes);
  if (size === undefined || !Number.isInteger(size)) throw new InternalError('calls', `the size ${printExpr(of)} is ${String(size)}`);
  return size;
}

/** An item before anybody knows which registers are read after it. */
type Drafted<T> = { readonly is: 'calls'; readonly calls: Draft[] } | BoundHost | BoundScan<T> | BoundIterate<T>;

class Binder<T> {
  private readonly list: CallList;
  private readonly sizes: Sizes;
  private readonly device: Device<T>;
  private readonly types: SizedType[];
  private readonly statics = new Map<number, Draft>();
  private readonly lasting: readonly boolean[];
  private readonly hoarded: ReadonlySet<number>;
  private readonly drafts: Drafted<T>[] = [];

  constructor(list: CallList, sizes: Sizes, device: Device<T>, lasting: readonly boolean[], hoarded: ReadonlySet<number>) {
    this.hoarded = hoarded;
    this.list = list;
    this.sizes = sizes;
    this.device = device;
    this.lasting = lasting;
    this.types = list.inputs.map((type) => sizedType(type, sizes));
    for (const call of list.calls) this.take(call);
  }

  bound(): BoundList<T> {
    const { types, list } = this;
    return { types, inputs: list.inputs.length, ...this.items(), outputs: list.outputs };
  }

  private take(call: CallList['calls'][number]): void {
    if (call.is === 'kernel') return this.kernel(call);
    const results = this.make(call.results);
    this.drafts.push(this.waiting(call, results));
  }

  /** The registers of a call's results. */
  private make(results: readonly CallType[]): readonly number[] {
    return results.map((type) => this.types.push(sizedType(type, this.sizes)) - 1);
  }

  private kernel({ op, operands, results, attributes }: KernelCall): void {
    const [result = 0] = this.make(results);
    const plain: SizedCall = {
      operands: operands.map((register) => typeAt(this.types, register)),
      result: typeAt(this.types, result),
      attributes: this.attributes(attributes),
    };
    const lasting = operands.map((register) => this.isLasting(register));
    const turns = operands.map((register, i) => this.lasting[register] === true && this.isTurned(plain, i));
    const draft: Draft = {
      op,
      call: { ...withTurned(plain, turns), lasting },
      operands: operands.map((register, i) => (turns[i] === true ? turnedRegister(register) : register)),
      result,
    };
    if (operands.every((register) => this.statics.has(register))) {
      this.statics.set(result, draft);
      return;
    }
    const last = this.drafts.at(-1);
    if (last?.is === 'calls') last.calls.push(draft);
    else this.drafts.push({ is: 'calls', calls: [draft] });
  }

  private isLasting(register: number): boolean {
    return this.statics.has(register) || this.lasting[register] === true;
  }

  /** Only products of two matrices or vectors are turned, where no axis is summed over but one. */
  private isTurned(call: SizedCall, operand: number): boolean {
    const { contract, batch } = call.attributes;
    if (contract?.[0].length !== 1 || batch?.[0].length !== 0 || call.operands[operand]?.shape.length !== 2) return false;
    return this.device.prefersTurned?.(call, operand) === true;
  }

  private attributes({ dim, start, length, ...rest }: CallAttributes): SizedAttributes {
    const sized = Object.entries({ dim, start, length });
    const known = sized.flatMap(([key, of]) => (of === undefined ? [] : [[key, sizeOf(of, this.sizes)] as const]));
    return { ...rest, ...Object.fromEntries(known) };
  }

  private waiting(call: HostCall | ScanCall | IterateCall, results: readonly number[]): BoundHost | BoundScan<T> | BoundIterate<T> {
    const { sizes, device } = this;
    const { operands } = call;
    if (call.is === 'host') return { is: 'host', code: call.code, operands, results };
    const { name, constants, states } = call;
    const lasting = operands.slice(0, constants).map((register) => this.isLasting(register));
    const step = (list: CallList): BoundList<T> => bindList(list, sizes, device, lasting, hoardedIn(call, list, results, this.hoarded));
    const body = step(call.body);
    const loop = { operands, results, name, constants, states, lasting, body };
    if (call.is === 'scan') return { is: 'scan', ...loop, length: sizeOf(call.length, sizes), reversed: call.reversed };
    const test = bindList(call.test, sizes, device, lasting);
    // What waits in any case may as well look at its test.
    const isBlind = (device.peek === undefined || device.compile !== undefined) && isStraight(body) && isStraight(test);
    const masked = isBlind ? { masked: step(maskedStep(call.test, call.body, constants)) } : {};
    return { is: 'iterate', ...loop, limit: call.limit, test, ...masked };
  }

  /** Makes kernels of the calls, and says what is read after each item, from the last one on. */
  private items(): Pick<BoundList<T>, 'items' | 'statics'> {
    const { device, statics, hoarded } = this;
    const later = new Set(this.list.outputs);
    let registers = this.types.length;
    const fresh = (): number => registers++;
    const drafts = this.drafts.toReversed().map((draft) => {
      const after = new Set(later);
      const calls = draft.is === 'calls' ? fused(device, draft.calls, { later, hoarded, statics, fresh }) : [];
      const reads = draft.is === 'calls' ? calls.flatMap(({ operands }) => operands) : draft.operands;
      for (const register of reads) later.add(register);
      return { draft, calls, after };
    });
    const needed = this.neededStatics(later);
    const once = needed.map(({ result }) => result);
    const items = drafts.toReversed().map(({ draft, calls, after }): Item<T> => {
      const item = draft.is === 'calls' ? segmentOf(calls, elementsOfAll(draft.calls), after, once) : draft;
      const reads = (item.is === 'segment' ? item.reads : [...new Set(item.operands)]).filter((r) => !statics.has(r));
      // What nobody reads is let go of where it is made.
      const unread = item.is === 'segment' ? [] : item.results.filter((r) => !after.has(r));
      return { ...item, frees: [...reads.filter((r) => !after.has(r)), ...unread] };
    });
    return { items, statics: needed.map((draft) => ({ ...single(device, draft), number: numberOf(draft) })) };
  }

  /** Those of which somebody reads the elements. */
  private neededStatics(read: ReadonlySet<number>): readonly Draft[] {
    const needed = new Set(read);
    const drafts: Draft[] = [];
    for (const draft of [...this.statics.values()].reverse()) {
      if (!needed.has(draft.result)) continue;
      drafts.unshift(draft);
      for (const register of draft.operands) needed.add(register);
    }
    return drafts;
  }
}

const numberOf = ({ op, call: { attributes } }: Draft): number | undefined =>
  op === 'constant' ? attributes.value : op === 'dim_size' ? attributes.dim : undefined;

/** Of a loop's step: what is stacked, states that the next step stacks, and states that are kept once the loop has ended. */
function hoardedIn(
  { constants, states }: ScanCall | IterateCall,
  { outputs }: CallList,
  results: readonly number[],
  hoarded: ReadonlySet<number>,
): ReadonlySet<number> {
  const stacked = new Set(outputs.slice(states));
  const isKept = (state: number): boolean => hoarded.has(results[state] ?? -1) || stacked.has(constants + state);
  return new Set([...stacked, ...outputs.slice(0, states).filter((_, state) => isKept(state))]);
}

const elementsOfAll = (drafts: readonly Draft[]): number => drafts.reduce((sum, { op, call }) => sum + elementsOf(op, call), 0);

/** A product of which some operands come with their two axes the other way round. */
function withTurned({ operands, result, attributes }: SizedCall, turns: readonly boolean[]): SizedCall {
  const { contract } = attributes;
  if (contract === undefined || !turns.includes(true)) return { operands, result, attributes };
  const axes = (side: 0 | 1): readonly number[] => (turns[side] === true ? contract[side].map((axis) => 1 - axis) : contract[side]);
  return {
    operands: operands.map((type, i) => (turns[i] === true ? turnedType(type) : type)),
    result,
    attributes: { ...attributes, contract: [axes(0), axes(1)] },
  };
}

/** What is read where the register of an input is to be turned; its own inverse. */
export const turnedRegister = (register: number): number => ~register;
export const isTurnedRegister = (register: number): boolean => register < 0;
/** Whichever way round it is read. */
export const registerOf = (register: number): number => (isTurnedRegister(register) ? turnedRegister(register) : register);

export function typeAt(types: readonly SizedType[], register: number | undefined): SizedType {
  const type = types[register ?? -1];
  if (type === undefined) throw new InternalError('calls', `no register ${String(register)}`);
  return type;
}
