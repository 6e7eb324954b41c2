/**
 * A program as text of a language that devices compile: what that language writes in its own way is in a dialect, and the rest is common to all
 * (decision 033). Long sums are taken in blocks, a few terms at once, and what no loop moves is computed once, ahead of it.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { PointwiseOp } from '../../../plan/op-names.ts';
import { assertTold, collapsed, type Affine, type Axis } from './affine.ts';
import { lanes as atOnce } from './quads.ts';
import { mapsIn, termsIn, type Program, type Read, type Reduce, type Term } from './terms.ts';

/** What a variable holds: a number, or a place in a tensor. */
type Kind = 'real' | 'whole';

/** Statements that declare `to` (and helpers whose names begin with it) as an op's value at the variables `x`, `y`, `z`. */
export type Formula = (to: string, x: string, y: string, z: string) => readonly string[];

export interface Dialect {
  /** The position of the element that is computed. */
  readonly thread: string;
  /** Where threads stand in rows: the row's position, and whether rows may be as wide. `thread` is then the position in the row. Absent: one row. */
  readonly rows?: { readonly thread: string; readonly mayBe: (width: number) => boolean };
  /** Statements that declare its coordinates along axes of these sizes, and what they are called. */
  readonly coordinates: (
    sizes: readonly number[],
    thread: string,
    prefix: string,
  ) => { readonly lines: readonly string[]; readonly names: readonly string[] };
  readonly declared: (name: string, kind: Kind, value: string) => string;
  /** A place, as a variable holds it. */
  readonly kept: (place: string) => string;
  /** Such a variable as the whole number that it holds, from which places are reckoned. */
  readonly whole: (variable: string) => string;
  /** A place that is kept where the condition holds, and otherwise the first one. */
  readonly held: (condition: string, place: string) => string;
  /** A place as a number. */
  readonly toReal: (place: string) => string;
  readonly number: (value: number) => string;
  readonly read: (operand: number, place: string) => string;
  /** Declares a variable that holds the quad at a place of an operand that is laid out in such; absent: none is. */
  readonly quad?: (name: string, operand: number, place: string) => string;
  readonly formulas: Readonly<Record<PointwiseOp, Formula>>;
  /** A statement: `to` becomes the greater one, or what is not a number. */
  readonly raised: (to: string, value: string) => string;
  /** Numbers are float64 until they are stored. */
  readonly isFloat64: boolean;
  /** Of loop counters, and of variables that hold places: otherwise they are float32, which tells only so many apart. */
  readonly areCountersWhole: boolean;
  readonly areVariablesWhole: boolean;
}

/** Where a text is to stand: how the names in it begin, and which element it is. */
export interface Place {
  readonly prefix?: string;
  readonly thread?: string;
}

/** Statements, and the variable of the result. */
export interface Text {
  readonly lines: readonly string[];
  readonly result: string;
  /** Of the rows in which the threads are to stand; absent: they stand in one. */
  readonly width?: number;
}

export const textOf = (program: Program, dialect: Dialect, place: Place = {}): Text => new Body(program, dialect, place).text();

/** Sums of more terms are taken in blocks, so that they stay accurate. */
export const longest = 512;
export const block = 256;
/**
 * A loop takes as many terms at once as a quad has elements, each added up by itself: the next need not wait for the last. Of heavier ones it
 * need not wait anyway: letters of their formulas.
 */
const heaviestAtOnce = 600;

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
  /** Ahead of it, what it has in common with its neighbours: quads that they are elements of. */
  readonly quads?: Scope;
}

/** Sums over the same axes: they share a loop. */
interface Loop {
  readonly sums: readonly Reduce[];
  readonly axes: readonly Axis[];
}

class Body {
  private readonly term: Term;
  private readonly dialect: Dialect;
  private readonly prefix: string;
  private readonly rank: number;
  private readonly domain: readonly Axis[];
  private readonly coordinates: readonly string[];
  private readonly width: number | undefined;
  private readonly top: Scope;
  /** Which of an axis' strides is that of a map. */
  private readonly places = new Map<Affine, number>();
  /** The variable of each sum. */
  private readonly totals = new Map<Term, string>();
  private variables = 0;

  constructor({ shape, term }: Program, dialect: Dialect, { prefix = '', thread = dialect.thread }: Place) {
    this.dialect = dialect;
    this.prefix = prefix;
    this.term = term;
    this.rank = shape.length;
    const maps = [...new Set(mapsIn(term))];
    maps.forEach((map, i) => this.places.set(map, i));
    this.domain = collapsed(shape.map((size, axis) => ({ size, strides: maps.map(({ strides }) => strides[axis] ?? 0) })));
    const sizes = this.domain.map(({ size }) => size);
    const last = sizes.at(-1) ?? 1;
    const rows = sizes.length > 1 && thread === dialect.thread && dialect.rows?.mayBe(last) === true ? dialect.rows : undefined;
    this.width = rows === undefined ? undefined : last;
    const { lines, names } = dialect.coordinates(rows === undefined ? sizes : sizes.slice(0, -1), rows?.thread ?? thread, prefix);
    this.coordinates = rows === undefined ? names : [...names, thread];
    this.top = { lines: [...lines], known: new Map(), counters: [] };
  }

