/**
 * The one kernel behind most ops: a term (`calls/terms.ts`) as the text of a function of gpu.js. A pointwise op is a term of one step, a transpose one of
 * none, a product of matrices a sum of products, and what is fused is a longer one.
 */
import { collapsed, elementsIn, type Affine, type Axis } from '../calls/affine.ts';
import type { PointwiseOp } from '../../../plan/op-names.ts';
import {
  mapsIn,
  renumbered,
  rewritten,
  sourcesOf,
  startOfRun,
  termsIn,
  whole,
  type Lazy,
  type Program,
  type Read,
  type Reduce,
  type Term,
} from '../calls/terms.ts';
import { inParts, type InParts } from '../calls/parts.ts';
import { formulas, infinity, literal, notANumber } from './formulas.ts';
import { affine, areTold, assertTold, coordinates } from './positions.ts';
import { empty, release, tensorOf, type GpuTensor } from './tensor.ts';
import { mostOperands, type Run, type Workshop } from './workshop.ts';

/** Sums of more terms are taken in blocks, so that they stay accurate. */
const longest = 512;
const block = 256;
/** With so many results a device is busy; with fewer, blocks are elements of a kernel of their own. */
const manyResults = 8192;
/** Terms that a loop takes at once, each added up by itself: the next need not wait for the last. */
const atOnce = 4;
/** Of heavier ones the next need not wait anyway. */
const heaviestAtOnce = 600;

/** Ready to be run on its operands. */
export function programRun(shop: Workshop, program: Program): Run {
  const count = elementsIn(program.shape);
  if (count === 0) return empty;
  const start = startOfRun(program);
  if (start !== undefined) return ([tensor]) => shop.run(tensor as GpuTensor, start, count);
  if (program.operands.includes(0)) return ofNothing(shop, program);
  // Of parts of a sum a thread's own number is not the result's: with very many elements it would be taken apart in float32.
  const isWhole = shop.isHost || count >= manyResults || !program.operands.every(areTold);
  const sums = isWhole ? [] : termsIn(program.term).filter(isLong);
  const [long] = sums;
  if (long === undefined) return shop.kernel({ body: new Body(program, shop).text(), length: count, operands: program.operands });
  const isTooMuch = program.operands.length + sums.length > mostOperands && long !== program.term;
  return isTooMuch ? byItself(shop, program, long) : summedInParts(shop, program, long);
}

/** Programs of the same operands, their results one behind the other. */
export function sideBySideRun(shop: Workshop, programs: readonly Program[]): Run {
  const counts = programs.map(({ shape }) => elementsIn(shape));
  const ends = counts.map((_, i) => counts.slice(0, i + 1).reduce((a, b) => a + b, 0));
  const body = programs.map((program, i) => {
    const start = (ends[i] ?? 0) - (counts[i] ?? 0);
    const own = new Body(program, shop, start === 0 ? 'this.thread.x' : `(this.thread.x - ${start})`, `p${i}`).text();
    return i === programs.length - 1 ? own : `if (this.thread.x < ${ends[i] ?? 0}) {\n${own}\n}`;
  });
  return shop.kernel({ body: body.join('\n'), length: ends.at(-1) ?? 0, operands: programs[0]?.operands ?? [] });
}

/** The same everywhere. */
export function filled(shop: Workshop, count: number, value: number): Run {
  if (shop.isHost || count === 0) return () => tensorOf(new Float32Array(count).fill(value), count);
  const run = shop.kernel({ body: `return ${numberText(value)};`, length: count, operands: [] });
  return () => run([]);
}

const numberText = (value: number): string =>
  Number.isFinite(value) ? literal(value) : Number.isNaN(value) ? notANumber : `${value < 0 ? '-' : ''}${infinity}`;

/** Only sums of nothing read an operand without elements. */
function ofNothing(shop: Workshop, { shape, term, operands }: Program): Run {
  const isEmpty = (of: Term): of is Reduce => of.is === 'reduce' && elementsIn(of.sizes) === 0;
  const numbers = rewritten(term, (of) => (isEmpty(of) ? { is: 'number', value: of.how === 'sum' ? 0 : -Infinity } : 'inside')) ?? term;
  const { program, sources } = withItsOperands({ shape, term: numbers, operands });
  const run = programRun(shop, program);
  return (tensors) => run(sources.map((i) => tensors[i] as GpuTensor));
}

// ---- long sums in two kernels ---------------------------------------------------------------------------------------------

const isLong = (term: Term): term is Reduce => term.is === 'reduce' && elementsIn(term.sizes) > longest;

