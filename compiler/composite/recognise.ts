/**
 * Finds the terms of a loss that are not smooth but have a proximal map: h(x) = s(x) + Σ ⟨c, |w − a|⟩ + Σ ⟨c, ‖W‖⟩, each on one param as it
 * is declared, with c free of params. It asks what the graph is, not how it was written: a kink counts when the loss is affine in it, with
 * coefficients that no param reaches; these are its derivatives. Here, and nowhere else, stand the questions about ops.
 */
import type { Span } from '../../diagnostics/diagnostic.ts';
import { given, isConstant } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { factsIn } from '../facts.ts';
import { jvp } from '../transform/jvp.ts';
import { ancestors, reach } from '../transform/reach.ts';
import { replaceOne } from '../transform/replace.ts';
import { gradient } from '../transform/transpose.ts';

/** |u|, or ‖u‖ along some axes, whatever u is. */
interface Kink {
  readonly kind: 'l1' | 'norm';
  /** |u|, of the shape of u; or ‖u‖, of the shape that is left. */
  readonly kink: Value;
  readonly inside: Value;
  /** What a norm sums over. */
  readonly axes: readonly number[];
  /** The kink is so many times as large, ‖u‖/√n of a mean: a scalar, or of its shape. */
  readonly scale?: Value;
  readonly span?: Span;
}

export interface Penalty extends Omit<Kink, 'inside' | 'scale'> {
  /** The position of its param. */
  readonly param: number;
  /** c, of the kink's shape. */
  readonly weight: Value;
  /** a, of the param's shape; absent: 0. */
  readonly centre?: Value;
}

/** A kink in which the loss is affine, of something affine in the params that is no param: nearly any minimiser would lie on it. */
export interface Unsolved {
  readonly kind: Kink['kind'];
  /** The positions of the params that reach it. */
  readonly params: readonly number[];
  /** It is of elements of one param, and not of a mixture. */
  readonly ofPart: boolean;
  readonly weight: Value;
  readonly span?: Span;
}

export interface Split {
  readonly penalties: readonly Penalty[];
  readonly unsolved: readonly Unsolved[];
  /** s: the loss without them. */
  readonly smooth: Value;
  /** h, with norms whose derivative is 0 where they are 0. */
  readonly loss: Value;
}

/** Of a whole param: what is shrunk, how a derivative in the kink becomes a weight, and about what. */
interface Form {
  readonly param: number;
  readonly axes: readonly number[];
  /** |c·w| = |c|·|w|: the kink's coefficient times this. */
  readonly factor?: Value;
  readonly centre?: Value;
}

/** Takes a loss apart. What is left in `smooth` may have kinks of its own. */
export function split(b: Builder, loss: Value, params: readonly Value[]): Split {
  const { nodes, depends } = reach([loss], params);
  const kinks = nodes
    .flatMap(({ outputs: [v] }) => (v === undefined ? [] : (absoluteValue(b, v) ?? norm(b, v, params) ?? [])))
    .filter(({ inside }) => depends(inside))
    .flatMap((kink) => {
      const [weight] = weightsOf(b, loss, [kink], params) ?? [];
      return weight === undefined ? [] : [{ kink, weight, form: formOf(b, kink, params) }];
    });
  const unsolved = kinks.flatMap(({ kink, weight, form }) => (form === undefined ? (unsolvedIn(b, kink, weight, params) ?? []) : []));
  const found = kinks.flatMap(({ kink, form }) => (form === undefined ? [] : [{ kink, form }]));
  const weights = weightsOf(
    b,
    loss,
    found.map(({ kink }) => kink),
    params,
  );
  if (found.length === 0 || weights === undefined) return { penalties: [], unsolved, smooth: loss, loss };
  const penalties = found.map(({ kink: { kind, kink, scale, span }, form: { factor, ...form } }, i): Penalty => {
    const scales = [scale, factor === undefined ? undefined : b.abs(factor)].filter((v) => v !== undefined);
    return { kind, kink, ...(span && { span }), ...form, weight: scales.reduce((w, v) => b.mul(w, v), given(weights[i])) };
  });
  const norms = found.filter(({ kink }) => kink.kind === 'norm').map(({ kink: { kink } }): [Value, Value] => [kink, safeNorm(b, kink)]);
  return {
    penalties,
    unsolved,
    smooth: replaceOne(b, loss, new Map(found.map(({ kink: { kink } }) => [kink, b.zeros(kink.type.shape)]))),
    loss: replaceOne(b, loss, new Map(norms)),
  };
}

