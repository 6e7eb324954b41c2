/**
 * The kinds at run time: what values they admit, and in which coordinates a hyper is searched. `positive` is searched as log, `unit` as
 * logit, `simplex` as softmax; `nonnegative`, boxes and `int` (relaxed) as they are, by projection; a `choice` by its logits. Several hypers are one flat vector.
 * Knows nothing of criteria or solvers.
 */
import { evaluate } from '../plan/evaluate.ts';
import type { Expr, HyperDescription, Kind, Tensor } from '../plan/types.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import { startOutsideKind, startShape } from '../diagnostics/data.ts';
import { exp, log } from '../plan/elementary.ts';
import { figure, indexText, printDeclaredShape, printType, sizeOf } from './tensor.ts';
import type { Point } from './types.ts';

/** The values of a kind within its interval, ends included unless the kind is open there. */
export interface Domain {
  readonly kind: Kind;
  readonly low: number;
  readonly high: number;
}

export interface Violation {
  /** Flat position. */
  readonly at: number;
  readonly value: number;
  readonly rule: string;
  /** On the boundary of an open kind, not beyond it. */
  readonly boundary: boolean;
}

/** Domain of a kind with an interval in dims; undefined where a dim has no size. */
export function domainOf(
  kind: Kind,
  interval: readonly [Expr, Expr] | undefined,
  sizes: Readonly<Record<string, number>>,
): Domain | undefined {
  const own = kindInterval(kind);
  if (interval === undefined) return { kind, ...own };
  const low = evaluate(interval[0], sizes);
  const high = evaluate(interval[1], sizes);
  return low === undefined || high === undefined ? undefined : { kind, low: Math.max(own.low, low), high: Math.min(own.high, high) };
}

const unbounded: readonly Kind[] = ['real', 'int', 'choice'];

const kindInterval = (kind: Kind): { readonly low: number; readonly high: number } => ({
  low: unbounded.includes(kind) ? Number.NEGATIVE_INFINITY : 0,
  high: kind === 'unit' || kind === 'simplex' ? 1 : Number.POSITIVE_INFINITY,
});

/** How far a row of a `simplex` may add up from 1: decimal text with ten digits is fine. */
const simplexTolerance = 1e-8;

/**
 * The elements that are outside a domain, in order. `whole` asks `int` to be whole (data are; a hyper is relaxed while it is searched).
 * Needs finite elements: NaN and infinities are reported apart.
 */
export function violations(tensor: Tensor, domain: Domain, whole: boolean): readonly Violation[] {
  const found: Violation[] = [];
  const { kind, low, high } = domain;
  tensor.data.forEach((value, at) => {
    const boundary = (kind === 'positive' && value === 0) || (kind === 'unit' && (value === 0 || value === 1));
    const rule =
      kind === 'positive' && value <= 0
        ? 'must be above 0'
        : boundary
          ? 'must be between 0 and 1'
          : value < low || value > high
            ? intervalRule(domain)
            : whole && kind === 'int' && !Number.isInteger(value)
              ? 'must be whole'
              : undefined;
    if (rule !== undefined) found.push({ at, value, rule, boundary });
  });
  if (kind === 'simplex' && found.length === 0) {
    const width = tensor.shape.at(-1) ?? 1;
    for (let at = 0; at < tensor.data.length; at += width) {
      const total = tensor.data.subarray(at, at + width).reduce((a, b) => a + b, 0);
      if (Math.abs(total - 1) > simplexTolerance * Math.max(1, width))
        found.push({ at, value: total, rule: 'must add to 1 along its last axis (the sum is meant)', boundary: false });
    }
  }
  return found;
}

function intervalRule({ low, high, kind }: Domain): string {
  if (kind === 'unit') return low > 0 || high < 1 ? `must be between ${figure(low)} and ${figure(high)}` : 'must be between 0 and 1';
  if (low === Number.NEGATIVE_INFINITY) return `must be at most ${figure(high)}`;
  if (high === Number.POSITIVE_INFINITY) return `must be at least ${figure(low)}`;
  return `must be between ${figure(low)} and ${figure(high)}, ends included`;
}

// ---- search coordinates -------------------------------------------------------------------------------------------