/** Of a sum that is too long for one kernel. */
export function partsOfSum({ shape, term }: Lazy, source: number): InParts | undefined {
  const isInOne = term.is !== 'reduce' || !isLong(term) || elementsIn(shape) >= manyResults;
  return isInOne || !termsIn(term).every((of) => of.is !== 'read' || areTold(of.elements))
    ? undefined
    : inParts(shape, term, source, block);
}

/** One kernel leaves what the other adds up. */
function summedInParts(shop: Workshop, program: Program, long: Reduce): Run {
  const { partial, total } = inParts(program.shape, long, program.operands.length, block);
  return inTwo(shop, program, long, partial, total);
}

/** A sum is complete before others read it. */
function byItself(shop: Workshop, program: Program, long: Reduce): Run {
  const { shape, operands } = program;
  return inTwo(shop, program, long, { shape, term: long }, whole(operands.length, { dtype: 'real', shape }).term);
}

/** `made` is a kernel ahead, of which the program reads `read` in the place of a sum. */
function inTwo(shop: Workshop, { shape, term, operands }: Program, long: Reduce, made: Lazy, read: Term): Run {
  const source = operands.length;
  const rest = rewritten(term, (of) => (of === long ? read : 'inside')) ?? term;
  const first = withItsOperands({ ...made, operands });
  const second = withItsOperands({ shape, term: rest, operands: [...operands, elementsIn(made.shape)] });
  const [runFirst, runSecond] = [programRun(shop, first.program), programRun(shop, second.program)];
  return (tensors) => {
    const ahead = runFirst(first.sources.map((i) => tensors[i] as GpuTensor));
    try {
      return runSecond(second.sources.map((i) => (i === source ? ahead : (tensors[i] as GpuTensor))));
    } finally {
      release(ahead);
    }
  };
}

function withItsOperands({ shape, term, operands }: Program): { readonly program: Program; readonly sources: readonly number[] } {
  const sources = sourcesOf(term);
  return { program: { shape, term: renumbered(term, sources), operands: sources.map((i) => operands[i] ?? 0) }, sources };
}

// ---- text -----------------------------------------------------------------------------------------------------------------

/** Along an axis of a loop: at `counter · times + ahead`. */
interface Counter {
  readonly axis: Axis;
  readonly name: string;
  readonly times: number;
  readonly ahead: number;
}

/** Where statements stand, and what is known there: the variable of each thing that has been computed. */
interface Scope {
  readonly lines: string[];
  readonly known: Map<string, string>;
  readonly counters: readonly Counter[];
}

/** Sums over the same axes: they share a loop. */
interface Loop {
  readonly sums: readonly Reduce[];
  readonly axes: readonly Axis[];
}

export class Body {
  private readonly term: Term;
  private readonly isJavaScript: boolean;
  /** In WebAssembly they are float32 as all variables are. */
  private readonly areCountersWhole: boolean;
  private readonly rank: number;
  private readonly domain: readonly Axis[];
  private readonly coordinates: readonly string[];
  private readonly top: Scope;
  /** Which of an axis' strides is that of a map. */
  private readonly places = new Map<Affine, number>();
  /** The variable of each sum. */
  private readonly totals = new Map<Term, string>();
  private readonly prefix: string;
  private variables = 0;

  /** `thread`: the position of the element, as text; `prefix` of all variables' names. */
  constructor({ shape, term }: Program, { isHost, isJavaScript }: Workshop, thread = 'this.thread.x', prefix = '') {
    this.prefix = prefix;
    this.isJavaScript = isJavaScript;
    this.areCountersWhole = isJavaScript || !isHost;
    this.term = term;
    this.rank = shape.length;
    const maps = [...new Set(mapsIn(term))];
    maps.forEach((map, i) => this.places.set(map, i));
    this.domain = collapsed(shape.map((size, axis) => ({ size, strides: maps.map(({ strides }) => strides[axis] ?? 0) })));
    const { lines, names } = coordinates(
      this.domain.map(({ size }) => size),
      { isJavaScript, thread, prefix },
    );
    this.coordinates = names;
    this.top = { lines: [...lines], known: new Map(), counters: [] };
  }

  text(): string {
    for (const loop of this.sumLoops()) this.top.lines.push(...this.summed(loop));
    const result = this.name(this.term, this.top);
    return [...this.top.lines, `return ${result};`].join('\n');
  }

  private fresh(): string {
    return `${this.prefix}v${this.variables++}`;
  }

  // ---- values -----------------------------------------------------------------------------------------------------------

