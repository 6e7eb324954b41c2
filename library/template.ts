/** The tagged template `` bilevel`problem …` ``: a page among the lines of a program, its numbers put in as values. */
import type { Shaped } from '../runtime/module.ts';
import { tensorOf } from '../runtime/values.ts';
import { positionOf, linesOf } from '../diagnostics/position.ts';
import { kindOf } from './options.ts';
import { problem, type PageProblem } from './problem.ts';
import { UsageError } from './usage-error.ts';

/** What can be put into a page: a number, or an array of numbers nested to any depth, which becomes a literal of stacked rows. */
export type PageValue = number | ArrayLike<number> | readonly PageValue[] | Shaped;

/**
 * A problem from a page written in place, as `problem` gives it. What stands between the backticks is the page, to the character;
 * `${value}` is a value of its own: a finite number, written so that the page holds exactly it, or an array of them.
 * Fails: throws a `PageError` where the page has errors, a `UsageError` for a value that a page cannot hold, with the place of it.
 *
 * ```js
 * import { bilevel } from 'bilevel';
 *
 * const target = [1, -0.5];
 * const pull = bilevel`
 *   problem pull {
 *     hyper strength: positive = 1
 *     param w: [2]
 *     inner minimize sum((w - ${target})^2) + strength * sum(w^2)
 *     outer minimize sum(w^2)
 *   }
 * `;
 * const { outer } = await pull.evaluate({});
 * console.log(outer);
 * // 0.3125
 * ```
 */
export function bilevel(strings: TemplateStringsArray, ...values: readonly PageValue[]): PageProblem {
  if (!isTemplate(strings))
    throw new UsageError('`bilevel` is a tag, written before a template: bilevel`problem …`; a text is for `problem(text)`');
  // Raw, because a page has escapes of its own.
  const [first = '', ...rest] = strings.raw;
  const text = rest.reduce((page, next, i) => page + valueText(values[i], page, next) + next, first);
  return problem(text);
}

const isTemplate = (strings: unknown): strings is TemplateStringsArray => Array.isArray(strings) && 'raw' in strings;

const endsInName = /[\p{L}\p{Nd}_]$/u;
const beginsWithName = /^[\p{L}\p{Nd}_]/u;

/** Comments and texts that are closed; what is left of a page without them has a quote where a text is still open. */
const closed = /\/\/[^\n\r]*|\/\*[^]*?(?:\*\/|$)|"(?:[^"\\\n\r]|\\[^\n\r])*"/gu;
const isWithinText = (before: string): boolean => /"[^\n\r]*$/u.test(before.replaceAll(closed, ''));

/** A value as a literal of the language; `before` and `after`: the page around it. */
function valueText(value: unknown, before: string, after: string): string {
  const refuse = (because: string): never => {
    const { line, column } = positionOf(linesOf(`${before}?`), before.length);
    throw new UsageError(`line ${line}, column ${column} of the page: ${because}`);
  };
  if (endsInName.test(before) || beginsWithName.test(after))
    refuse('a value is no part of a name or a number; put a space between them, or write the page as a text for `problem(text)`');
  if (isWithinText(before))
    refuse('a value is a number of its own, and this is within quotes; build the page as a text for `problem(text)` to put names together');
  const made = tensorOf(value);
  if (!made.ok) {
    const isList = Array.isArray(value) || ArrayBuffer.isView(value);
    return refuse(`a number or an array of numbers can stand here${isList ? `, and ${made.reason}` : `, not ${kindOf(value)}`}`);
  }
  const { shape, data } = made.tensor;
  const wrong = data.find((x) => !Number.isFinite(x));
  if (wrong !== undefined) refuse(`a page holds finite numbers only, and this is ${shape.length === 0 ? '' : 'an array with '}${wrong}`);
  if (data.length === 0) refuse('an array on a page has at least one element');
  const written = literal(shape, [...data]);
  // Within parentheses no operator comes between a number and its sign, and no point behind it is its own.
  return shape.length === 0 && (written.startsWith('-') || after.startsWith('.')) ? `(${written})` : written;
}

/** A number, or rows within brackets. */
function literal([length, ...inner]: readonly number[], data: readonly number[]): string {
  if (length === undefined) return numberText(data[0]);
  const each = data.length / length;
  const rows = Array.from({ length }, (_, i) => data.slice(i * each, (i + 1) * each));
  return `[${rows.map((row) => literal(inner, row)).join(', ')}]`;
}

/** The shortest decimal that is read back as this number, to the bit. */
const numberText = (x = Number.NaN): string => (Object.is(x, -0) ? '-0' : String(x));
