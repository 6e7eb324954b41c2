/**
 * Several calls as one kernel (decision 033). Calls are taken in order and kept as terms; a kernel is made where somebody reads the elements: what is read
 * after these calls, operands of ops that are no terms, and what it would cost more to compute again than to keep. Runs nothing.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { CalledOp } from '../../../plan/calls.ts';
import type { PointwiseOp } from '../../../plan/op-names.ts';
import { elementsIn } from './affine.ts';
import type { Device, Kernel, SizedCall } from './device.ts';
import { elementsOf } from './elements.ts';
import type { BoundCall } from './segment.ts';
import {
  hasReduction,
  isLeaf,
  isPlacing,
  isReduction,
  isView,
  lazyOf,
  renumbered,
  sourcesOf,
  termsIn,
  whole,
  type Lazy,
  type Program,
  type Term,
  type TermOp,
} from './terms.ts';

/** Kernels of programs. Costs are in additions. */
export interface Fusing<T> {
  readonly kernel: (program: Program) => ReturnType<Kernel<T>>;
  /** Calls that their op's own kernel does better, whatever stands before or behind them. */
  readonly isApart?: (op: CalledOp, call: SizedCall) => boolean;
  /** How many tensors one kernel may read. */
  readonly mostOperands: number;
  readonly weights: Readonly<Record<PointwiseOp, number>>;
  /** Of one more kernel, and of each element that it leaves for others to read. */
  readonly dispatch: number;
  readonly element: number;
  /** The most that one element may be when it is a sum: where few are computed side by side, the rest of the device waits. */
  readonly longest: number;
}

/** A call at its sizes, with the registers of its list. */
export interface Draft {
  readonly op: CalledOp;
  readonly call: SizedCall;
  readonly operands: readonly number[];
  readonly result: number;
}

/** By itself. */
export function single<T>(device: Device<T>, { op, call, operands, result }: Draft): BoundCall<T> {
  const make = (device.kernels as Readonly<Record<string, Kernel<T> | undefined>>)[op];
  if (make === undefined) throw new InternalError('calls', `no kernel for ${op}`);
  return { kernel: make(call), operands, result };
}

/** `later`: what is read after these calls. `statics`: what is computed once. */
export function fused<T>(
  device: Device<T>,
  drafts: readonly Draft[],
  later: ReadonlySet<number>,
  statics: ReadonlyMap<number, Draft>,
): readonly BoundCall<T>[] {
  const { fusing } = device;
  if (fusing === undefined) return drafts.map((draft) => single(device, draft));
  const fuser = new Fuser(device, fusing, usesOf(drafts, later), statics);
  for (const draft of drafts) fuser.take(draft, later.has(draft.result));
  return fuser.made;
}

/** How many calls read the elements of each register; through a view its own readers do. */
function usesOf(drafts: readonly Draft[], later: ReadonlySet<number>): ReadonlyMap<number, number> {
  const uses = new Map<number, number>([...later].map((register) => [register, Infinity]));
  for (const { op, operands, result } of [...drafts].reverse()) {
    const own = uses.get(result) ?? 0;
    const each = isView(op) ? own : Math.min(own, 1);
    for (const register of new Set(operands)) uses.set(register, (uses.get(register) ?? 0) + each);
  }
  return uses;
}

/** How often a call looks at elements of an operand, for how many of its own. */
interface Reading {
  readonly positions: number;
  readonly results: number;
}

/** More make a kernel's text too long. */
const mostTerms = 64;

interface Pending {
  readonly lazy: Lazy;
  /** Where it is one call on elements that are there. */
  readonly draft: Draft | undefined;
}

class Fuser<T> {
  readonly made: BoundCall<T>[] = [];
  private readonly device: Device<T>;
  private readonly fusing: Fusing<T>;
  private readonly uses: ReadonlyMap<number, number>;
  private readonly statics: ReadonlyMap<number, Draft>;
  private readonly pending = new Map<number, Pending>();

  constructor(device: Device<T>, fusing: Fusing<T>, uses: ReadonlyMap<number, number>, statics: ReadonlyMap<number, Draft>) {
    this.device = device;
    this.fusing = fusing;
    this.uses = uses;
    this.statics = statics;
  }

