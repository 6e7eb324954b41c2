/**
 * The kinds at run time: what values they admit, and in which coordinates a hyper is searched. `positive` is searched as log, `unit` as
 * logit, `simplex` as softmax; `nonnegative`, boxes and `int` (relaxed) as they are, by projection. Several hypers are one flat vector.
 * Knows nothing of criteria or solvers.
 */
import { evaluate } from '../plan/evaluate.ts';
import type { Expr, HyperDescription, Kind, Tensor } from '../plan/types.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import { startOutsideKind, startShape } from '../diagnostics/data.ts';
import { exp, log, log1p } from '../plan/elementary.ts';
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

function kindInterval(kind: Kind): { readonly low: number; readonly high: number } {
  switch (kind) {
    case 'real':
    case 'int':
      return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
    case 'positive':
    case 'nonnegative':
      return { low: 0, high: Number.POSITIVE_INFINITY };
    case 'unit':
    case 'simplex':
      return { low: 0, high: 1 };
  }
}

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
    const open = kind === 'positive' ? value === 0 : kind === 'unit' ? value === 0 || value === 1 : false;
    if (open) found.push({ at, value, rule: kind === 'unit' ? 'must be between 0 and 1' : 'must be above 0', boundary: true });
    else if (kind === 'positive' && value < 0) found.push({ at, value, rule: 'must be above 0', boundary: false });
    else if (value < low || value > high) found.push({ at, value, rule: intervalRule(domain), boundary: false });
    else if (whole && kind === 'int' && !Number.isInteger(value)) found.push({ at, value, rule: 'must be whole', boundary: false });
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

type Coordinates = 'same' | 'log' | 'logit' | 'softmax';

const coordinatesOf = (kind: Kind): Coordinates =>
  kind === 'positive' ? 'log' : kind === 'unit' ? 'logit' : kind === 'simplex' ? 'softmax' : 'same';

/** The range in which exp and the logistic function stay inside their open kinds in float64. */
const logLimit = 690;
const logitHigh = 36;
/** The farthest a step moves a log, logit or softmax coordinate: beyond it a criterion is flat, and its gradient says nothing. */
const curvedStepLimit = 5;

interface Block {
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

const logit = (x: number): number => log(x) - log1p(-x);
const sigmoid = (z: number): number => (z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z)));

export function searchSpace(hypers: readonly HyperDescription[], sizes: Readonly<Record<string, number>>): SearchSpace {
  const blocks: Block[] = [];
  const lower: number[] = [];
  const upper: number[] = [];
  const boxed: boolean[] = [];
  const stepLimit: number[] = [];
  for (const description of hypers) {
    const shape = description.shape.map((e) => known(evaluate(e, sizes), description.name));
    const domain = domainOf(description.kind, description.interval, sizes);
    if (domain === undefined) throw new InternalError('search-space', `the interval of ${description.name} has no size`);
    const coordinates = coordinatesOf(description.kind);
    const size = sizeOf(shape);
    const bounds = coordinateBounds(coordinates, domain);
    const isBoxed = coordinates === 'same' ? Number.isFinite(domain.low) && Number.isFinite(domain.high) : isInner(coordinates, domain);
    for (let i = 0; i < size; i += 1) {
      lower.push(bounds.low);
      upper.push(bounds.high);
      boxed.push(isBoxed);
      stepLimit.push(coordinates === 'same' ? Number.POSITIVE_INFINITY : curvedStepLimit);
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

/** Whether an interval lies strictly inside an open kind at both ends, so that it is a box in its coordinates. */
function isInner(coordinates: Coordinates, { low, high }: Domain): boolean {
  if (coordinates === 'log') return low > 0 && Number.isFinite(high);
  return coordinates === 'logit' && low > 0 && high < 1;
}

function coordinateBounds(coordinates: Coordinates, { low, high }: Domain): { low: number; high: number } {
  switch (coordinates) {
    case 'same':
      return { low, high };
    case 'log':
      return { low: Math.max(-logLimit, log(low)), high: Math.min(logLimit, log(high)) };
    case 'logit':
      return { low: low <= 0 ? -logLimit : logit(low), high: high >= 1 ? logitHigh : logit(high) };
    case 'softmax':
      return { low: -logLimit, high: logLimit };
  }
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
    if (diagnostic !== undefined) {
      diagnostics.push(diagnostic);
      continue;
    }
    for (let i = 0; i < block.size; i += block.width) {
      const row = tensor.data.subarray(i, i + block.width);
      const logs = block.coordinates === 'softmax' ? row.map(log) : row;
      const mean = block.coordinates === 'softmax' ? logs.reduce((a, b) => a + b, 0) / block.width : 0;
      row.forEach((value, j) => {
        const at = block.offset + i + j;
        const coordinate = block.coordinates === 'log' ? log(value) : block.coordinates === 'logit' ? logit(value) : (logs[j] ?? 0) - mean;
        z[at] = clip(coordinate, space.lower[at] ?? coordinate, space.upper[at] ?? coordinate);
      });
    }
  }
  return diagnostics.length === 0 ? { z, diagnostics } : { diagnostics };
}

function startProblem(block: Block, tensor: Tensor): Diagnostic | undefined {
  const { description, name } = block;
  const where = { span: description.span };
  if (tensor.shape.length !== block.shape.length || tensor.shape.some((s, i) => s !== block.shape[i]) || tensor.data.length !== block.size)
    return startShape(where, { name, declared: printDeclaredShape(description.shape), expected: block.shape, actual: tensor.shape });
  const place = (at: number): string => (tensor.shape.length === 0 ? 'its start' : `its start at ${indexText(at, tensor.shape)}`);
  const type = printType(description);
  const bad = tensor.data.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0)
    return startOutsideKind(where, {
      name,
      type,
      where: place(bad),
      value: String(tensor.data[bad]),
      rule: 'must be finite',
      boundary: false,
    });
  const zero = description.kind === 'simplex' ? tensor.data.findIndex((x) => x === 0) : -1;
  const first =
    violations(tensor, block.domain, false)[0] ??
    (zero < 0 ? undefined : { at: zero, value: 0, rule: 'is searched in softmax space, where every entry is above 0', boundary: true });
  if (first === undefined) return undefined;
  return startOutsideKind(where, {
    name,
    type,
    where: place(first.at),
    value: figure(first.value),
    rule: first.rule,
    boundary: first.boundary,
  });
}

const clip = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x);