/** The coefficients of kinks in which the loss is affine; `undefined` where it is not, or where a param reaches a coefficient. */
function weightsOf(b: Builder, loss: Value, kinks: readonly Kink[], params: readonly Value[]): readonly Value[] | undefined {
  const stand = kinks.map(({ kink }) => b.input('kink', 'state', kink.type));
  const affine = replaceOne(b, loss, new Map(kinks.map(({ kink }, i) => [kink, given(stand[i])])));
  if (factsIn(b, affine, stand, new Map()).degree > 1) return undefined;
  const weights = gradient(b, affine, stand);
  const { depends } = reach(weights, [...params, ...stand]);
  return weights.some(depends) ? undefined : weights;
}

// ---- kinks --------------------------------------------------------------------------------------------------------------

const spanOf = ({ node: { span } }: Value): { span?: Span } => (span === undefined ? {} : { span });

/** |u|, also written as the larger of u and −u. */
function absoluteValue(b: Builder, v: Value): Kink | undefined {
  const [u, other] = v.node.inputs;
  const isLarger = v.node.op === 'maximum' && u !== undefined && other !== undefined && b.neg(u) === other;
  return u !== undefined && (v.node.op === 'abs' || isLarger) ? { kind: 'l1', kink: v, inside: u, axes: [], ...spanOf(v) } : undefined;
}

/** √(Σ u²), along all axes of u, some, or none; or of the mean. */
function norm(b: Builder, v: Value, params: readonly Value[]): Kink | undefined {
  const [root] = v.node.inputs;
  if (v.node.op !== 'sqrt' || root === undefined) return undefined;
  const [of, size] = root.node.inputs;
  const isMean = root.node.op === 'div' && of !== undefined && size !== undefined && paramsIn(size, params).length === 0;
  const sum = isMean ? of : root;
  const scale = isMean ? { scale: b.sqrt(b.div(b.full(size.type.shape, 1), size)) } : {};
  const { op, inputs, attributes } = sum.node;
  const squares = op === 'reduce_sum' ? inputs[0]?.node : sum.node;
  const [inside, same] = squares?.inputs ?? [];
  if (squares === undefined || inside === undefined || inside !== same) return undefined;
  const found = (axes: readonly number[]): Kink => ({ kind: 'norm', kink: v, inside, axes, ...scale, ...spanOf(v) });
  if (squares.op === 'mul') return found(op === 'reduce_sum' ? (attributes.axes ?? []) : []);
  const { contract: [along, alongToo] = [[], []], batch: [kept, keptToo] = [[], []] } = attributes;
  const isOne = along.join() === alongToo.join() && kept.join() === keptToo.join();
  const inOrder = kept.every((axis, i) => i === 0 || axis > (kept[i - 1] ?? axis));
  return op === 'dot_general' && isOne && inOrder && along.length + kept.length === inside.type.shape.length ? found(along) : undefined;
}

/** What a kink is of, where that is a whole param: w − a, a − w; of an absolute value c·w, of a norm the transpose. */
function formOf(b: Builder, { kind, inside, axes }: Kink, params: readonly Value[]): Form | undefined {
  const form = shifted(b, inside, params) ?? (kind === 'l1' ? scaled(b, inside, params) : undefined);
  if (form !== undefined) return { ...form, axes };
  const { op, inputs, attributes } = inside.node;
  const [w] = op === 'transpose' ? inputs : [inside];
  const order = op === 'transpose' ? (attributes.axes ?? []) : inside.type.shape.map((_, i) => i);
  const kept = order.filter((_, i) => !axes.includes(i));
  const param = w === undefined ? -1 : params.indexOf(w);
  // What is left of a transpose must be in the order of the param.
  if (param < 0 || kept.some((axis, i) => axis < (kept[i - 1] ?? 0))) return undefined;
  return { param, axes: axes.map((axis) => given(order[axis])) };
}

