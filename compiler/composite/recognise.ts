/**
 * Finds the terms of a loss that are not smooth but have a proximal map: h(x) = s(x) + Σ ⟨c, |w − a|⟩ + Σ ⟨c, ‖W‖⟩, each on one param as it
 * is declared, with c free of params. It asks what the graph is, not how it was written: a kink counts when the loss is affine in it, with
 * coefficients that no param reaches; these are its derivatives. Here, and nowhere else, stand the questions about ops.
 */
import type { Span } from '../../diagnostics/diagnostic.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { factsIn } from '../facts.ts';
import { jvp } from '../transform/jvp.ts';
import { ancestors, reach } from '../transform/reach.ts';
import { replaceOne } from '../transform/replace.ts';
import { gradient } from '../transform/transpose.ts';

export interface Penalty {
  readonly kind: 'l1' | 'norm';
  /** The position of its param. */
  readonly param: number;
  /** |w − a|, of the param's shape; or ‖W‖ along some axes, of the shape that is left. */
  readonly kink: Value;
  /** c, of the kink's shape. */
  readonly weight: Value;
  /** a, of the param's shape; absent: 0. Of `l1` alone. */
  readonly centre?: Value;
  /** What a norm sums over. */
  readonly axes: readonly number[];
  readonly span?: Span;
}

export interface Split {
  readonly penalties: readonly Penalty[];
  /** s: the loss without them. */
  readonly smooth: Value;
  /** h, with norms whose derivative is 0 where they are 0. */
  readonly loss: Value;
}

type Kink = Omit<Penalty, 'weight'>;

/** Takes a loss apart. What is left in `smooth` may have kinks of its own. */
export function split(b: Builder, loss: Value, params: readonly Value[]): Split {
  const { nodes } = reach([loss], params);
  const kinks = nodes.flatMap(({ outputs: [v] }) => (v === undefined ? [] : (absoluteValue(b, v, params) ?? norm(v, params) ?? [])));
  const found = kinks.filter((kink) => weightOf(b, loss, [kink], params) !== undefined);
  const weights = found.length === 0 ? undefined : weightOf(b, loss, found, params);
  if (weights === undefined) return { penalties: [], smooth: loss, loss };
  const penalties = found.map((kink, i) => ({ ...kink, weight: given(weights[i]) }));
  return {
    penalties,
    smooth: replaceOne(b, loss, new Map(found.map(({ kink }) => [kink, b.zeros(kink.type.shape)]))),
    loss: replaceOne(b, loss, new Map(found.flatMap(({ kind, kink }) => (kind === 'norm' ? [[kink, safeNorm(b, kink)]] : [])))),
  };
}

/** The coefficients of kinks in which the loss is affine; `undefined` where it is not, or where a param reaches a coefficient. */
function weightOf(b: Builder, loss: Value, kinks: readonly Kink[], params: readonly Value[]): readonly Value[] | undefined {
  const stand = kinks.map(({ kink }) => b.input('kink', 'state', kink.type));
  const affine = replaceOne(b, loss, new Map(kinks.map(({ kink }, i) => [kink, given(stand[i])])));
  if (factsIn(b, affine, stand, new Map()).degree > 1) return undefined;
  const weights = gradient(b, affine, stand);
  const { depends } = reach(weights, [...params, ...stand]);
  return weights.some(depends) ? undefined : weights;
}

/** |w − a| or |a − w| of a whole param w. */
function absoluteValue(b: Builder, v: Value, params: readonly Value[]): Kink | undefined {
  const [inside] = v.node.inputs;
  if (v.node.op !== 'abs' || inside === undefined) return undefined;
  const inputs = new Set(ancestors([inside]).flatMap((node) => node.outputs));
  const [param, ...others] = params.flatMap((p, i) => (inputs.has(p) ? [i] : []));
  const w = param === undefined ? undefined : params[param];
  if (param === undefined || w === undefined || others.length > 0 || !b.sameShape(w.type.shape, inside.type.shape)) return undefined;
  const tangent = b.input('tangent', 'state', w.type);
  const [slope] = jvp(b, [inside], new Map([[w, tangent]]));
  // w or −w, and something that no param reaches.
  const rises = slope === tangent;
  if (slope === undefined || (!rises && b.neg(slope) !== tangent)) return undefined;
  const rest = replaceOne(b, inside, new Map([[w, b.zeros(w.type.shape)]]));
  const centre = inside === w || b.neg(inside) === w ? {} : { centre: rises ? b.neg(rest) : rest };
  return { kind: 'l1', param, kink: v, axes: [], ...centre, ...spanOf(v) };
}

/** √(Σ W²) of a whole param W. */
function norm(v: Value, params: readonly Value[]): Kink | undefined {
  const [sum] = v.node.inputs;
  if (v.node.op !== 'sqrt' || sum === undefined) return undefined;
  const { op, inputs, attributes } = sum.node;
  const squares = op === 'reduce_sum' ? inputs[0]?.node : sum.node;
  const [left, right] = squares?.inputs ?? [];
  const param = left === undefined || left !== right ? -1 : params.indexOf(left);
  if (squares === undefined || param < 0) return undefined;
  const found = (axes: readonly number[]): Kink => ({ kind: 'norm', param, kink: v, axes, ...spanOf(v) });
  if (op === 'reduce_sum') return squares.op === 'mul' && attributes.axes !== undefined ? found(attributes.axes) : undefined;
  const [contract, batch] = [attributes.contract, attributes.batch];
  const same = (pair: readonly [readonly number[], readonly number[]] | undefined): boolean => pair?.[0].join() === pair?.[1].join();
  return op === 'dot_general' &&
    contract !== undefined &&
    batch?.[0].length === 0 &&
    same(contract) &&
    contract[0].length === left?.type.shape.length
    ? found(contract[0])
    : undefined;
}

const spanOf = ({ node: { span } }: Value): { span?: Span } => (span === undefined ? {} : { span });

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
