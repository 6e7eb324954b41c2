/**
 * Positions as text. A kernel knows the number of the element that it computes; where several axes are walked with strides of their own, it is
 * taken apart. gpu.js keeps variables in float32, so such numbers must stay below 2^24; `this.thread.x` itself is a whole number, and so are
 * loop counters, but in WebAssembly.
 */
import { assertTold, elementsIn } from '../calls/affine.ts';
import { literal } from './formulas.ts';

/** Up to this many, one rounded quotient is exact; then a second takes what is left. */
const surely = 2 ** 20;

const rounded = (dividend: string, divisor: number): string => `Math.floor((${dividend} + 0.5) / ${literal(divisor)})`;

/**
 * Statements that declare the coordinates of element `thread` along axes of these sizes, and what they are called. In JavaScript a variable of
 * whole numbers stays one, and positions are reckoned in them.
 */
export function coordinates(
  sizes: readonly number[],
  isJavaScript = false,
  thread = 'this.thread.x',
  prefix = '',
): { readonly lines: readonly string[]; readonly names: readonly string[] } {
  if (sizes.length === 0) return { lines: [], names: [] };
  const whole = (text: string): string => (isJavaScript ? `(${text}) | 0` : text);
  if (sizes.length === 1)
    return isJavaScript ? { lines: [`let ${prefix}c0 = ${thread} | 0;`], names: [`${prefix}c0`] } : { lines: [], names: [thread] };
  const count = elementsIn(sizes);
  if (!isJavaScript) assertTold(count);
  const lines: string[] = [];
  const names = sizes.map((_, i) => `${prefix}c${i}`);
  let rest = thread;
  for (let i = sizes.length - 1; i > 0; i--) {
    const size = sizes[i] ?? 1;
    const quotient = i === 1 ? `${prefix}c0` : `${prefix}q${i}`;
    lines.push(`let ${quotient} = ${whole(rounded(rest, size))};`);
    if (count > surely && !isJavaScript)
      lines.push(`${quotient} = ${quotient} + ${rounded(`(${rest} - ${quotient} * ${literal(size)})`, size)};`);
    lines.push(`let ${prefix}c${i} = ${whole(`${rest} - ${quotient} * ${literal(size)}`)};`);
    rest = quotient;
  }
  return { lines, names };
}
