/**
 * The elementwise part of a kernel: a loop nest over one domain, values in registers, sums in registers or in cells. The innermost
 * axis runs in vectors, its remainder one element at a time through the same instructions, so that no value depends on where it lies.
 */
import { given } from '../../ir/attributes.ts';
import { literal, multiply, zero, type Poly } from '../../ir/dims.ts';
import type { DType, Value } from '../../ir/graph.ts';
import type { Element, MapPart } from '../../transform/schedule.ts';
import { isContiguous, type Access, type Affine } from '../../transform/views.ts';
import type { FunctionBuilder, Local } from './assembler.ts';
import type { EmitContext } from './context.ts';
import { constant, i32, v128, type I32, type V128 } from './instructions.ts';
import type { Lanes } from './lanes.ts';
import { affineOf, keyOf, levelsOf, outputStrides, type Level } from './map-levels.ts';
import { pointwiseRule } from './pointwise.ts';
import { fillElements } from './routines/fill.ts';

/** Where a map runs: a tile of rows of a kernel, or once, for scalars. */
export interface MapSite {
  readonly context: EmitContext;
  readonly f: FunctionBuilder;
  /** Rows of the tile; of scalars none. */
  readonly rows: I32 | undefined;
  /** The first row of the tile, as a whole number. */
  readonly firstRow: I32;
  /** Address of the element that an access reads at row 0 of the tile (and position 0 of all other axes). */
  readonly read: (access: Extract<Access, { kind: 'memory' }>) => I32;
  /** Address of a value's elements at row 0 of the tile; of a sum over rows its cells. `undefined`: nobody reads it from memory. */
  readonly write: (value: Value) => I32 | undefined;
}

/** Elements in memory that move with the nest. */
interface Stream {
  readonly strides: readonly Poly[];
  pointer: I32;
}

interface Reduction {
  readonly element: Element;
  readonly stream: Stream;
  /** The first level of those, up to the innermost, over which it is kept in registers; beyond the last: none. */
  readonly scope: number;
  /** Its cells are added to; otherwise they are written. */
  readonly adds: boolean;
  readonly registers: Local<'v128'>[];
}

const WIDEST = 4;
/** Of a loop that takes several vectors at once: with fewer it is not written. */
const FEW_PASSES = 4;

export function emitMap(site: MapSite, part: MapPart): void {
  new MapEmitter(site, part).emit();
}

/** Arithmetic instructions at one position of a part. */
export const weightOf = (part: MapPart): number =>
  part.elements.reduce((sum, e) => sum + (e.how === 'pointwise' ? (pointwiseRule(e.value.node.op)?.weight ?? 1) : 1), 0);

class MapEmitter {
  private readonly f: FunctionBuilder;
  private readonly lanes: Lanes;
  private readonly site: MapSite;
  private readonly part: MapPart;
  private readonly levels: readonly Level[];
  private readonly streams = new Map<string, Stream>();
  private readonly outputs = new Map<Value, Stream>();
  private readonly reductions: readonly Reduction[];
  /** The position along each level, where a value depends on it. */
  private readonly counters = new Map<number, I32>();

  constructor(site: MapSite, part: MapPart) {
    this.site = site;
    this.f = site.f;
    this.lanes = site.context.lanes;
    this.part = part;
    const { domain } = part;
    for (const element of part.elements) {
      for (const access of element.operands) if (access.kind === 'memory' && !this.isRegister(element, access)) this.stream(access);
      const pointer = site.write(element.value);
      if (pointer !== undefined) this.outputs.set(element.value, { strides: outputStrides(element, domain), pointer: this.f.let(pointer) });
    }
    this.levels = levelsOf(domain, site.rows !== undefined, this.affineMaps());
    this.reductions = part.elements.filter((e) => e.how === 'sum' || e.how === 'max').map((e) => this.reduction(e));
  }

  private get last(): number {
    return this.levels.length - 1;
  }

