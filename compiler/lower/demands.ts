/**
 * What the page asks of sizes and data that are known only when it is bound: that a range ends within its axis, that data which stand in
 * an index are positions there. What holds at every size is not asked. Knows nothing of how it is checked.
 */
import type { Span } from '../../diagnostics/diagnostic.ts';
import { evaluate, namesOf, one, subtract, type Dim, type Sizes } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { DataInfo, PositionDemand, Demands, SizeDemand } from '../program.ts';
import { placeOf, type Context } from './context.ts';

/** That a size is at least 1. */
export function demandSize(c: Context, size: Dim, span: Span): void {
  if (!isNeverBelow(subtract(size, one), c.b.fixed)) c.demands.sizes.push({ to: size, ...spansOf(c, span) });
}

/** That a range goes from one position to another one, not before it, of an axis; without an axis, from one number to another one. */
export function demandRange(c: Context, from: Dim, to: Dim, of: Dim | undefined, span: Span): void {
  const isKnown = isNeverBelow(subtract(to, from), c.b.fixed) && (of === undefined || isWithin(from, to, of, c.b.fixed));
  if (!isKnown) c.demands.sizes.push({ from, to, ...(of === undefined ? {} : { of }), ...spansOf(c, span) });
}

const isWithin = (from: Dim, to: Dim, of: Dim, fixed: Sizes): boolean =>
  isNeverBelow(from, fixed) && isNeverBelow(subtract(subtract(of, one), to), fixed);

/** Whether a polynomial is at least 0 wherever every name that has no value is at least 1. Cannot tell all that are. */
function isNeverBelow(p: Dim, fixed: Sizes): boolean {
  const open = p.terms.filter(({ names }) => names.some((name) => !fixed.has(name)));
  const least = evaluate(p, new Map([...namesOf(p).map((name) => [name, 1] as const), ...fixed]));
  return least !== undefined && least >= 0 && open.every(({ coefficient }) => coefficient >= 0);
}

/**
 * That data which are the index of an axis, or those of them that an index set picks, are positions of it. False where the index is made of
 * data in another way, and nothing can be asked before it is computed.
 */
export function demandPositions(c: Context, index: Value, of: Dim, span: Span): boolean {
  const source = dataOf(c, index);
  if (source !== undefined) c.demands.positions.push({ ...source, of, ...spansOf(c, span) });
  return source !== undefined;
}

function dataOf(c: Context, value: Value): Pick<PositionDemand, 'data' | 'among'> | undefined {
  const { op, attributes, inputs } = value.node;
  if (op === 'input' && attributes.name?.startsWith('data:') === true) return { data: attributes.name.slice('data:'.length) };
  const [first, second] = inputs;
  if (op !== 'gather' || attributes.axis !== 0 || first === undefined || second === undefined) return undefined;
  const among = c.sets.get(second)?.name;
  const { data, among: before } = dataOf(c, first) ?? {};
  return data === undefined || before !== undefined || among === undefined ? undefined : { data, among };
}

/** In the page, with the call of the function that it stands in. */
const spansOf = (c: Context, span: Span): Pick<SizeDemand, 'span' | 'call'> => {
  const place = placeOf(c, span);
  const [call] = c.calls;
  return call === undefined || call.span === place ? { span: place } : { span: place, call: call.span };
};

/** Those that speak of what a problem binds, each once: a function is also looked at on its own, where its dims are nobody’s. */
export function demandsOf({ b, demands }: Context, known: ReadonlySet<string>, data: readonly DataInfo[]): Demands {
  const speaks = (dims: readonly (Dim | undefined)[]): boolean =>
    dims.every((dim) => dim === undefined || namesOf(dim).every((name) => known.has(name)));
  const isDeclared = ({ data: name, of }: PositionDemand): boolean => {
    const [low, high] = data.find((each) => each.name === name)?.interval ?? [];
    return low !== undefined && high !== undefined && isWithin(low, high, of, b.fixed);
  };
  return {
    sizes: once(
      demands.sizes.filter(({ from, to, of }) => speaks([from, to, of])),
      ({ from, to, of }) => `${from?.key} ${to.key} ${of?.key}`,
    ),
    positions: once(
      demands.positions.filter(({ of }) => speaks([of])),
      ({ data: name, among, of }) => `${name} ${among} ${of.key}`,
    ).map((demand) => ({ ...demand, isDeclared: isDeclared(demand) })),
  };
}

const once = <Each>(all: readonly Each[], idOf: (each: Each) => string): Each[] => [
  ...new Map(all.map((each) => [idOf(each), each])).values(),
];
