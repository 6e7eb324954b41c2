/** Positions of which the page does not say whether they are there, for it does not say how long their axes are. */
import { evaluate, literal, namesOf, number, substitute, subtract, type Dim } from '../ir/dims.ts';
import type { PositionInfo } from '../program.ts';
import type { Context } from './context.ts';

/** The least that a polynomial can be, every dim being 1 or more; undefined where it may fall as dims grow. */
const leastOf = (dim: Dim): number | undefined =>
  dim.terms.some(({ coefficient, names }) => names.length > 0 && coefficient < 0)
    ? undefined
    : literal(substitute(dim, new Map(namesOf(dim).map((name) => [name, number(1)]))));

const isCertain = ({ at, size }: PositionInfo): boolean => (leastOf(at) ?? -1) >= 0 && (leastOf(subtract(size, at)) ?? 0) >= 1;

/** Those that only data can decide about, each once. `names`: the dims and index sets of the problem; functions on their own have others. */
export function undecided({ b, positions }: Context, names: ReadonlySet<string>): readonly PositionInfo[] {
  const open = positions.filter((position) => {
    const { at, size } = position;
    const isKnown = evaluate(subtract(size, at), b.fixed) !== undefined && evaluate(at, b.fixed) !== undefined;
    return !isKnown && !isCertain(position) && [at, size].flatMap(namesOf).every((name) => names.has(name));
  });
  const once = new Map(
    open.map((position) => [`${position.at.key} ${position.size.key} ${position.span.file} ${position.span.start}`, position]),
  );
  return [...once.values()];
}