  /** Whether an operand was computed just before, at the same position. */
  private isRegister(element: Element, access: Access): boolean {
    if (access.kind !== 'memory') return false;
    const own = this.part.elements.find((e) => e.value === access.base);
    return own !== undefined && own !== element && own.reduced.length === 0 && isContiguous(access, this.part.domain);
  }

  private stream(access: Extract<Access, { kind: 'memory' }>): Stream {
    const key = keyOf(access);
    const known = this.streams.get(key);
    if (known !== undefined) return known;
    const made = { strides: access.strides, pointer: this.f.let(this.site.read(access)) };
    this.streams.set(key, made);
    return made;
  }

  /** Every set of strides that a level must walk. */
  private affineMaps(): readonly (readonly Poly[])[] {
    const operands = this.part.elements.flatMap((e) => e.operands).flatMap((a) => affineOf(a).map((m) => m.strides));
    return [...operands, ...[...this.outputs.values()].map((s) => s.strides)];
  }

  private reduction(element: Element): Reduction {
    const stream = given(this.outputs.get(element.value), 'the cells of a sum');
    const isReduced = (level: Level): boolean => level.axes.every((axis) => element.reduced.includes(axis));
    let scope = this.levels.length;
    while (scope > 0 && isReduced(given(this.levels[scope - 1]))) scope--;
    const outside = this.levels.slice(0, scope).some((l) => l.axes.some((axis) => element.reduced.includes(axis)));
    return { element, stream, scope, adds: outside || element.reduced.includes(0), registers: [] };
  }

  emit(): void {
    for (const r of this.reductions) {
      // Sums over rows are begun by the chunk; others begin with each tile.
      if (r.adds && !r.element.reduced.includes(0)) this.begin(r);
    }
    this.level(0);
  }

  /** Fills the cells of a tile with the neutral element. */
  private begin({ element, stream }: Reduction): void {
    const kept = this.part.domain.filter((_, axis) => !element.reduced.includes(axis) && axis > 0);
    const count = i32.mul(given(this.site.rows), this.site.context.size(multiply(...kept)));
    this.f.call(fillElements(this.site.context.module, this.lanes), stream.pointer, count, this.neutral(element));
  }

  private neutral({ how }: Element): V128 {
    return this.lanes.constant(how === 'max' ? -Infinity : 0);
  }
  private combine({ how }: Element, a: V128, b: V128): V128 {
    const { add, max } = this.lanes.arithmetic;
    return how === 'max' ? max(a, b) : add(a, b);
  }

  // ---- the nest -------------------------------------------------------------------------------------------------------

  private countAt(level: number): I32 {
    const { count, hasRows } = given(this.levels[level]);
    const own = this.site.context.size(count);
    if (!hasRows) return own;
    const rows = given(this.site.rows);
    return literal(count) === 1 ? rows : i32.mul(rows, own);
  }

  private strideAt(strides: readonly Poly[], level: number): Poly {
    return strides[given(this.levels[level]).axis] ?? zero;
  }

  private level(index: number): void {
    const unrolled = this.unrolling();
    for (const r of this.reductions)
      if (r.scope === index) {
        r.registers.length = 0;
        for (let u = 0; u < unrolled; u++) r.registers.push(this.f.let(this.neutral(r.element)));
      }
    if (this.levels.length === 0) this.position({ width: 'one', unrolled: 0, at: () => undefined });
    else if (index === this.last) this.innermost(index);
    else this.outer(index);
    for (const r of this.reductions) if (r.scope === index) this.flush(r);
  }

  /** Adds the registers of a sum into its cell. */
  private flush({ element, stream, registers, adds }: Reduction): void {
    const [first, ...others] = registers;
    let total: V128 = given(first);
    if (others.length === 3) {
      const [b, c, d] = others;
      total = this.combine(element, this.combine(element, total, given(b)), this.combine(element, given(c), given(d)));
    } else for (const r of others) total = this.combine(element, total, r);
    if (this.levels.length > 0)
      for (const swap of this.lanes.swaps) {
        const part = this.f.let(total);
        total = this.combine(element, part, swap(part));
      }
    const value = adds ? this.combine(element, this.lanes.loadOne(stream.pointer), total) : total;
    this.f.do(this.lanes.storeOne(stream.pointer, value));
  }

