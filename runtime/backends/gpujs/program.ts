/** The one kernel behind most ops: a program (`calls/terms.ts`) as the text of a function of gpu.js, whose dialect is here. */
import { areTold, elementsIn } from '../calls/affine.ts';
import { inQuads, lanes, type Layout } from '../calls/quads.ts';
import { longSumInParts, programRun as runOf, type InParts } from '../calls/parts.ts';
import { hasReduction, termsIn, type Lazy, type Program } from '../calls/terms.ts';
import { textOf, type Dialect, type Text } from '../calls/text.ts';
import { formulas, infinity, literal, notANumber } from './formulas.ts';
import { coordinates } from './positions.ts';
import { beside, empty, hold, release, tensorOf, type GpuTensor } from './tensor.ts';
import type { Mode } from './library.ts';
import { mostOperands, type KernelText, type Run, type Workshop } from './workshop.ts';

/** Ready to be run on its operands. */
export const programRun = (shop: Workshop, program: Program): Run =>
  runOf(
    {
      kernel: (own) => sideBySideRun(shop, [own]),
      empty,
      same: hold,
      part: (tensor, from, shape) => shop.run(tensor, from, elementsIn(shape)),
      free: release,
      mostOperands,
      hasParts: ({ operands }) => !shop.isHost && areAllTold(operands),
    },
    program,
  );

/** Of parts of a sum a thread's own number is not the result's: with very many elements it would be taken apart in float32. */
const areAllTold = (operands: readonly number[]): boolean => operands.every(areTold);

/** Of a sum that is too long for one kernel of a GPU. */
export function partsOf(lazy: Lazy, source: number): InParts | undefined {
  const lengths = termsIn(lazy.term).flatMap((of) => (of.is === 'read' ? [of.elements] : []));
  return areAllTold(lengths) ? longSumInParts(lazy, source) : undefined;
}

/** Programs of the same operands, their results one behind the other. What they read in quads is laid out by kernels ahead. */
export function sideBySideRun(shop: Workshop, programs: readonly Program[]): Run {
  const laidOut = shop.quads === undefined ? undefined : inQuads(programs, shop.quads);
  if (laidOut === undefined) return oneKernel(shop, programs);
  const { layouts, sources } = laidOut;
  const run = oneKernel(shop, laidOut.programs);
  const layers = layouts.map((layout) => layingOut(shop, layout));
  return (operands) => {
    const made: GpuTensor[] = [];
    try {
      for (const layer of layers) made.push(layer(operands));
      const all = [...operands, ...made];
      return run(sources.map((source) => all[source] as GpuTensor));
    } finally {
      made.forEach(release);
    }
  };
}

/** Of an operand that lasts it is done once. */
function layingOut(shop: Workshop, { operand, quads, isLasting, name }: Layout): Run {
  const dialect = dialectOf(shop.mode);
  const texts = quads.map((program, lane) => textOf(program, dialect, { prefix: `p${lane}` }));
  const [{ shape, operands } = { shape: [], operands: [] }] = quads;
  const body = [...texts.flatMap(({ lines }) => lines), `return [${texts.map(({ result }) => result).join(', ')}];`].join('\n');
  const run = shop.kernel({ body, length: elementsIn(shape), operands });
  return (tensors) => {
    const tensor = tensors[operand] as GpuTensor;
    return isLasting ? beside(tensor, name, () => run([tensor])) : run([tensor]);
  };
}

function oneKernel(shop: Workshop, programs: readonly Program[]): Run {
  const dialect = dialectOf(shop.mode);
  const [only, ...others] = programs;
  if (only !== undefined && others.length === 0) return shop.kernel(aloneText(shop, only, dialect));
  const counts = programs.map(({ shape }) => elementsIn(shape));
  const ends = counts.map((_, i) => counts.slice(0, i + 1).reduce((a, b) => a + b, 0));
  const body = programs.map((program, i) => {
    const start = (ends[i] ?? 0) - (counts[i] ?? 0);
    const thread = start === 0 ? dialect.thread : `(${dialect.thread} - ${start})`;
    const own = bodyOf(textOf(program, dialect, { thread, prefix: `p${i}` }));
    return i === programs.length - 1 ? own : `if (${dialect.thread} < ${ends[i] ?? 0}) {\n${own}\n}`;
  });
  return shop.kernel({ body: body.join('\n'), length: ends.at(-1) ?? 0, operands: programs[0]?.operands ?? [] });
}

