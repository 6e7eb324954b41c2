/** The one kernel behind most ops: a program (`calls/terms.ts`) as the text of a function of gpu.js, whose dialect is here. */
import { areTold, elementsIn } from '../calls/affine.ts';
import { programRun as runOf } from '../calls/parts.ts';
import type { Program } from '../calls/terms.ts';
import { textOf, type Dialect } from '../calls/text.ts';
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
      free: release,
      mostOperands,
      // Of parts of a sum a thread's own number is not the result's: with very many elements it would be taken apart in float32.
      hasParts: ({ operands }) => !shop.isHost && operands.every(areTold),
    },
    program,
  );

function bodyOf(program: Program, dialect: Dialect): string {
  const { lines, result } = textOf(program, dialect);
  return [...lines, `return ${result};`].join('\n');
}

/** The same everywhere. */
export function filled(shop: Workshop, count: number, value: number): Run {
  if (shop.isHost || count === 0) return () => tensorOf(new Float32Array(count).fill(value), count);
  const run = shop.kernel({ body: `return ${numberText(value)};`, length: count, operands: [] });
  return () => run([]);
}

const numberText = (value: number): string =>
  Number.isFinite(value) ? literal(value) : Number.isNaN(value) ? notANumber : `${value < 0 ? '-' : ''}${infinity}`;

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