  text(): Text {
    for (const loop of this.sumLoops()) this.top.lines.push(...this.summed(loop));
    const result = this.name(this.term, this.top);
    return { lines: this.top.lines, result, ...(this.width === undefined ? {} : { width: this.width }) };
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
        return this.declared(at, this.dialect.number(term.value));
      case 'read':
        if (term.isInQuads === true) return this.laneOf(term, at);
        return this.declared(at, this.dialect.read(term.source, this.held(term, at)));
      case 'position':
        if (!this.dialect.isFloat64) assertTold(this.reach(term.at, at));
        return this.declared(at, this.dialect.toReal(this.place(term.at, at)));
      case 'apply': {
        const operands = term.operands.map((operand) => this.name(operand, at));
        const key = `${term.op}(${operands.join()})`;
        const known = this.knownAs(key, at);
        if (known !== undefined) return known;
        const [x = '', y = '', z = ''] = operands;
        const name = this.fresh();
        at.known.set(key, name);
        at.lines.push(...this.dialect.formulas[term.op](name, x, y, z));
        return name;
      }
    }
  }

  private declared(scope: Scope, value: string, kind: Kind = 'real'): string {
    const known = this.knownAs(value, scope);
    if (known !== undefined) return known;
    const name = this.fresh();
    scope.known.set(value, name);
    scope.lines.push(this.dialect.declared(name, kind, value));
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
    if (!this.dialect.areVariablesWhole) assertTold(elements);
    const own = this.declared(scope, this.dialect.kept(place), 'whole');
    return this.declared(scope, this.dialect.held(`${this.name(where, scope)} > 0.5`, own), 'whole');
  }

  /** An element of a quad, which its neighbours have read as well. */
  private laneOf({ at: map, source, elements }: Read, scope: Scope): string {
    const { quads = scope } = scope;
    const { quad: declaration } = this.dialect;
    if (declaration === undefined) throw new InternalError('calls', 'a device without quads reads none');
    if (!this.isWhole(map, scope)) assertTold(elements / atOnce);
    const place = this.place(map, scope, atOnce);
    const key = `quad ${source} ${place}`;
    let quad = quads.known.get(key);
    if (quad === undefined) {
      quad = this.fresh();
      quads.known.set(key, quad);
      quads.lines.push(declaration(quad, source, place));
    }
    return this.declared(scope, `${quad}[${this.offset(map, scope) % atOnce}]`);
  }

  private strideAlong(map: Affine, axis: Axis): number {
    return axis.strides[this.places.get(map) ?? -1] ?? 0;
  }

  private varies(term: Term, { counters }: Scope): boolean {
    return mapsIn(term).some((map) => counters.some(({ axis }) => this.strideAlong(map, axis) !== 0));
  }

  /** `offset + Σ coordinate · stride`, counted in so many elements. */
  private place(map: Affine, scope: Scope, elements = 1): string {
    const { counters } = scope;
    const ahead = Math.floor(this.offset(map, scope) / elements);
    const own = this.domain.map((axis, i) => [this.coordinates[i] ?? '0', this.strideAlong(map, axis) / elements] as const);
    const moving = counters.map(({ axis, name, times }) => [name, (this.strideAlong(map, axis) * times) / elements] as const);
    return affine(ahead, [...(moving.length > 0 ? this.ahead(own) : own), ...moving]);
  }

  /** Of a place, what no variable moves. */
  private offset(map: Affine, { counters }: Scope): number {
    return counters.reduce((sum, counter) => sum + this.strideAlong(map, counter.axis) * counter.ahead, map.offset);
  }

  /** Whether a place is reckoned in whole numbers alone, so that it may be as far away as it likes. */
  private isWhole(map: Affine, { counters }: Scope): boolean {
    const isStill = (axes: readonly Axis[]): boolean => axes.every((axis) => this.strideAlong(map, axis) === 0);
    const { areVariablesWhole, areCountersWhole } = this.dialect;
    const areCoordinatesWhole = areVariablesWhole || this.domain.length === 1;
    return (areCoordinatesWhole || isStill(this.domain)) && (areCountersWhole || isStill(counters.map(({ axis }) => axis)));
  }

  /** The greatest that a place may be. */
  private reach(map: Affine, { counters }: Scope): number {
    const axes = [...this.domain, ...new Set(counters.map(({ axis }) => axis))];
    return axes.reduce((sum, axis) => sum + (axis.size - 1) * Math.abs(this.strideAlong(map, axis)), Math.abs(map.offset));
  }

  /** What no loop moves is reckoned ahead of it, where the coordinates are variables anyway. */
  private ahead(own: readonly (readonly [name: string, stride: number])[]): readonly (readonly [name: string, stride: number])[] {
    const isVariable = this.dialect.areVariablesWhole || this.domain.length > 1;
    if (!isVariable || own.every(([, stride]) => stride === 0)) return own;
    return [[this.dialect.whole(this.declared(this.top, this.dialect.kept(affine(0, own)), 'whole')), 1]];
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
    lines.push(this.dialect.declared(name, 'real', how === 'sum' ? '0.0' : this.dialect.number(-Infinity)));
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
    return [`for (${this.dialect.declared(counter, 'whole', '0')} ${counter} < ${times}; ${counter}++) {`, ...body(counter), '}'];
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
    const isHeavy = loop.sums.reduce((sum, { of }) => sum + this.weightIn(of), 0) > heaviestAtOnce;
    const lanes = !hasQuads(loop) && (isHeavy || length < 2 * atOnce) ? 1 : atOnce;
    const lines: string[] = [];
    const parts = Array.from({ length: lanes }, () => loop.sums.map((sum) => this.declaredAnew(lines, sum)));
    const passes = Math.floor(length / lanes);
    const neighbours = (of: readonly (readonly string[])[], counter: Omit<Counter, 'axis' | 'ahead'>, first: number): readonly string[] => {
      const quads: Scope = { lines: [], known: new Map(), counters: [] };
      const own = of.flatMap((to, i) => this.added(loop, [...counters, { ...counter, axis, ahead: first + i }], to, quads));
      return [...quads.lines, ...own];
    };
    if (passes > 0) lines.push(...this.repeated(passes, (name) => neighbours(parts, { name, times: lanes }, 0)));
    lines.push(...neighbours(parts.slice(0, length - passes * lanes), { name: '0', times: 0 }, passes * lanes));
    loop.sums.forEach((sum, s) => {
      const own = parts.map((names) => names[s] ?? '');
      for (let step = lanes / 2; step >= 1; step /= 2)
        for (let i = 0; i < step; i++) lines.push(this.combined(sum, own[i] ?? '', own[i + step] ?? ''));
      lines.push(this.combined(sum, this.totals.get(sum) ?? '', own[0] ?? ''));
    });
    return lines;
  }

  /** What stands at one place, added to these. */
  private added({ sums }: Loop, counters: readonly Counter[], to: readonly string[], quads?: Scope): readonly string[] {
    const scope: Scope = { lines: [], known: new Map(), counters, ...(quads === undefined ? {} : { quads }) };
    const values = sums.map(({ of }) => this.name(of, scope));
    return [...scope.lines, ...sums.map((sum, i) => this.combined(sum, to[i] ?? '', values[i] ?? ''))];
  }

  private combined({ how }: Reduce, to: string, value: string): string {
    return how === 'sum' ? `${to} = ${to} + ${value};` : this.dialect.raised(to, value);
  }

  private weightIn(term: Term): number {
    return termsIn(term).reduce((sum, of) => sum + (of.is === 'apply' ? lettersOf(this.dialect.formulas[of.op]) : 0), 0);
  }
}

