/**
 * Owns what a call of a function of another language becomes here, where that is exact: the same call under our name, or signs around its
 * arguments. What is said of it in words is in `foreign-names.ts`. Looks at text and places only.
 */
import type { Edit, Fix, Hint, Span } from '../diagnostics/diagnostic.ts';
import { certainly, replaced } from '../diagnostics/fix.ts';
import { foreignFunction } from './foreign-names.ts';
import { isSimple } from './precedence.ts';

/** A call as it was written. */
export interface ForeignCall {
  readonly name: string;
  /** From the first letter, a prefix such as `np.` included, to the closing parenthesis. */
  readonly span: Span;
  /** Up to the opening parenthesis, without it. */
  readonly callee: Span;
  readonly arguments: readonly { readonly span: Span; readonly isNamed: boolean }[];
}

// prettier-ignore
const renamed: ReadonlyMap<string, string> = new Map([
  ['fabs', 'abs'], ['absolute', 'abs'], ['ln', 'log'], ['average', 'mean'], ['avg', 'mean'], ['variance', 'var'], ['amax', 'max'],
  ['amin', 'min'], ['expit', 'sigmoid'], ['norm2', 'norm'], ['identity', 'eye'], ['tr', 'trace'], ['vdot', 'dot'], ['clamp', 'clip'],
  ['pos', 'relu'], ['mse_loss', 'mse'], ['reduce_sum', 'sum'], ['reduce_mean', 'mean'], ['reduce_max', 'max'], ['reduce_min', 'min'],
]);

/** What stands before, between and behind the arguments. */
// prettier-ignore
const rewritten: ReadonlyMap<string, readonly string[]> = new Map([
  ['pow', ['', '^', '']], ['power', ['', '^', '']], ['square', ['', '^2']], ['sq', ['', '^2']], ['sum_squares', ['sum(', '^2)']],
  ['sumsq', ['sum(', '^2)']], ['norm1', ['sum(abs(', '))']], ['matmul', ['', ' @ ', '']], ['mm', ['', ' @ ', '']], ['transpose', ['', '.T']],
  ['where', ['if ', ' then ', ' else ', '']], ['ifelse', ['if ', ' then ', ' else ', '']], ['cond', ['if ', ' then ', ' else ', '']],
  ['log10', ['log(', ') / log(10)']], ['log2', ['log(', ') / log(2)']], ['argmin', ['argmax(-', ')']], ['ceil', ['-floor(-', ')']],
]);

/** The words about a function of another language, and the edits where the call is one that can be written here as it stands. */
export function foreignCallHint(call: ForeignCall, text: string): Hint | undefined {
  const words = foreignFunction(call.name);
  return words === undefined ? undefined : (foreignCallFix(call, text, words) ?? words);
}

function foreignCallFix(call: ForeignCall, text: string, title: string): Fix | undefined {
  const name = call.name.toLowerCase();
  const ours = renamed.get(name);
  if (ours !== undefined) return certainly(title, replaced(call.callee, ours));
  const pieces = rewritten.get(name);
  if (pieces === undefined || call.arguments.length !== pieces.length - 1 || call.arguments.some(({ isNamed }) => isNamed))
    return undefined;
  const whole = needsBrackets(call.span, pieces, text)
    ? [`(${pieces[0] ?? ''}`, ...pieces.slice(1, -1), `${pieces.at(-1) ?? ''})`]
    : pieces;
  return certainly(title, ...around(call, whole, text));
}

/** Replaces what stands around the arguments, and leaves them. */
function around({ span, arguments: given }: ForeignCall, pieces: readonly string[], text: string): readonly Edit[] {
  const own = given.map((argument, i) => !isSimple(text.slice(argument.span.start, argument.span.end)) && !isEnclosed(pieces, i));
  return pieces.map((piece, i) => {
    const start = given[i - 1]?.span.end ?? span.start;
    const end = given[i]?.span.start ?? span.end;
    return replaced({ ...span, start, end }, `${own[i - 1] === true ? ')' : ''}${piece}${own[i] === true ? '(' : ''}`);
  });
}

/** Parentheses or words on both sides of an argument keep it together. */
const isEnclosed = (pieces: readonly string[], i: number): boolean =>
  /(?:\(|[a-z] )$/u.test(pieces[i] ?? '') && /^(?:\)| [a-z]|$)/u.test(pieces[i + 1] ?? '');

/** Whether what stands beside the call could take something out of what it becomes. */
function needsBrackets({ start, end }: Span, pieces: readonly string[], text: string): boolean {
  if (isOneCall(pieces.join(''))) return false;
  const before = text.slice(0, start).trimEnd();
  const isBegin = /[([,]$|[^=!<>]=$/u.test(before);
  return !(isBegin && /^\s*[)\],]/u.test(text.slice(end)));
}

/** `sum(abs())`: its first bracket is closed by its last. */
function isOneCall(text: string): boolean {
  let depth = 0;
  const closes = [...text].findIndex((sign) => {
    depth += sign === '(' ? 1 : sign === ')' ? -1 : 0;
    return sign === ')' && depth === 0;
  });
  return /^\w+\(/u.test(text) && closes === text.length - 1;
}