function aloneText(shop: Workshop, program: Program, dialect: Dialect): KernelText {
  const { width, ...text } = textOf(program, dialect);
  const own = { body: bodyOf(text), length: elementsIn(program.shape), operands: program.operands };
  if (width !== undefined) return { ...own, width };
  return shop.isHost && !shop.isJavaScript && isFilledUp(program) ? filledUp(own, program, dialect) : own;
}

/** Where what is left over of fours would take long, and float32 tells its positions apart. */
const isFilledUp = ({ shape, term, operands }: Program): boolean =>
  elementsIn(shape) > lanes && elementsIn(shape) % lanes > 0 && areAllTold(operands) && hasReduction(term);

/** WebAssembly computes four threads at once, and the others one by one, each of which takes as long: some more compute the last element again. */
function filledUp(own: KernelText, program: Program, dialect: Dialect): KernelText {
  const thread = 't';
  const body = bodyOf(textOf(program, dialect, { thread }));
  return {
    ...own,
    body: `let ${thread} = Math.min(${dialect.thread}, ${own.length - 1});\n${body}`,
    threads: Math.ceil(own.length / lanes) * lanes,
  };
}

const bodyOf = ({ lines, result }: Text): string => [...lines, `return ${result};`].join('\n');

/** The same everywhere. */
export function filled(shop: Workshop, count: number, value: number): Run {
  if (shop.isHost || count === 0) return () => tensorOf(new Float32Array(count).fill(value), count);
  const run = shop.kernel({ body: `return ${numberText(value)};`, length: count, operands: [] });
  return () => run([]);
}

const numberText = (value: number): string => {
  const single = Math.fround(value);
  return Number.isFinite(single) ? literal(single) : Number.isNaN(single) ? notANumber : `${single < 0 ? '-' : ''}${infinity}`;
};

/** WebAssembly computes four threads of a row at once, and what is left of it one by one; what is the same along a row it reads once. */
const areFilled = (width: number): boolean => width % 4 === 0 || width >= 16;

/**
 * In JavaScript a variable of whole numbers stays one, and sums of such are not looked through for overflow where they are said to be whole; elsewhere
 * variables are float32, in WebAssembly loop counters too. WGSL takes one back to a whole number ahead of a sum of places, which it otherwise does behind
 * each, slowly; GLSL and WebAssembly are the slower for it.
 */
export function dialectOf(mode: Mode): Dialect {
  const isJavaScript = mode === 'cpu';
  const whole = (place: string): string => `(${place}) | 0`;
  return {
    thread: 'this.thread.x',
    ...(mode === 'webasm' ? { rows: { thread: 'this.thread.y', mayBe: areFilled } } : {}),
    coordinates: (sizes, thread, prefix) => coordinates(sizes, isJavaScript, thread, prefix),
    declared: (name, _kind, value) => `let ${name} = ${value};`,
    kept: (place) => (isJavaScript ? whole(place) : `1.0 * (${place})`),
    whole: (variable) => (mode === 'webgpu' ? `(${variable} | 0)` : variable),
    held: (condition, place) => `(${condition} ? ${place} : 0.0)`,
    toReal: (place) => `1.0 * (${place})`,
    number: numberText,
    read: (operand, place) => `a${operand}[${isJavaScript ? whole(place) : place}]`,
    quad: (name, operand, place) => `let ${name} = a${operand}[${place}];`,
    formulas,
    raised: (to, value) => `${to} = (${value} > ${to} ? ${value} : (${value} <= ${to} ? ${to} : ${value} + ${to}));`,
    isFloat64: isJavaScript,
    areCountersWhole: mode !== 'webasm',
    areVariablesWhole: isJavaScript,
  };
}