const hasQuads = ({ sums }: Loop): boolean => sums.flatMap(({ of }) => termsIn(of)).some((of) => of.is === 'read' && of.isInQuads === true);

const lettersOf = (formula: Formula): number => formula('t', 'x', 'y', 'z').join('').length;

/** About so many letters of a formula are an addition. */
const lettersAnAddition = 16;

/** Of each op, in additions. */
export function weights({ formulas }: Dialect): Readonly<Record<PointwiseOp, number>> {
  const ops = Object.keys(formulas) as PointwiseOp[];
  return Object.fromEntries(ops.map((op) => [op, Math.ceil(lettersOf(formulas[op]) / lettersAnAddition)])) as Record<PointwiseOp, number>;
}

/** `offset + Σ name · stride`. */
export function affine(offset: number, terms: readonly (readonly [name: string, stride: number])[]): string {
  const parts = terms.filter(([, stride]) => stride !== 0).map(([name, stride]) => (stride === 1 ? name : `${name} * ${integer(stride)}`));
  if (offset !== 0 || parts.length === 0) parts.push(integer(offset));
  return parts.join(' + ');
}

function integer(value: number): string {
  if (!Number.isInteger(value)) throw new InternalError('calls', `${value} is no place`);
  return value < 0 ? `(-${-value})` : String(value);
}
