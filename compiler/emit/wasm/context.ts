/**
 * What is shared while the stages of a candidate are emitted: their module, the constants that the runtime will link, the buffers with
 * their lives, the kernels. Sizes are expressions here; no number is known.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { BufferPlan, KernelPlan, LinkValue } from '../../../plan/kernels.ts';
import { exprOf } from '../../cost.ts';
import { add, literal, scale, zero, type Poly } from '../../ir/dims.ts';
import type { FunctionRef, ModuleBuilder } from './assembler.ts';
import { constant, i32, type I32 } from './instructions.ts';
import type { Lanes } from './lanes.ts';

/** A buffer, or the buffer whose address a cell holds (a slice that moves with a loop), and how many elements into it. */
export interface Location {
  readonly buffer: number;
  readonly through?: 'pointer';
  readonly offset: Poly;
}

export const isSamePlace = (a: Location, b: Location): boolean =>
  a.buffer === b.buffer && a.through === b.through && a.offset.key === b.offset.key;

export interface BufferRequest {
  readonly elements: Poly;
  readonly what: string;
  readonly perChunkOf?: number;
  readonly slot?: string;
}

export type Global = ReturnType<ModuleBuilder['global']>;

type Draft<T> = { -readonly [K in keyof T]: T[K] };

export class EmitContext {
  readonly module: ModuleBuilder;
  readonly lanes: Lanes;
  readonly poll: FunctionRef<readonly [], 'i32'>;
  readonly buffers: Draft<BufferPlan>[] = [];
  readonly kernels: KernelPlan[] = [];
  readonly link: LinkValue[] = [];
  /** Functions that compute chunk number i of each kernel. */
  readonly chunkFunctions: FunctionRef<readonly ['i32'], undefined>[] = [];
  /** Globals in which graph functions and loops keep how far they came. */
  readonly marks: Global[] = [];
  /** Work that may still be done before the host is asked. */
  readonly fuel: Global;
  private readonly endings: (() => void)[] = [];
  private readonly linked = new Map<string, I32>();
  private readonly slots = new Map<string, { readonly buffer: number; readonly elements: Poly }>();
  /** The step that is being emitted, counted through all stages. */
  private clock = 0;
  /** For each loop around it: the buffers that its steps touch. */
  private readonly loops: { readonly since: number; readonly touched: Set<number> }[] = [];

  constructor(module: ModuleBuilder, lanes: Lanes) {
    this.module = module;
    this.lanes = lanes;
    this.poll = module.importFunction('env', 'poll', [], 'i32');
    this.fuel = module.global();
  }

  // ---- constants ------------------------------------------------------------------------------------------------------

  constant(value: Exclude<LinkValue, { readonly of: unknown }>): I32 {
    return this.linkedAs(Object.values<string | number>(value).join(), () => value);
  }
  private linkedAs(key: string, make: () => LinkValue): I32 {
    const known = this.linked.get(key);
    if (known !== undefined) return known;
    const { get } = this.module.constant();
    this.link.push(make());
    this.linked.set(key, get);
    return get;
  }
  /** A size as a number at run time. */
  size(poly: Poly): I32 {
    const known = literal(poly);
    return known === undefined ? this.linkedAs(`size,${poly.key}`, () => ({ is: 'size', of: exprOf(poly) })) : constant.i32(known);
  }
  /** The lower and the upper 32 bits of a size, each unsigned. */
  halves(poly: Poly): { readonly low: I32; readonly high: I32 } {
    const half = (is: 'low' | 'high'): I32 => this.linkedAs(`${is},${poly.key}`, () => ({ is, of: exprOf(poly) }));
    return { low: half('low'), high: half('high') };
  }
  /** So many elements in bytes. */
  bytes(poly: Poly): I32 {
    return this.size(scale(poly, this.lanes.bytes));
  }

  /** Units of 1024 operations, at least one. */
  units(work: Poly): I32 {
    return this.linkedAs(`units,${work.key}`, () => ({ is: 'units', of: exprOf(work) }));
  }

  // ---- buffers ----------------------------------------------------------------------------------------------------------

  buffer({ elements, what, perChunkOf, slot }: BufferRequest): number {
    const plan: Draft<BufferPlan> = { elements: exprOf(elements), from: this.clock, to: this.clock, what };
    if (perChunkOf !== undefined) plan.perChunkOf = perChunkOf;
    if (slot !== undefined) plan.slot = slot;
    const index = this.buffers.push(plan) - 1;
    this.touch(index);
    return index;
  }
  /** The buffer of a slot, the same for every stage. */
  slot(slot: string, elements: Poly): number {
    const known = this.slots.get(slot);
    if (known !== undefined && known.elements.key !== elements.key)
      throw new InternalError(
        'wasm emitter',
        `the slot ${slot} has ${elements.key} elements in one stage and ${known.elements.key} in another`,
      );
    const buffer = known?.buffer ?? this.buffer({ elements, what: `slot ${slot}`, slot });
    this.slots.set(slot, { buffer, elements });
    return buffer;
  }
  /** A buffer is in use at this step. */
  touch(index: number): void {
    const plan = this.buffers[index];
    if (plan !== undefined) plan.to = Math.max(plan.to, this.clock);
    for (const loop of this.loops) loop.touched.add(index);
  }
  address({ buffer, through, offset }: Location): I32 {
    this.touch(buffer);
    const base = this.constant({ is: 'buffer', buffer });
    const start = through === undefined ? base : i32.load(base);
    return literal(offset) === 0 ? start : i32.add(start, this.bytes(offset));
  }
  at(location: Location, offset: Poly): Location {
    return { ...location, offset: add(location.offset, offset) };
  }
  place(buffer: number): Location {
    return { buffer, offset: zero };
  }

  /** A global that `reset` sets back to 0. */
  mark(): Global {
    const mark = this.module.global();
    this.marks.push(mark);
    return mark;
  }
  /** What can only be emitted when everything else has been. */
  atEnd(emit: () => void): void {
    this.endings.push(emit);
  }
  finish(): void {
    for (const emit of this.endings) emit();
  }

  /** Whether a loop is being emitted that stands in no other. */
  get isOutermostLoop(): boolean {
    return this.loops.length === 1;
  }

  // ---- steps ------------------------------------------------------------------------------------------------------------

  tick(): void {
    this.clock++;
  }
  /** What a loop reads that was there before it must last until it ends, because its body runs again. */
  loop<T>(body: () => T): T {
    const frame = { since: this.clock, touched: new Set<number>() };
    this.loops.push(frame);
    const result = body();
    this.loops.pop();
    this.tick();
    for (const index of frame.touched) {
      const plan = this.buffers[index];
      if (plan !== undefined && plan.from <= frame.since) plan.to = Math.max(plan.to, this.clock);
    }
    return result;
  }
}