  /** The variable of a term at the place of a scope. What no counter moves is computed once, ahead of all loops. */
  private name(term: Term, scope: Scope): string {
    if (term.is === 'reduce') return this.totals.get(term) ?? '';
    const at = this.varies(term, scope) ? scope : this.top;
    switch (term.is) {
      case 'number':
        return this.declared(at, numberText(term.value));
      case 'read':
        return this.declared(at, `a${term.source}[${this.held(term, at)}]`);
      case 'position':
        if (!this.isJavaScript) assertTold(this.reach(term.at, at));
        return this.declared(at, `1.0 * (${this.place(term.at, at)})`);
      case 'apply': {
        const operands = term.operands.map((operand) => this.name(operand, at));
        const key = `${term.op}(${operands.join()})`;
        const known = this.knownAs(key, at);
        if (known !== undefined) return known;
        const [x = '', y = '', z = ''] = operands;
        const name = this.fresh();
        at.known.set(key, name);
        at.lines.push(...formulas[term.op](name, x, y, z));
        return name;
      }
    }
  }

  private declared(scope: Scope, value: string): string {
    const known = this.knownAs(value, scope);
    if (known !== undefined) return known;
    const name = this.fresh();
    scope.known.set(value, name);
    scope.lines.push(`let ${name} = ${value};`);
    return name;
  }

  private knownAs(key: string, scope: Scope): string | undefined {
    return scope.known.get(key) ?? this.top.known.get(key);
  }

  /** At the first element where it is not to be read. */
  private held({ at: map, elements, where }: Read, scope: Scope): string {
    if (!this.isWhole(map, scope)) assertTold(elements);
    const place = this.place(map, scope);
    if (where === undefined) return place;
    if (!this.isJavaScript) assertTold(elements);
    const own = this.declared(scope, `1.0 * (${place})`);
    return this.declared(scope, `(${this.name(where, scope)} > 0.5 ? ${own} : 0.0)`);
  }

  private strideAlong(map: Affine, axis: Axis): number {
    return axis.strides[this.places.get(map) ?? -1] ?? 0;
  }

  private varies(term: Term, { counters }: Scope): boolean {
    return mapsIn(term).some((map) => counters.some(({ axis }) => this.strideAlong(map, axis) !== 0));
  }

  /** `offset + Σ coordinate · stride`. */
  private place(map: Affine, { counters }: Scope): string {
    const ahead = counters.reduce((sum, counter) => sum + this.strideAlong(map, counter.axis) * counter.ahead, map.offset);
    const own = this.domain.map((axis, i) => [this.coordinates[i] ?? '0', this.strideAlong(map, axis)] as const);
    const moving = counters.map(({ axis, name, times }) => [name, this.strideAlong(map, axis) * times] as const);
    return affine(ahead, [...(moving.length > 0 ? this.ahead(own) : own), ...moving]);
  }

  /** Whether a place is reckoned in whole numbers alone, so that it may be as far away as it likes. */
  private isWhole(map: Affine, { counters }: Scope): boolean {
    const isStill = (axes: readonly Axis[]): boolean => axes.every((axis) => this.strideAlong(map, axis) === 0);
    const areCoordinatesWhole = this.isJavaScript || this.domain.length === 1;
    return (areCoordinatesWhole || isStill(this.domain)) && (this.areCountersWhole || isStill(counters.map(({ axis }) => axis)));
  }

  /** The greatest that a place may be. */
  private reach(map: Affine, { counters }: Scope): number {
    const axes = [...this.domain, ...new Set(counters.map(({ axis }) => axis))];
    return axes.reduce((sum, axis) => sum + (axis.size - 1) * Math.abs(this.strideAlong(map, axis)), Math.abs(map.offset));
  }

  /** What no loop moves is reckoned ahead of it, where the coordinates are variables anyway. */
  private ahead(own: readonly (readonly [name: string, stride: number])[]): readonly (readonly [name: string, stride: number])[] {
    const isVariable = this.isJavaScript || this.domain.length > 1;
    if (!isVariable || own.every(([, stride]) => stride === 0)) return own;
    const place = affine(0, own);
    return [[this.declared(this.top, this.isJavaScript ? `(${place}) | 0` : `1.0 * (${place})`), 1]];
  }

  // ---- sums -------------------------------------------------------------------------------------------------------------

  private sumLoops(): readonly Loop[] {
    const sums = termsIn(this.term).filter((of) => of.is === 'reduce');
    const keys = new Set(sums.map(({ sizes }) => sizes.join()));
    return [...keys].map((key) => {
      const own = sums.filter(({ sizes }) => sizes.join() === key);
      const inside = new Set(own.flatMap(({ of }) => mapsIn(of)));
      const all = [...this.places.keys()];
      const strides = (axis: number): readonly number[] => all.map((map) => (inside.has(map) ? (map.strides[this.rank + axis] ?? 0) : 0));
      const axes = collapsed((own[0]?.sizes ?? []).map((size, axis) => ({ size, strides: strides(axis) })));
      return { sums: own, axes };
    });
  }