  take(draft: Draft, isKept: boolean): void {
    const { op, call, operands, result } = draft;
    const uses = this.uses.get(result) ?? 0;
    if (uses === 0) return;
    if (!isTermOp(op, this.fusing) || elementsIn(call.result.shape) === 0 || this.fusing.isApart?.(op, call) === true) {
      operands.forEach((register) => this.make(register));
      this.made.push(single(this.device, draft));
      return;
    }
    const lazy = this.lazy(op, call, operands);
    // What reads more than a kernel may is made by a kernel of its op, which knows how; numbers are then tensors as the others are.
    const isByItself =
      sourcesOf(lazy.term).length > this.fusing.mostOperands || operands.every((register) => this.leaf(register) === undefined);
    const isPlain = isByItself && operands.every((register) => !this.pending.has(register));
    this.pending.set(result, { lazy, draft: isPlain ? draft : undefined });
    const again = this.weightOf(lazy.term) * elementsIn(lazy.shape) * (uses - 1);
    if (isKept || again > this.costOf(elementsIn(lazy.shape))) this.make(result);
  }

  /** The call's term, with as many of its operands' in it as is right. */
  private lazy(op: TermOp, call: SizedCall, operands: readonly number[]): Lazy {
    const positions = elementsOf(op, call);
    operands.forEach((register, i) => {
      if (!this.mayJoin(register, op, call.operands[i]?.shape ?? [], { positions, results: elementsIn(call.result.shape) }))
        this.make(register);
    });
    for (;;) {
      const lazies = operands.map((register, i) => this.known(register) ?? whole(register, call.operands[i] ?? call.result));
      const lazy = lazyOf(op, call, lazies);
      const isTooMuch = (of: Lazy): boolean => sourcesOf(of.term).length > this.fusing.mostOperands || termsIn(of.term).length > mostTerms;
      if (lazy !== undefined && !isTooMuch(lazy)) return lazy;
      // The largest of what is in it becomes a kernel of its own.
      const joined = operands.filter((register) => this.pending.has(register));
      const sizeOf = (register: number): number => {
        const { term } = (this.pending.get(register) as Pending).lazy;
        return sourcesOf(term).length * mostTerms + termsIn(term).length;
      };
      const largest = joined.reduce<number | undefined>(
        (best, register) => (best === undefined || sizeOf(register) > sizeOf(best) ? register : best),
        undefined,
      );
      if (largest !== undefined) {
        this.make(largest);
        continue;
      }
      if (lazy === undefined) throw new InternalError('calls', `${op} is no term of elements that are there`);
      return lazy;
    }
  }

  private known(register: number): Lazy | undefined {
    return this.pending.get(register)?.lazy ?? this.leaf(register);
  }

  /** What is computed once and is but a number or a position. */
  private leaf(register: number): Lazy | undefined {
    const draft = this.statics.get(register);
    if (draft === undefined || !isLeaf(draft.op)) return undefined;
    return lazyOf(draft.op, draft.call, []);
  }

  private mayJoin(register: number, op: TermOp, shape: readonly number[], { positions, results }: Reading): boolean {
    const term = this.known(register)?.term;
    if (term === undefined) return true;
    if (isReduction(op) && hasReduction(term)) return false;
    const weight = this.weightOf(term);
    if (weight === 0) return true;
    const own = elementsIn(shape);
    if (isReduction(op) && (weight * positions) / results > this.fusing.longest) return false;
    return weight * (positions - own) <= this.costOf(own);
  }

  /** Of a kernel of so many elements, what they are computed from aside. */
  private costOf(elements: number): number {
    return this.fusing.dispatch + elements * this.fusing.element;
  }

  /** Of one element. */
  private weightOf(term: Term): number {
    const once = (terms: readonly Term[]): number =>
      terms.reduce((sum, of) => {
        if (of.is === 'apply') return sum + this.fusing.weights[of.op];
        return of.is === 'reduce' ? sum + elementsIn(of.sizes) * (1 + this.weightOf(of.of)) : sum;
      }, 0);
    const inside = new Set(termsIn(term).flatMap((of) => (of.is === 'reduce' ? termsIn(of.of) : [])));
    return once(termsIn(term).filter((of) => !inside.has(of)));
  }

  /** A kernel for what is in a register, if there is none yet. */
  private make(register: number): void {
    const pending = this.pending.get(register);
    if (pending === undefined) return;
    this.pending.delete(register);
    const { lazy, draft } = pending;
    if (draft !== undefined) {
      this.made.push(single(this.device, draft));
      return;
    }
    const sources = sourcesOf(lazy.term);
    this.made.push({ kernel: this.fusing.kernel(programFrom(lazy, sources)), operands: sources, result: register });
  }
}

const isTermOp = <T>(op: string, { weights }: Fusing<T>): op is TermOp =>
  isLeaf(op) || isView(op) || isPlacing(op) || isReduction(op) || Object.hasOwn(weights, op);

function programFrom({ shape, term }: Lazy, sources: readonly number[]): Program {
  const lengths = new Map<number, number>();
  for (const of of termsIn(term)) if (of.is === 'read') lengths.set(of.source, of.elements);
  return { shape, term: renumbered(term, sources), operands: sources.map((source) => lengths.get(source) ?? 0) };
}