/** The point at search coordinates z. Inverse of `pack` up to rounding. */
export function unpack(space: SearchSpace, z: Float64Array): Point {
  return Object.fromEntries(
    space.blocks.map((block) => {
      const part = z.subarray(block.offset, block.offset + block.size);
      return [block.name, { shape: block.shape, data: forward(block, part) }];
    }),
  );
}

function forward(block: Block, part: Float64Array): Float64Array {
  const { low, high } = block.domain;
  switch (block.coordinates) {
    case 'same':
      return Float64Array.from(part);
    // Rounding may carry a bound's image out of the declared interval by one unit.
    case 'log':
      return part.map((z) => (low > 0 ? clip(exp(z), low, high) : Math.min(exp(z), high)));
    case 'logit':
      return part.map((z) => (low > 0 || high < 1 ? clip(sigmoid(z), low > 0 ? low : Number.MIN_VALUE, high) : sigmoid(z)));
    case 'softmax': {
      const result = new Float64Array(block.size);
      for (let i = 0; i < block.size; i += block.width) {
        const row = part.subarray(i, i + block.width);
        const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
        const total = row.reduce((sum, z) => sum + exp(z - largest), 0);
        row.forEach((z, j) => (result[i + j] = exp(z - largest) / total));
      }
      return result;
    }
  }
}

/**
 * The gradient in search coordinates of a criterion whose hypergradient, in the hypers' own spaces, is given at `point`:
 * `(∂θ/∂z)ᵀ g`. For log: θg; logit: θ(1 − θ)g; softmax: s ⊙ (g − ⟨s, g⟩).
 */
export function pullBack(space: SearchSpace, point: Point, hypergradient: Point): Float64Array {
  const result = new Float64Array(space.size);
  for (const block of space.blocks) {
    const theta = point[block.name]?.data ?? new Float64Array(block.size);
    const given = hypergradient[block.name];
    if (given === undefined) throw new InternalError('search-space', `no hypergradient for ${block.name}`);
    const g = given.data;
    for (let i = 0; i < block.size; i += block.width) {
      let along = 0;
      if (block.coordinates === 'softmax') for (let j = 0; j < block.width; j += 1) along += (theta[i + j] ?? 0) * (g[i + j] ?? 0);
      for (let j = 0; j < block.width; j += 1) {
        const t = theta[i + j] ?? 0;
        const slope = g[i + j] ?? 0;
        result[block.offset + i + j] =
          block.coordinates === 'log'
            ? t * slope
            : block.coordinates === 'logit'
              ? t * (1 - t) * slope
              : block.coordinates === 'softmax'
                ? t * (slope - along)
                : slope;
      }
    }
  }
  return result;
}

/** z with every coordinate moved into its box. */
export const project = (space: Pick<SearchSpace, 'lower' | 'upper'>, z: Float64Array): Float64Array =>
  z.map((x, i) => clip(x, space.lower[i] ?? x, space.upper[i] ?? x));

/** The point with `int` hypers rounded into their intervals; undefined if there are none. */
export function roundedInts(space: SearchSpace, point: Point): Point | undefined {
  const ints = space.blocks.filter((b) => b.description.kind === 'int');
  if (ints.length === 0) return undefined;
  const rounded = ints.map((b) => {
    const tensor = point[b.name] ?? { shape: b.shape, data: new Float64Array(b.size) };
    return [
      b.name,
      { shape: b.shape, data: tensor.data.map((x) => clip(Math.round(x), Math.ceil(b.domain.low), Math.floor(b.domain.high))) },
    ] as const;
  });
  return { ...point, ...Object.fromEntries(rounded) };
}