  private summed(loop: Loop): readonly string[] {
    for (const sum of loop.sums) this.totals.set(sum, this.declaredAnew(this.top.lines, sum));
    return this.nest(loop, []);
  }

  private declaredAnew(lines: string[], { how }: Reduce): string {
    const name = this.fresh();
    lines.push(`let ${name} = ${how === 'sum' ? '0.0' : `-${infinity}`};`);
    return name;
  }

  private nest(loop: Loop, counters: readonly Counter[]): readonly string[] {
    const axis = loop.axes[counters.length];
    if (axis === undefined)
      return this.added(
        loop,
        counters,
        loop.sums.map((sum) => this.totals.get(sum) ?? ''),
      );
    if (counters.length === loop.axes.length - 1) return this.innermost(loop, counters, axis);
    return this.repeated(axis.size, (name) => this.nest(loop, [...counters, { axis, name, times: 1, ahead: 0 }]));
  }

  private repeated(times: number, body: (counter: string) => readonly string[]): readonly string[] {
    const counter = `${this.prefix}i${this.variables++}`;
    return [`for (let ${counter} = 0; ${counter} < ${times}; ${counter}++) {`, ...body(counter), '}'];
  }

  /** Long ones in blocks, each added up by itself. */
  private innermost(loop: Loop, counters: readonly Counter[], axis: Axis): readonly string[] {
    if (axis.size <= longest) return this.run(loop, counters, axis, axis.size);
    const blocks = Math.floor(axis.size / block);
    const ahead: Counter = { axis, name: '0', times: 0, ahead: blocks * block };
    return [
      ...this.repeated(blocks, (name) => this.run(loop, [...counters, { axis, name, times: block, ahead: 0 }], axis, block)),
      ...this.run(loop, [...counters, ahead], axis, axis.size - blocks * block),
    ];
  }

  /** So many neighbours, a few at once. */
  private run(loop: Loop, counters: readonly Counter[], axis: Axis, length: number): readonly string[] {
    if (length === 0) return [];
    const isHeavy = loop.sums.reduce((sum, { of }) => sum + weightIn(of), 0) > heaviestAtOnce;
    const lanes = isHeavy || length < 2 * atOnce ? 1 : atOnce;
    const lines: string[] = [];
    const parts = Array.from({ length: lanes }, () => loop.sums.map((sum) => this.declaredAnew(lines, sum)));
    const passes = Math.floor(length / lanes);
    const lane = (counter: Counter, i: number): readonly string[] => this.added(loop, [...counters, counter], parts[i] ?? []);
    lines.push(...this.repeated(passes, (name) => parts.flatMap((_, i) => lane({ axis, name, times: lanes, ahead: i }, i))));
    for (let i = 0; i < length - passes * lanes; i++) lines.push(...lane({ axis, name: '0', times: 0, ahead: passes * lanes + i }, i));
    loop.sums.forEach((sum, s) => {
      const own = parts.map((names) => names[s] ?? '');
      for (let step = lanes / 2; step >= 1; step /= 2)
        for (let i = 0; i < step; i++) lines.push(combined(sum, own[i] ?? '', own[i + step] ?? ''));
      lines.push(combined(sum, this.totals.get(sum) ?? '', own[0] ?? ''));
    });
    return lines;
  }

  /** What stands at one place, added to these. */
  private added({ sums }: Loop, counters: readonly Counter[], to: readonly string[]): readonly string[] {
    const scope: Scope = { lines: [], known: new Map(), counters };
    const values = sums.map(({ of }) => this.name(of, scope));
    return [...scope.lines, ...sums.map((sum, i) => combined(sum, to[i] ?? '', values[i] ?? ''))];
  }
}

const combined = ({ how }: Reduce, to: string, value: string): string =>
  how === 'sum' ? `${to} = ${to} + ${value};` : `${to} = (${value} > ${to} ? ${value} : (${value} <= ${to} ? ${to} : ${value} + ${to}));`;

const lengthOf = (op: PointwiseOp): number => formulas[op]('t', 'x', 'y', 'z').join('').length;

const weightIn = (term: Term): number => termsIn(term).reduce((sum, of) => sum + (of.is === 'apply' ? lengthOf(of.op) : 0), 0);

/** About so many letters of a formula are an addition. */
const lettersAnAddition = 16;

/** Of each op, in additions. */
export function weights(): Readonly<Record<PointwiseOp, number>> {
  const ops = Object.keys(formulas) as PointwiseOp[];
  return Object.fromEntries(ops.map((op) => [op, Math.ceil(lengthOf(op) / lettersAnAddition)])) as Record<PointwiseOp, number>;
}