  private allStreams(): readonly Stream[] {
    return [...this.streams.values(), ...this.outputs.values()];
  }

  private outer(index: number): void {
    const { f } = this;
    const moving = this.allStreams()
      .map((stream) => ({ stream, stride: this.strideAt(stream.strides, index), before: stream.pointer }))
      .filter(({ stride }) => literal(stride) !== 0);
    const steps = moving.map(({ stream, stride }) => {
      const pointer = f.let(stream.pointer);
      stream.pointer = pointer;
      const bytes = this.site.context.bytes(stride);
      return { pointer, step: f.keep(bytes) };
    });
    f.times(f.keep(this.countAt(index)), (counter) => {
      this.counters.set(index, counter);
      this.level(index + 1);
      for (const { pointer, step } of steps) f.advance(pointer, step);
    });
    for (const { stream, before } of moving) stream.pointer = before;
  }

  /**
   * How many vectors at once: several hide the latency of a sum, two that of loads; long chains of arithmetic hide their own. Few are
   * over before it pays.
   */
  private unrolling(): number {
    if (weightOf(this.part) > 12 || this.levels.length === 0) return 1;
    const unrolled = this.reductions.some((r) => r.scope <= this.last) ? WIDEST : 2;
    const { known } = this.countAt(this.last);
    return known !== undefined && known < FEW_PASSES * unrolled * this.lanes.width ? 1 : unrolled;
  }

  /** The innermost level: whole vectors, several at a time where there is room, then vectors, then elements. */
  private innermost(index: number): void {
    const { f, lanes } = this;
    const count = f.keep(this.countAt(index));
    const unrolled = this.unrolling();
    // What stays the same along this level is loaded before it.
    const still = new Map<Stream, V128>();
    for (const stream of this.streams.values())
      if (literal(this.strideAt(stream.strides, index)) === 0) still.set(stream, f.let(lanes.loadSplat(stream.pointer)));
    const spread = new Map<Stream, { pointer: Local<'i32'>; step: I32 }>();
    for (const stream of this.allStreams()) {
      const stride = this.strideAt(stream.strides, index);
      if (literal(stride) === 0 || literal(stride) === 1) continue;
      spread.set(stream, { pointer: f.let(stream.pointer), step: f.keep(this.site.context.bytes(stride)) });
    }
    /** How far it came: a number as long as the count is one. */
    let reached: I32 = constant.i32(0);
    const run = (width: 'vector' | 'one', times: number, end: I32): void => {
      const step = times * (width === 'vector' ? lanes.width : 1);
      const pass = (position: I32): void => {
        this.counters.set(index, position);
        const offset = f.keep(i32.shl(position, constant.i32(lanes.shift)));
        for (let u = 0; u < times; u++)
          this.position({ width, unrolled: u, at: (stream) => ({ still: still.get(stream), spread: spread.get(stream), offset }) });
      };
      const passes = end.known === undefined || reached.known === undefined ? undefined : (end.known - reached.known) / step;
      if (passes === 1) pass(reached);
      else if (passes !== 0) {
        const position = f.let(reached);
        f.while(i32.ltU(position, end), () => {
          pass(position);
          f.advance(position, step);
        });
        if (passes === undefined) reached = position;
      }
      if (passes !== undefined) reached = end;
    };
    const upTo = (elements: number): I32 => f.keep(i32.and(count, constant.i32(-elements)));
    if (unrolled > 1) run('vector', unrolled, upTo(unrolled * lanes.width));
    run('vector', 1, upTo(lanes.width));
    run('one', 1, count);
  }

  // ---- one position -----------------------------------------------------------------------------------------------------