/** w − a or a − w of a whole param w. */
function shifted(b: Builder, inside: Value, params: readonly Value[]): Form | undefined {
  const [param, ...others] = paramsIn(inside, params);
  const w = param === undefined ? undefined : params[param];
  if (param === undefined || w === undefined || others.length > 0 || !b.sameShape(w.type.shape, inside.type.shape)) return undefined;
  const tangent = b.input('tangent', 'state', w.type);
  const [slope] = jvp(b, [inside], new Map([[w, tangent]]));
  // w or −w, and something that no param reaches.
  const rises = slope === tangent;
  if (slope === undefined || (!rises && b.neg(slope) !== tangent)) return undefined;
  const rest = replaceOne(b, inside, new Map([[w, b.zeros(w.type.shape)]]));
  const centre = inside === w || b.neg(inside) === w ? {} : { centre: rises ? b.neg(rest) : rest };
  return { param, axes: [], ...centre };
}

/** c·w or w/c of a whole param w, of either sign. */
function scaled(b: Builder, { node: { op, inputs } }: Value, params: readonly Value[]): Form | undefined {
  if (op === 'neg') return scaled(b, given(inputs[0]), params);
  if (op !== 'mul' && op !== 'div') return undefined;
  const at = inputs.findIndex((v) => params.includes(v));
  const [w, c] = [inputs[at], inputs[1 - at]];
  if (w === undefined || c === undefined || (op === 'div' && at !== 0) || paramsIn(c, params).length > 0) return undefined;
  return { param: params.indexOf(w), axes: [], factor: op === 'mul' ? c : b.div(b.full(c.type.shape, 1), c) };
}

function paramsIn(v: Value, params: readonly Value[]): readonly number[] {
  const inputs = new Set(ancestors([v]).flatMap((node) => node.outputs));
  return params.flatMap((p, i) => (inputs.has(p) ? [i] : []));
}

/** Ops that take elements of an array as they are. */
const takes = new Set(['slice', 'gather', 'reshape', 'transpose', 'broadcast_in_dim', 'neg']);

/**
 * Absolute values of anything affine in the params; norms of what is linear in them, which is 0 where the params are. A norm of residuals is
 * 0 nowhere near a minimiser as a rule, and stays a loss.
 */
function unsolvedIn(b: Builder, { kind, inside, span }: Kink, weight: Value, params: readonly Value[]): Unsolved | undefined {
  if (factsIn(b, inside, params, new Map()).degree > 1) return undefined;
  const zeros = replaceOne(b, inside, new Map(params.map((p) => [p, b.zeros(p.type.shape)])));
  if (kind === 'norm' && !isConstant(zeros, 0)) return undefined;
  let from: Value | undefined = inside;
  while (from !== undefined && takes.has(from.node.op)) from = from.node.inputs[0];
  const ofPart = from !== undefined && params.includes(from);
  return { kind, params: paramsIn(inside, params), ofPart, weight, ...(span && { span }) };
}

// ---- norms --------------------------------------------------------------------------------------------------------------

/** The same number, with derivative 0 where it is 0. */
function safeNorm(b: Builder, kink: Value): Value {
  const square = given(kink.node.inputs[0]);
  return nonzeroRoot(b, square, (root) => root, b.zeros(square.type.shape));
}

/** A function of √square where that is not 0, and `otherwise` where it is; no derivative meets the root of 0. */
export function nonzeroRoot(b: Builder, square: Value, make: (root: Value) => Value, otherwise: Value): Value {
  const there = b.less(b.zeros(square.type.shape), square);
  return b.select(there, make(b.sqrt(b.select(there, square, b.full(square.type.shape, 1)))), otherwise);
}
