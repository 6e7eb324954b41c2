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
import type { InParts } from './parts.ts';
import type { BoundCall } from './segment.ts';
import { grouped, isPart, keeping, sourcesOfAll, type Piece } from './together.ts';
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
  /** The same, never a part of an operand; absent: none is. */
  readonly copy?: (program: Program) => ReturnType<Kernel<T>>;
  /** Where to run a kernel is dear: what does not wait for each other is one. */
  readonly together?: Together<T>;
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

/** Several results of one kernel. */
export interface Together<T> {
  /** Programs of the same operands; their results are one tensor, one behind the other. */
  readonly kernel: (programs: readonly Program[]) => ReturnType<Kernel<T>>;
  readonly part: (from: number, shape: readonly number[]) => ReturnType<Kernel<T>>;
  /** A sum that is too long for one kernel, by what a kernel ahead of it leaves, which `source` then stands for. */
  readonly inParts: (lazy: Lazy, source: number) => InParts | undefined;
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

/** What of a list's registers is read by whom. */
export interface Fate {
  /** What is read after these calls. */
  readonly later: ReadonlySet<number>;
  /** What of it every step of a loop keeps. */
  readonly hoarded: ReadonlySet<number>;
  /** What is computed once. */
  readonly statics: ReadonlyMap<number, Draft>;
  /** A register that nobody has. */
  readonly fresh: () => number;
}

export function fused<T>(device: Device<T>, drafts: readonly Draft[], fate: Fate): readonly BoundCall<T>[] {
  const { fusing } = device;
  if (fusing === undefined) return drafts.map((draft) => single(device, draft));
  const { later, hoarded, fresh } = fate;
  const fuser = new Fuser(fusing, usesOf(drafts, later), fate);
  for (const draft of drafts) fuser.take(draft, later.has(draft.result));
  const { together, kernel, copy = kernel, mostOperands, dispatch } = fusing;
  const { kept, copied } = keeping(fuser.made, hoarded);
  const alone = (piece: Piece): BoundCall<T> => {
    const { draft, lazy, result } = piece;
    const isCopied = copied.has(piece);
    if (lazy === undefined || (draft !== undefined && !isCopied)) return single(device, draft as Draft);
    const sources = sourcesOf(lazy.term);
    return { kernel: (isCopied ? copy : kernel)(programOfTerm(lazy, sources, lengthsIn([lazy.term]))), operands: sources, result };
  };
  if (together === undefined) return fuser.made.map(alone);
  const straightWeight = (term: Term): number => fuser.straightWeight(term);
  return grouped(fuser.made, kept, { mostOperands, dispatch, straightWeight }).flatMap((pieces) => {
    const [piece] = pieces;
    return piece !== undefined && pieces.length === 1 ? [alone(piece)] : inOne(together, pieces, fresh());
  });
}

/** One kernel, and what each piece has of its results. */
function inOne<T>(together: Together<T>, pieces: readonly Piece[], all: number): readonly BoundCall<T>[] {
  const sources = sourcesOfAll(pieces);
  const lazies = pieces.flatMap(({ lazy }) => (lazy === undefined ? [] : [lazy]));
  const lengths = lengthsIn(lazies.map(({ term }) => term));
  const programs = lazies.map((lazy) => programOfTerm(lazy, sources, lengths));
  let from = 0;
  const parts = programs.map(({ shape }, i): BoundCall<T> => {
    const part = { kernel: together.part(from, shape), operands: [all], result: pieces[i]?.result ?? all };
    from += elementsIn(shape);
    return part;
  });
  return [{ kernel: together.kernel(programs), operands: sources, result: all }, ...parts];
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

/** What is so many times lighter than a kernel is computed again rather than waited for. */
const lightAgain = 16;

/** More make a kernel's text too long. */
const mostTerms = 64;

interface Pending {
  readonly lazy: Lazy;
  /** Where it is one call on elements that are there. */
  readonly draft: Draft | undefined;
}

class Fuser<T> {
  readonly made: Piece[] = [];
  private readonly fusing: Fusing<T>;
  private readonly uses: ReadonlyMap<number, number>;
  private readonly fate: Fate;
  private readonly pending = new Map<number, Pending>();
  /** What there is a kernel for, and might be computed again all the same. */
  private readonly again = new Map<number, Lazy>();
  /** After which round of kernels a register is there; what comes from outside is there before the first. */
  private readonly rounds = new Map<number, number>();

  constructor(fusing: Fusing<T>, uses: ReadonlyMap<number, number>, fate: Fate) {
    this.fusing = fusing;
    this.uses = uses;
    this.fate = fate;
  }

  take(draft: Draft, isKept: boolean): void {
    const { op, call, operands, result } = draft;
    const uses = this.uses.get(result) ?? 0;
    if (uses === 0) return;
    if (!isTermOp(op, this.fusing) || elementsIn(call.result.shape) === 0 || this.fusing.isApart?.(op, call) === true) {
      operands.forEach((register) => this.make(register));
      this.add({ lazy: undefined, draft, operands, result });
      return;
    }
    const { lazy: own, repeated } = this.lazy(op, call, operands);
    const lazy = this.shortened(own);
    // What reads more than a kernel may is made by a kernel of its op, which knows how; numbers are then tensors as the others are.
    const isByItself =
      sourcesOf(lazy.term).length > this.fusing.mostOperands || operands.every((register) => this.leaf(register) === undefined);
    const isPlain = lazy === own && !repeated && isByItself && operands.every((register) => !this.pending.has(register));
    this.pending.set(result, { lazy, draft: isPlain ? draft : undefined });
    const again = this.weightOf(lazy.term) * elementsIn(lazy.shape) * (uses - 1);
    if (isKept || again > this.costOf(elementsIn(lazy.shape))) this.make(result);
  }

  /** A long sum by what kernels ahead of it leave. */
  private shortened(lazy: Lazy): Lazy {
    const { together } = this.fusing;
    if (together === undefined) return lazy;
    const source = this.fate.fresh();
    const parts = together.inParts(lazy, source);
    if (parts === undefined) return lazy;
    this.add({ lazy: parts.partial, draft: undefined, operands: sourcesOf(parts.partial.term), result: source });
    return this.shortened({ shape: lazy.shape, term: parts.total });
  }

  /** The call's term, with as many of its operands' in it as is right; whether some of it is computed again. */
  private lazy(op: TermOp, call: SizedCall, operands: readonly number[]): { readonly lazy: Lazy; readonly repeated: boolean } {
    const positions = elementsOf(op, call);
    operands.forEach((register, i) => {
      if (!this.mayJoin(register, op, call.operands[i]?.shape ?? [], { positions, results: elementsIn(call.result.shape) }))
        this.make(register);
    });
    let repeated = this.repeated(op, operands, positions);
    for (;;) {
      const termOf = (register: number): Lazy | undefined =>
        this.known(register) ?? (repeated.includes(register) ? this.again.get(register) : undefined);
      const lazies = operands.map((register, i) => termOf(register) ?? whole(register, call.operands[i] ?? call.result, call.lasting?.[i]));
      const lazy = lazyOf(op, call, lazies);
      const isTooMuch = (of: Lazy): boolean => sourcesOf(of.term).length > this.fusing.mostOperands || termsIn(of.term).length > mostTerms;
      if (lazy !== undefined && !isTooMuch(lazy)) return { lazy, repeated: repeated.length > 0 };
      if (repeated.length > 0) {
        repeated = [];
        continue;
      }
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
      return { lazy, repeated: false };
    }
  }

  /** Of operands that there are kernels for, those that are computed again, so that a kernel need not wait for them. */
  private repeated(op: TermOp, operands: readonly number[], positions: number): readonly number[] {
    const light = operands.filter((register) => {
      const term = this.again.get(register)?.term;
      return (
        term !== undefined &&
        !(isReduction(op) && hasReduction(term)) &&
        this.weightOf(term) * positions <= this.fusing.dispatch / lightAgain
      );
    });
    const soon = (register: number): number =>
      light.includes(register) ? this.roundOf(sourcesOf((this.again.get(register) as Lazy).term)) : this.roundOf(this.waitsFor(register));
    const round = Math.max(0, ...operands.map(soon));
    return light.filter((register) => this.roundOf([register]) > round);
  }

  private waitsFor(register: number): readonly number[] {
    const pending = this.pending.get(register);
    return pending === undefined ? [register] : sourcesOf(pending.lazy.term);
  }

  private roundOf(registers: readonly number[]): number {
    return Math.max(0, ...registers.map((register) => this.rounds.get(register) ?? 0));
  }

  private known(register: number): Lazy | undefined {
    return this.pending.get(register)?.lazy ?? this.leaf(register);
  }

  /** What is computed once and is but a number or a position. */
  private leaf(register: number): Lazy | undefined {
    const draft = this.fate.statics.get(register);
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
    const sums = termsIn(term).filter((of) => of.is === 'reduce');
    return sums.reduce((sum, { sizes, of }) => sum + elementsIn(sizes) * (1 + this.weightOf(of)), this.straightWeight(term));
  }

  /** Of one element, sums aside. */
  straightWeight(term: Term): number {
    const inside = new Set(termsIn(term).flatMap((of) => (of.is === 'reduce' ? termsIn(of.of) : [])));
    const weights = termsIn(term).map((of) => (of.is === 'apply' && !inside.has(of) ? this.fusing.weights[of.op] : 0));
    return weights.reduce((sum, weight) => sum + weight, 0);
  }

  /** A kernel for what is in a register, if there is none yet. */
  private make(register: number): void {
    const pending = this.pending.get(register);
    if (pending === undefined) return;
    this.pending.delete(register);
    const { lazy, draft } = pending;
    this.add({ lazy, draft, operands: draft?.operands ?? sourcesOf(lazy.term), result: register });
    if (this.fusing.together !== undefined && this.weightOf(lazy.term) > 0) this.again.set(register, lazy);
  }

  private add(piece: Omit<Piece, 'round'>): void {
    const round = this.roundOf(piece.operands);
    this.made.push({ ...piece, round });
    this.rounds.set(piece.result, isPart(piece) ? round : round + 1);
  }
}

const isTermOp = <T>(op: string, { weights }: Fusing<T>): op is TermOp =>
  isLeaf(op) || isView(op) || isPlacing(op) || isReduction(op) || Object.hasOwn(weights, op);

/** Of each source, how many elements it has. */
const lengthsIn = (terms: readonly Term[]): ReadonlyMap<number, number> =>
  new Map(terms.flatMap(termsIn).flatMap((of) => (of.is === 'read' ? [[of.source, of.elements]] : [])));

const programOfTerm = ({ shape, term }: Lazy, sources: readonly number[], lengths: ReadonlyMap<number, number>): Program => ({
  shape,
  term: renumbered(term, sources),
  operands: sources.map((source) => lengths.get(source) ?? 0),
});
