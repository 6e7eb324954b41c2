/**
 * The one kernel behind most ops: elements read through strides, a chain of pointwise ops on them, and a sum or a maximum over some axes or none. A pointwise
 * op is a chain of one, a transpose a chain of none, a product of matrices the sum of a chain that multiplies.
 */
import type { PointwiseOp } from '../../../plan/op-names.ts';
import { formulas, infinity, literal, notANumber } from './formulas.ts';
import { affine, collapsed, coordinates, elementsIn, type Axis } from './positions.ts';
import { empty, release, tensorOf } from './tensor.ts';
import type { Run, Workshop } from './workshop.ts';

/** What is read at a position: `offset + Σ coordinate · stride`, over the domain’s axes and then the reduced ones. */
export interface Read {
  /** Which operand; none: the number itself. */
  readonly operand?: number;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Operands count the reads first, then the steps. */
export interface ProgramStep {
  readonly op: PointwiseOp;
  readonly operands: readonly number[];
}

export type Reduction = 'sum' | 'max';

export interface Program {
  /** The result’s axes. */
  readonly domain: readonly number[];
  readonly reduced: readonly number[];
  readonly reduction?: Reduction;
  readonly reads: readonly Read[];
  /** The last one is the result; without steps the last read is. */
  readonly steps: readonly ProgramStep[];
  /** How many elements each operand has. */
  readonly operands: readonly number[];
}

/** From so many terms on, sums are taken in blocks, one kernel adding up what another has left: long sums stay accurate, and short results keep a device busy. */
const longest = 512;
const block = 256;
/** With so many results a device is busy anyway, and blocks are taken one after the other. */
const manyResults = 8192;

/** Ready to be run on its operands. */
export function programRun(shop: Workshop, program: Program): Run {
  const { domain, reduced, reduction } = program;
  const count = elementsIn(domain);
  if (count === 0) return empty;
  if (elementsIn(reduced) === 0) return filled(shop, count, reduction === 'max' ? -Infinity : 0);
  const axesOf = (sizes: readonly number[], from: number): readonly Axis[] =>
    collapsed(sizes.map((size, i) => ({ size, strides: program.reads.map((read) => read.strides[from + i] ?? 0) })));
  const plan = split(axesOf(domain, 0), axesOf(reduced, domain.length), count);
  const body = bodyOf(program, plan);
  const length = elementsIn(plan.domain.map((axis) => axis.size));
  const first = shop.kernel({ body, length, operands: program.operands });
  if (plan.parts === undefined || reduction === undefined) return first;
  const second = programRun(shop, partialResults(plan, reduction));
  return (operands) => {
    const partial = first(operands);
    const result = second([partial]);
    release(partial);
    return result;
  };
}

/** The same everywhere. */
export function filled(shop: Workshop, count: number, value: number): Run {
  if (shop.isHost || count === 0) return () => tensorOf(new Float32Array(count).fill(value), count);
  const text = Number.isFinite(value) ? literal(value) : Number.isNaN(value) ? notANumber : `${value < 0 ? '-' : ''}${infinity}`;
  const run = shop.kernel({ body: `return ${text};`, length: count, operands: [] });
  return () => run([]);
}

/** How a reduction is walked. */
interface Plan {
  readonly domain: readonly Axis[];
  readonly loops: readonly Loop[];
  /** Which axis of the domain holds partial results, to be reduced further. */
  readonly parts?: number;
}

interface Loop {
  readonly axis: Axis;
  /** Some of the positions lie beyond the end: those at which this is not below `bound`. */
  readonly guard?: { readonly bound: number; readonly outer: number | 'part'; readonly outerStep: number; readonly step: number };
}

/** The longest of the reduced axes in two, where there is too much to add up in one go. */
function split(domain: readonly Axis[], reduced: readonly Axis[], count: number): Plan {
  const terms = elementsIn(reduced.map((axis) => axis.size));
  if (terms <= longest) return { domain, loops: reduced.map((axis) => ({ axis })) };
  const at = reduced.reduce((best, axis, i) => (axis.size > (reduced[best]?.size ?? 0) ? i : best), 0);
  const axis = reduced[at] as Axis;
  const others = reduced.filter((_, i) => i !== at).map((other) => ({ axis: other }));
  const length = Math.max(1, Math.ceil(block / (terms / axis.size)));
  const rows = Math.ceil(axis.size / Math.ceil(axis.size / length));
  const parts = Math.ceil(axis.size / rows);
  const times = (by: number): readonly number[] => axis.strides.map((stride) => stride * by);
  const reach = (a: Axis | undefined): number =>
    a === undefined ? Infinity : a.strides.reduce((sum, stride) => sum + Math.abs(stride), 0);
  const isInLoop = count >= manyResults || parts === 1;
  // Neighbouring threads read neighbours: parts are the last axis where the reduced axis is the closer one, and then each takes every so manyth.
  const isInterleaved = !isInLoop && reach(axis) < reach(domain.at(-1));
  const [outerStep, step] = isInterleaved ? [1, parts] : [rows, 1];
  const outer = { size: parts, strides: times(outerStep) };
  const inner: Axis = { size: rows, strides: times(step) };
  const guarded = (place: number | 'part'): Loop =>
    parts * rows === axis.size ? { axis: inner } : { axis: inner, guard: { bound: axis.size, outer: place, outerStep, step } };
  if (isInLoop) return { domain, loops: [...others, { axis: outer }, guarded(others.length)] };
  return {
    domain: isInterleaved ? [...domain, outer] : [outer, ...domain],
    loops: [...others, guarded('part')],
    parts: isInterleaved ? domain.length : 0,
  };
}

/** The second kernel: over what the first has left. */
function partialResults({ domain, parts = 0 }: Plan, reduction: Reduction): Program {
  const sizes = domain.map((axis) => axis.size);
  const [before, after] = [elementsIn(sizes.slice(0, parts)), elementsIn(sizes.slice(parts + 1))];
  const count = sizes[parts] ?? 1;
  return {
    domain: [before, after],
    reduced: [count],
    reduction,
    reads: [{ operand: 0, offset: 0, strides: [count * after, 1, after] }],
    steps: [],
    operands: [before * count * after],
  };
}

function bodyOf(program: Program, { domain, loops, parts }: Plan): string {
  const place = coordinates(domain.map((axis) => axis.size));
  const counters = loops.map((_, i) => `i${i}`);
  const terms = (read: number, from: readonly Loop[], names: readonly string[]): readonly (readonly [string, number])[] => [
    ...domain.map((axis, i) => [place.names[i] ?? '0', axis.strides[read] ?? 0] as const),
    ...from.map((loop, i) => [names[i] ?? '0', loop.axis.strides[read] ?? 0] as const),
  ];
  const { reduction } = program;
  if (reduction === undefined) {
    const { lines, result } = chain(program, (read) => terms(read, [], []));
    return [...place.lines, ...lines, `return ${result};`].join('\n');
  }
  // The innermost counter of a guarded loop is held inside; what it would have read beyond counts for nothing.
  const inner = loops.at(-1);
  const guard = inner?.guard;
  const isInside = 'isInside';
  const held = guard === undefined ? counters : [...counters.slice(0, -1), 'inside'];
  const { lines, result } = chain(program, (read) => terms(read, loops, held));
  const guardLines =
    guard === undefined
      ? []
      : [
          `let ${isInside} = (${affine(0, [
            [guard.outer === 'part' ? (place.names[parts ?? 0] ?? '0') : (counters[guard.outer] ?? '0'), guard.outerStep],
            [counters.at(-1) ?? '0', guard.step],
          ])} < ${guard.bound} ? 1.0 : 0.0);`,
          // The first of its row is always inside.
          `let counter = ${counters.at(-1) ?? '0'};`,
          `let inside = (${isInside} > 0.5 ? counter : 0.0);`,
        ];
  const add = (to: string, value: string): string =>
    reduction === 'sum'
      ? `${to} = ${to} + ${value};`
      : `${to} = (${value} > ${to} ? ${value} : (${value} <= ${to} ? ${to} : ${value} + ${to}));`;
  const none = reduction === 'sum' ? '0.0' : `-${infinity}`;
  const counted = guard === undefined ? [] : [`let counted = (${isInside} > 0.5 ? ${result} : ${none});`];
  const open = (i: number): string => `for (let i${i} = 0; i${i} < ${loops[i]?.axis.size ?? 0}; i${i}++) {`;
  const innermost = [...guardLines, ...lines, ...counted];
  const value = guard === undefined ? result : 'counted';
  if (loops.length === 0) return [...place.lines, ...innermost, `return ${value};`].join('\n');
  // The innermost loop adds up by itself first: blocks of a long sum.
  const last = loops.length - 1;
  return [
    ...place.lines,
    `let total = ${none};`,
    ...loops.slice(0, -1).map((_, i) => open(i)),
    `let part = ${none};`,
    open(last),
    ...innermost,
    add('part', value),
    '}',
    add('total', 'part'),
    ...loops.slice(0, -1).map(() => '}'),
    'return total;',
  ].join('\n');
}

/** The reads and the steps, as variables `v0`, `v1`, … */
function chain(
  { reads, steps }: Program,
  terms: (read: number) => readonly (readonly [string, number])[],
): { readonly lines: readonly string[]; readonly result: string } {
  const lines = reads.map(({ operand, offset }, i) => {
    const position = affine(offset, terms(i));
    return operand === undefined ? `let v${i} = 1.0 * (${position});` : `let v${i} = a${operand}[${position}];`;
  });
  steps.forEach(({ op, operands }, i) => {
    const [x = '', y = '', z = ''] = operands.map((o) => `v${o}`);
    lines.push(...formulas[op](`v${reads.length + i}`, x, y, z));
  });
  return { lines, result: `v${reads.length + steps.length - 1}` };
}

/** Runs that need one operand only may give it back as it is: its elements are in this order already. */
export function isSame(program: Program): boolean {
  const [read] = program.reads;
  if (read === undefined || program.reads.length > 1 || program.steps.length > 0 || program.reduced.length > 0 || read.offset !== 0)
    return false;
  if (elementsIn(program.domain) !== (program.operands[0] ?? 0)) return false;
  const axes = collapsed(program.domain.map((size, i) => ({ size, strides: [read.strides[i] ?? 0] })));
  return axes.length === 0 || (axes.length === 1 && axes[0]?.strides[0] === 1);
}