  private position(at: Position): void {
    const { f } = this;
    const registers = new Map<Value, V128>();
    const loads = new Map<string, V128>();
    for (const element of this.part.elements) {
      const operands = element.operands.map((access, i) => this.operand(element, i, access, at, registers, loads));
      const value = this.compute(element, operands);
      const reduction = this.reductions.find((r) => r.element === element);
      if (reduction !== undefined) {
        this.accumulate(reduction, value, at);
        continue;
      }
      const kept = f.let(value);
      registers.set(element.value, kept);
      const output = this.outputs.get(element.value);
      if (output !== undefined) this.store(output, element.value.type.dtype, kept, at);
    }
  }

  private compute(element: Element, operands: readonly V128[]): V128 {
    const [a, b] = operands;
    const first = given(a);
    if (element.how !== 'pointwise') return b === undefined ? first : this.lanes.arithmetic.mul(first, b);
    const { node } = element.value;
    const rule = given(pointwiseRule(node.op), `a kernel for ${node.op}`);
    const dtypes = node.inputs.map((v) => v.type.dtype);
    return rule.emit(
      { module: this.site.context.module, f: this.f, lanes: this.lanes, node, dtypes },
      first,
      b ?? first,
      operands[2] ?? first,
    );
  }

  private accumulate({ element, stream, scope, adds, registers }: Reduction, value: V128, at: Position): void {
    const { f } = this;
    if (scope < this.levels.length || this.levels.length === 0) {
      const register = given(registers[at.unrolled % registers.length]);
      const alone = at.width === 'one' && this.levels.length > 0 ? this.lowLaneOr(value, this.neutral(element)) : value;
      f.set(register, this.combine(element, register, alone));
      return;
    }
    const kept = f.let(value);
    // A sum over axes of one position is that position.
    this.store(stream, 'real', adds ? this.combine(element, this.load(stream, at), kept) : kept, at);
  }

  /** Lane 0 of a value, the neutral element in the others. */
  private lowLaneOr(value: V128, neutral: V128): V128 {
    const mask = Array.from({ length: 16 }, (_, i) => (i < this.lanes.bytes ? 255 : 0));
    return v128.bitselect(value, neutral, constant.v128(mask));
  }

  private operand(
    element: Element,
    index: number,
    access: Access,
    at: Position,
    registers: ReadonlyMap<Value, V128>,
    loads: Map<string, V128>,
  ): V128 {
    const dtype = element.how === 'pointwise' ? given(element.value.node.inputs[index]).type.dtype : element.value.type.dtype;
    switch (access.kind) {
      case 'uniform': {
        if (dtype === 'bool') return constant.i32x4(access.value === 0 ? 0 : -1);
        if (typeof access.value !== 'number') return this.lanes.splatHalves(this.site.context.halves(access.value));
        return this.lanes.constant(this.lanes.constants === 'f32' ? (access.single ?? access.value) : access.value);
      }
      case 'index':
        return this.wholeNumber(access, at);
      case 'diagonal': {
        const isOn = this.lanes.arithmetic.eq(this.wholeNumber(access.row, at), this.wholeNumber(access.column, at));
        return v128.and(isOn, this.lanes.constant(1));
      }
      case 'memory': {
        if (this.isRegister(element, access)) return given(registers.get(access.base), 'a value computed before');
        const key = `${keyOf(access)} ${dtype}`;
        const known = loads.get(key);
        if (known !== undefined) return known;
        const raw = this.load(given(this.streams.get(keyOf(access))), at);
        const made = this.f.let(dtype === 'bool' ? this.lanes.arithmetic.ne(raw, this.lanes.constant(0)) : raw);
        loads.set(key, made);
        return made;
      }
    }
  }

