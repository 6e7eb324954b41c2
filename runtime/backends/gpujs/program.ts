/** The one kernel behind most ops: a program (`calls/terms.ts`) as the text of a function of gpu.js, whose dialect is here. */
import { areTold, elementsIn } from '../calls/affine.ts';
import { longSumInParts, programRun as runOf, type InParts } from '../calls/parts.ts';
import { termsIn, type Lazy, type Program } from '../calls/terms.ts';
import { textOf, type Dialect, type Place } from '../calls/text.ts';
import { formulas, infinity, literal, notANumber } from './formulas.ts';
import { coordinates } from './positions.ts';
import { empty, hold, release, tensorOf } from './tensor.ts';
import { mostOperands, type Run, type Workshop } from './workshop.ts';

/** Ready to be run on its operands. */
export const programRun = (shop: Workshop, program: Program): Run =>
  runOf(
    {
      kernel: (own) => shop.kernel({ body: bodyOf(own, dialectOf(shop)), length: elementsIn(own.shape), operands: own.operands }),
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

/** Programs of the same operands, their results one behind the other. */
export function sideBySideRun(shop: Workshop, programs: readonly Program[]): Run {
  const dialect = dialectOf(shop);
  const counts = programs.map(({ shape }) => elementsIn(shape));
  const ends = counts.map((_, i) => counts.slice(0, i + 1).reduce((a, b) => a + b, 0));
  const body = programs.map((program, i) => {
    const start = (ends[i] ?? 0) - (counts[i] ?? 0);
    const own = bodyOf(program, dialect, {
      thread: start === 0 ? dialect.thread : `(${dialect.thread} - ${start})`,
      prefix: `p${i}`,
    });
    return i === programs.length - 1 ? own : `if (${dialect.thread} < ${ends[i] ?? 0}) {\n${own}\n}`;
  });
  return shop.kernel({ body: body.join('\n'), length: ends.at(-1) ?? 0, operands: programs[0]?.operands ?? [] });
}

function bodyOf(program: Program, dialect: Dialect, place: Place = {}): string {
  const { lines, result } = textOf(program, dialect, place);
  return [...lines, `return ${result};`].join('\n');
}

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

/** In JavaScript a variable of whole numbers stays one; elsewhere variables are float32, in WebAssembly loop counters too. */
export const dialectOf = ({ isHost, isJavaScript }: Pick<Workshop, 'isHost' | 'isJavaScript'>): Dialect => ({
  thread: 'this.thread.x',
  coordinates: (sizes, thread, prefix) => coordinates(sizes, isJavaScript, thread, prefix),
  declared: (name, _kind, value) => `let ${name} = ${value};`,
  kept: (place) => (isJavaScript ? `(${place}) | 0` : `1.0 * (${place})`),
  held: (condition, place) => `(${condition} ? ${place} : 0.0)`,
  toReal: (place) => `1.0 * (${place})`,
  number: numberText,
  read: (operand, place) => `a${operand}[${place}]`,
  formulas,
  raised: (to, value) => `${to} = (${value} > ${to} ? ${value} : (${value} <= ${to} ? ${to} : ${value} + ${to}));`,
  isFloat64: isJavaScript,
  areCountersWhole: isJavaScript || !isHost,
  areVariablesWhole: isJavaScript,
});