/** How a hyper is searched, row by row along its last axis. */
export interface Coordinates {
  /** The box of a domain. */
  readonly box: (domain: Domain) => readonly [low: number, high: number];
  /** Whether a domain declares that box, at both ends. */
  readonly isBoxed: (domain: Domain) => boolean;
  /** Coordinates of values. */
  readonly of: (values: Float64Array) => Float64Array;
  /** Values at coordinates. Rounding may carry a bound’s image out of the declared interval by one unit: it is brought back. */
  readonly at: (z: Float64Array, domain: Domain) => Float64Array;
  /** `(∂θ/∂z)ᵀ g` at values θ. */
  readonly pullBack: (theta: Float64Array, g: Float64Array) => Float64Array;
  /** The farthest that a step moves one. */
  readonly stepLimit: number;
}

/** The range in which exp stays inside its open kind in float64. */
export const logLimit = 690;
/** The farthest a step moves a log, logit or softmax coordinate: beyond it a criterion is flat, and its gradient says nothing. */
export const curvedStepLimit = 5;

export const clip = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x);

export const same: Coordinates = {
  box: ({ low, high }) => [low, high],
  isBoxed: ({ low, high }) => Number.isFinite(low) && Number.isFinite(high),
  of: (values) => values,
  at: (z) => z,
  pullBack: (_, g) => g,
  stepLimit: Number.POSITIVE_INFINITY,
};

const logs: Coordinates = {
  box: ({ low, high }) => [Math.max(-logLimit, log(low)), Math.min(logLimit, log(high))],
  isBoxed: ({ low, high }) => low > 0 && Number.isFinite(high),
  of: (values) => values.map(log),
  at: (z, { low, high }) => z.map((x) => clip(exp(x), low, high)),
  pullBack: (theta, g) => theta.map((t, i) => t * (g[i] ?? 0)),
  stepLimit: curvedStepLimit,
};

/** Coordinates of kinds that only some problems have (`curved-kinds.ts`). */
export type CurvedKinds = Readonly<Partial<Record<'unit' | 'simplex' | 'choice', Coordinates>>>;

function coordinatesOf(kind: Kind, curved: CurvedKinds): Coordinates {
  if (kind === 'positive') return logs;
  if (kind !== 'unit' && kind !== 'simplex' && kind !== 'choice') return same;
  const own = curved[kind];
  if (own === undefined) throw new InternalError('kinds', kind);
  return own;
}

/** A hyper's part of the vector. */
export interface Block {
  readonly name: string;
  readonly description: HyperDescription;
  readonly coordinates: Coordinates;
  readonly domain: Domain;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
  /** Length of the last axis. */
  readonly width: number;
}

/** All hypers as one vector z of search coordinates in a box. */
export interface SearchSpace {
  readonly size: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Whether a coordinate has a box that was declared, not only the limits of float64. */
  readonly boxed: readonly boolean[];
  /** The farthest that one step should move each coordinate. */
  readonly stepLimit: Float64Array;
  readonly blocks: readonly Block[];
}

export function searchSpace(
  hypers: readonly HyperDescription[],
  sizes: Readonly<Record<string, number>>,
  curved: CurvedKinds = {},
): SearchSpace {
  const blocks: Block[] = [];
  const lower: number[] = [];
  const upper: number[] = [];
  const boxed: boolean[] = [];
  const stepLimit: number[] = [];
  for (const description of hypers) {
    const shape = description.shape.map((e) => known(evaluate(e, sizes), description.name));
    const domain = domainOf(description.kind, description.interval, sizes);
    if (domain === undefined) throw new InternalError('search-space', `the interval of ${description.name} has no size`);
    const coordinates = coordinatesOf(description.kind, curved);
    const size = sizeOf(shape);
    const [low, high] = coordinates.box(domain);
    for (let i = 0; i < size; i += 1) {
      lower.push(low);
      upper.push(high);
      boxed.push(coordinates.isBoxed(domain));
      stepLimit.push(coordinates.stepLimit);
    }
    const width = shape.at(-1) ?? 1;
    blocks.push({ name: description.name, description, coordinates, domain, shape, offset: lower.length - size, size, width });
  }
  return {
    size: lower.length,
    lower: Float64Array.from(lower),
    upper: Float64Array.from(upper),
    boxed,
    stepLimit: Float64Array.from(stepLimit),
    blocks,
  };
}

