/**
 * Sums that read their tensors four elements at a time (decision 033). A device that holds four numbers as one reads them by one request: what a
 * sum walks along is laid out for it, rows filled up to whole quads, by a kernel ahead of it. Terms alone; runs nothing.
 */
import { areTold, elementsIn, rowMajor } from './affine.ts';
import { renumbered, rewritten, sourcesOf, termsIn, type Program, type Read, type Term } from './terms.ts';

/** Elements of a quad. */
export const lanes = 4;

/** What a kernel leaves of an operand, as quads. */
export interface Layout {
  readonly operand: number;
  /** At each position of a shape the four elements of a quad. Their one source is the operand, as 0. */
  readonly quads: readonly Program[];
  /** The operand stays: what is made of it may be kept beside it, by this name. */
  readonly isLasting: boolean;
  readonly name: string;
}

/** Programs that read layouts, and what they read now: operands, and behind them the layouts. */
export interface InQuads {
  readonly programs: readonly Program[];
  readonly layouts: readonly Layout[];
  readonly sources: readonly number[];
}

/** In additions; one read is about one. */
export interface QuadCosts {
  /** Of one more kernel, and of each element that it leaves. */
  readonly dispatch: number;
  readonly element: number;
  /** How many tensors a kernel may read. */
  readonly mostOperands: number;
}

/** Of programs that read the same operands. Undefined where nothing is worth it. */
export function inQuads(programs: readonly Program[], costs: QuadCosts): InQuads | undefined {
  const operands = programs[0]?.operands ?? [];
  const wishes = [...wishesOf(programs).values()].filter((wish) => isWorth(wish, costs)).toSorted((a, b) => b.reads - a.reads);
  let granted: readonly Wish[] = [];
  for (const wish of wishes) {
    const more = [...granted, wish];
    if (sourcesOfAll(granting(programs, operands.length, more)).length <= costs.mostOperands) granted = more;
  }
  if (granted.length === 0) return undefined;
  const terms = granting(programs, operands.length, granted);
  const sources = sourcesOfAll(terms);
  const lengths = [...operands, ...granted.map(({ layout }) => elementsOf(layout))];
  return {
    programs: programs.map(({ shape }, i) => ({
      shape,
      term: renumbered(terms[i] as Term, sources),
      operands: sources.map((source) => lengths[source] ?? 0),
    })),
    layouts: granted.map(({ layout }) => layout),
    sources,
  };
}

/** A layout that sums would read, how often in all, and in the place of which reads. */
interface Wish {
  readonly layout: Layout;
  readonly of: Map<Read, Read>;
  reads: number;
}

/** A sum of fewer terms is not worth asking for. */
const shortest = 2 * lanes;

function wishesOf(programs: readonly Program[]): ReadonlyMap<string, Wish> {
  const wishes = new Map<string, Wish>();
  for (const { shape, term } of programs)
    for (const { sizes, of } of termsIn(term).filter((own) => own.is === 'reduce')) {
      const [length = 0, ...further] = sizes;
      if (further.length > 0 || length < shortest) continue;
      for (const read of termsIn(of).filter((own) => own.is === 'read')) {
        if (read.where !== undefined || (read.at.strides[shape.length] ?? 0) === 0) continue;
        const { layout, own } = laidOut(read, shape, length);
        // A kernel that lays out takes positions apart, in float32.
        if (!areTold(read.elements) || !areTold(elementsOf(layout))) continue;
        const key = `${layout.operand}: ${layout.name}`;
        const wish = wishes.get(key) ?? { layout, of: new Map<Read, Read>(), reads: 0 };
        wish.of.set(read, own);
        wish.reads += elementsIn(shape) * length;
        wishes.set(key, wish);
      }
    }
  return wishes;
}

/** Rows are the axes along which something moves; each has as many quads as it takes. */
function laidOut(read: Read, shape: readonly number[], length: number): { readonly layout: Layout; readonly own: Read } {
  const { source, elements, at, isLasting = false } = read;
  const rows = shape.flatMap((size, axis) => (size === 1 || at.strides[axis] === 0 ? [] : [axis]));
  const along = at.strides[shape.length] ?? 0;
  const count = Math.ceil(length / lanes);
  const sizes = [...rows.map((axis) => shape[axis] ?? 1), count];
  const steps = rows.map((axis) => at.strides[axis] ?? 0);
  const quads = Array.from({ length: lanes }, (_, lane): Program => {
    const place: Read = { is: 'read', source: 0, elements, at: { offset: at.offset + lane * along, strides: [...steps, lanes * along] } };
    const whole = Math.ceil((length - lane) / lanes);
    return { shape: sizes, term: whole === count ? place : { ...place, where: isBefore(whole, rows.length) }, operands: [elements] };
  });
  const starts = rowMajor(sizes);
  const strides = shape.map((_, axis) => lanes * (starts[rows.indexOf(axis)] ?? 0));
  return {
    layout: { operand: source, quads, isLasting, name: [at.offset, along, sizes.join('x'), steps.join('x')].join() },
    own: { is: 'read', source, elements: lanes * elementsIn(sizes), at: { offset: 0, strides: [...strides, 1] }, isInQuads: true },
  };
}

/** Whether the position along the last axis, after so many others, is below a number. */
const isBefore = (end: number, others: number): Term => ({
  is: 'apply',
  op: 'less',
  operands: [
    { is: 'position', at: { offset: 0, strides: [...Array.from({ length: others }, () => 0), 1] } },
    { is: 'number', value: end },
  ],
});

const elementsOf = ({ quads }: Layout): number => lanes * elementsIn(quads[0]?.shape ?? []);

/** What is laid out once is paid for by so many runs. */
const manyRuns = 16;

function isWorth({ layout, reads }: Wish, { dispatch, element }: QuadCosts): boolean {
  const spared = reads * (1 - 1 / lanes);
  return spared * (layout.isLasting ? manyRuns : 1) > dispatch + elementsOf(layout) * (1 + element);
}

/** The programs' terms, with sources behind the operands for what has been granted. */
function granting(programs: readonly Program[], operands: number, granted: readonly Wish[]): readonly Term[] {
  const reads = new Map(granted.flatMap(({ of }, i) => [...of].map(([read, own]) => [read, { ...own, source: operands + i }] as const)));
  return programs.map(
    ({ term }) =>
      rewritten(term, (of) => {
        const own = of.is === 'read' ? reads.get(of) : undefined;
        return own ?? (of.is === 'read' ? of : 'inside');
      }) ?? term,
  );
}

const sourcesOfAll = (terms: readonly Term[]): readonly number[] => [...new Set(terms.flatMap(sourcesOf))];