  /** A whole number that the position determines, in each lane. */
  private wholeNumber({ offset, strides }: Affine, at: Position): V128 {
    const { lanes } = this;
    const { context } = this.site;
    let base = context.size(offset);
    // The rows of a tile begin at its first row.
    const rowStride = strides[0] ?? zero;
    if (this.site.rows !== undefined && literal(rowStride) !== 0)
      base = i32.add(base, i32.mul(this.site.firstRow, context.size(rowStride)));
    for (const [level, start] of this.counters) {
      const stride = this.strideAt(strides, level);
      const ahead = level === this.last ? at.unrolled * lanes.width : 0;
      const counter = ahead === 0 ? start : i32.add(start, constant.i32(ahead));
      if (literal(stride) !== 0) base = i32.add(base, literal(stride) === 1 ? counter : i32.mul(counter, context.size(stride)));
    }
    const start = lanes.splatI32(base);
    const inner = this.levels.length === 0 ? zero : this.strideAt(strides, this.last);
    if (literal(inner) === 0) return start;
    const { add, mul } = lanes.arithmetic;
    return add(start, literal(inner) === 1 ? lanes.ramp : mul(lanes.ramp, lanes.splatI32(context.size(inner))));
  }

  private load(stream: Stream, at: Position): V128 {
    const { f, lanes } = this;
    const where = at.at(stream);
    if (where === undefined) return lanes.loadOne(stream.pointer);
    if (where.still !== undefined) return where.still;
    if (where.spread === undefined) {
      const { address, ahead } = addressOf(stream, where.offset, at);
      return at.width === 'one' ? lanes.loadOne(address, ahead) : lanes.load(address, ahead);
    }
    const { pointer, step } = where.spread;
    if (at.width === 'one') return lanes.loadOne(this.spreadAddress(stream, pointer, at));
    let value: V128 = lanes.loadOne(this.spreadAddress(stream, pointer, at));
    const address = f.let(this.spreadAddress(stream, pointer, at));
    for (let lane = 1; lane < lanes.width; lane++) {
      const before = f.let(value);
      f.advance(address, step);
      value = lanes.loadLane(address, before, lane);
    }
    return value;
  }

  /** Where the first lane of a spread-out stream is. */
  private spreadAddress(stream: Stream, pointer: I32, at: Position): I32 {
    const position = given(this.counters.get(this.last));
    const stride = this.site.context.bytes(this.strideAt(stream.strides, this.last));
    const steps = i32.add(position, constant.i32(at.unrolled * this.lanes.width));
    return i32.add(pointer, i32.mul(steps, stride));
  }

  private store(stream: Stream, dtype: DType, value: V128, at: Position): void {
    const { f, lanes } = this;
    const bits = dtype === 'bool' ? v128.and(value, lanes.constant(1)) : value;
    const where = at.at(stream);
    if (where === undefined || where.still !== undefined) {
      f.do(lanes.storeOne(stream.pointer, bits));
      return;
    }
    if (where.spread !== undefined) {
      const kept = f.let(bits);
      const address = f.let(this.spreadAddress(stream, where.spread.pointer, at));
      const count = at.width === 'one' ? 1 : lanes.width;
      for (let lane = 0; lane < count; lane++) {
        f.do(lanes.storeLane(address, kept, lane));
        f.advance(address, where.spread.step);
      }
      return;
    }
    const { address, ahead } = addressOf(stream, where.offset, at);
    f.do(at.width === 'one' ? lanes.storeOne(address, bits, ahead) : lanes.store(address, bits, ahead));
  }
}

/** One position of the innermost level: a vector or one element, and where the streams are. */
interface Position {
  readonly width: 'vector' | 'one';
  /** Which of several vectors. */
  readonly unrolled: number;
  readonly at: (stream: Stream) =>
    | {
        readonly still: V128 | undefined;
        readonly spread: { readonly pointer: Local<'i32'>; readonly step: I32 } | undefined;
        readonly offset: I32;
      }
    | undefined;
}

/** Of a vector or an element at an offset: where the offset is a number, it stands in the instruction. */
const addressOf = ({ pointer }: Stream, offset: I32, { unrolled }: Position): { readonly address: I32; readonly ahead: number } =>
  offset.known === undefined
    ? { address: i32.add(pointer, offset), ahead: unrolled * 16 }
    : { address: pointer, ahead: offset.known + unrolled * 16 };