function known(value: number | undefined, name: string): number {
  if (value === undefined) throw new InternalError('search-space', `the shape of ${name} has no size`);
  return value;
}

/** A block’s part of a flat vector, made row by row; a row is from one position to another. */
function byRows({ size, width }: Block, rowOf: (from: number, to: number) => Float64Array): Float64Array {
  const result = new Float64Array(size);
  for (let from = 0; from < size; from += width) result.set(rowOf(from, from + width), from);
  return result;
}

/**
 * The search coordinates of a point, or why it cannot be a start: a wrong shape, a value outside its kind or on the boundary of an open one.
 * `int` may be fractional: it is searched as a real number.
 */
export function pack(space: SearchSpace, point: Point): { readonly z?: Float64Array; readonly diagnostics: readonly Diagnostic[] } {
  const z = new Float64Array(space.size);
  const diagnostics: Diagnostic[] = [];
  for (const block of space.blocks) {
    const tensor = point[block.name];
    if (tensor === undefined) throw new InternalError('search-space', `no start for the hyper ${block.name}`);
    const diagnostic = startProblem(block, tensor);
    if (diagnostic === undefined)
      z.set(
        byRows(block, (from, to) => block.coordinates.of(tensor.data.subarray(from, to))),
        block.offset,
      );
    else diagnostics.push(diagnostic);
  }
  return diagnostics.length === 0 ? { z: project(space, z), diagnostics } : { diagnostics };
}

function startProblem(block: Block, tensor: Tensor): Diagnostic | undefined {
  const { description, name } = block;
  const where = { span: description.span };
  if (tensor.shape.length !== block.shape.length || tensor.shape.some((s, i) => s !== block.shape[i]) || tensor.data.length !== block.size)
    return startShape(where, { name, declared: printDeclaredShape(description.shape), expected: block.shape, actual: tensor.shape });
  const bad = tensor.data.findIndex((x) => !Number.isFinite(x));
  const zero = description.kind === 'simplex' ? tensor.data.indexOf(0) : -1;
  const first =
    bad >= 0
      ? { at: bad, value: tensor.data[bad] ?? Number.NaN, rule: 'must be finite', boundary: false }
      : (violations(tensor, block.domain, false)[0] ??
        (zero < 0
          ? undefined
          : { at: zero, value: 0, rule: 'is searched in softmax space, where every entry is above 0', boundary: true }));
  if (first === undefined) return undefined;
  const { at, value, rule, boundary } = first;
  const place = `its start${tensor.shape.length === 0 ? '' : ` at ${indexText(at, tensor.shape)}`}`;
  return startOutsideKind(where, { name, type: printType(description), where: place, value: figure(value), rule, boundary });
}

/** The point at search coordinates z. Inverse of `pack` up to rounding. */
export function unpack(space: SearchSpace, z: Float64Array): Point {
  return Object.fromEntries(
    space.blocks.map((block) => {
      const { name, offset, shape, coordinates, domain } = block;
      const data = byRows(block, (from, to) => coordinates.at(z.subarray(offset + from, offset + to), domain));
      return [name, { shape, data }];
    }),
  );
}

/**
 * The gradient in search coordinates of a criterion whose hypergradient, in the hypers' own spaces, is given at `point`:
 * `(∂θ/∂z)ᵀ g`. For log: θg; logit: θ(1 − θ)g; softmax: s ⊙ (g − ⟨s, g⟩).
 */
export function pullBack(space: SearchSpace, point: Point, hypergradient: Point): Float64Array {
  const result = new Float64Array(space.size);
  for (const block of space.blocks) {
    const theta = point[block.name]?.data;
    const g = hypergradient[block.name]?.data;
    if (theta === undefined || g === undefined) throw new InternalError('search-space', `no hypergradient for ${block.name}`);
    result.set(
      byRows(block, (from, to) => block.coordinates.pullBack(theta.subarray(from, to), g.subarray(from, to))),
      block.offset,
    );
  }
  return result;
}

/** z with every coordinate moved into its box. */
export const project = (space: Pick<SearchSpace, 'lower' | 'upper'>, z: Float64Array): Float64Array =>
  z.map((x, i) => clip(x, space.lower[i] ?? x, space.upper[i] ?? x));
