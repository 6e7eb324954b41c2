/** The types of a module: an interface each for data, hypers, params and reports, with the declared names, shapes and docs. */
import { namesIn, printExpr } from '../../../plan/evaluate.ts';
import { hasFolds } from '../../../plan/splits.ts';
import type { Expr, Kind, ProblemDescription, SourceSpan } from '../../../plan/types.ts';

/** A line of emitted text, and what of the page it speaks of. */
export interface Line {
  readonly text: string;
  readonly from?: SourceSpan;
}

interface Member {
  readonly name: string;
  readonly shape: readonly Expr[];
  readonly kind?: Kind;
  readonly interval?: readonly [Expr, Expr];
  readonly alternatives?: readonly string[];
  readonly doc?: string;
  readonly span: SourceSpan;
}

type TypeOf = (member: Member) => string;

const given: TypeOf = ({ shape }) => ['number', 'Vector', 'Matrix'][shape.length] ?? 'Shaped';
const held: TypeOf = ({ shape }) => (shape.length === 0 ? 'number' : `Tensor<${shape.length}>`);

/** Names that the interfaces of this problem use of the runtime's types. */
export function usedTypes(description: ProblemDescription): readonly string[] {
  const { data, hypers, params, reports } = description;
  const inputs = data.map(given);
  const results = [...hypers, ...params, ...ofEachFold(description), ...reports].map(held);
  return [...new Set([...inputs, ...results].map((type) => type.replace(/<.*/u, '')))].filter((type) => type !== 'number').sort();
}

/** What a problem is typed by, in the order of the runtime's types. */
export function typeNames(description: ProblemDescription): readonly string[] {
  const [folded, isRelaxed] = [hasFolds(description), relaxedHypers(description).length > 0];
  return [...['Data', 'Hyper', 'Param', 'Report'], ...(folded ? ['Refit'] : isRelaxed ? ['never'] : []), ...(isRelaxed ? ['Chosen'] : [])];
}

/** Those that are real numbers only while they are searched. */
export const relaxedHypers = ({ hypers }: ProblemDescription): ProblemDescription['hypers'] =>
  hypers.filter(({ kind }) => kind === 'choice' || kind === 'int');

/** What a relaxed hyper becomes: one of its functions, or whole numbers. */
const become: TypeOf = (member) => member.alternatives?.map((name) => `'${name}'`).join(' | ') ?? held(member);

/** The name of the dim that counts folds, in what is said of the params of all. */
const foldsDim = 'folds';

/** With folds each param exists in each; one whose own shape varies over them is all its numbers, one fold after the other. */
function ofEachFold(description: ProblemDescription): readonly Member[] {
  const { params, splits } = description;
  if (!hasFolds(description)) return params;
  const varying = splits.flatMap(({ folds, parts }) => (folds === undefined ? [] : parts.filter((p) => p.percent === undefined)));
  const names = new Set(varying.map(({ name }) => name));
  const varies = ({ shape }: Member): boolean => shape.some((dim) => namesIn(dim).some((name) => names.has(name)));
  return params.map((param) => ({ ...param, shape: varies(param) ? [foldsDim] : [foldsDim, ...param.shape] }));
}

export function printInterfaces(description: ProblemDescription): readonly Line[] {
  const { data, hypers, params, reports } = description;
  const each = ofEachFold(description);
  const relaxed = relaxedHypers(description);
  return [
    ...printInterface('Data', 'What the problem is bound to.', data, given),
    ...printInterface('Hyper', 'What the outer problem chooses, and derivatives in it.', hypers, held),
    ...printInterface(
      'Param',
      each === params ? 'What the inner problem chooses.' : 'What the inner problem of each fold chooses.',
      each,
      held,
    ),
    ...printInterface('Report', 'What is reported at the solution.', reports, held),
    ...(each === params ? [] : printInterface('Refit', 'What is chosen where all that the folds share out is fitted to.', params, held)),
    ...(relaxed.length === 0 ? [] : printInterface('Chosen', 'What is real only while it is searched becomes this.', relaxed, become)),
  ];
}

function printInterface(name: string, words: string, members: readonly Member[], typeOf: TypeOf): readonly Line[] {
  if (members.length === 0)
    return [{ text: '' }, { text: `/** ${words} */` }, { text: `export type ${name} = Readonly<Record<never, never>>;` }];
  return [
    { text: '' },
    { text: `/** ${words} */` },
    { text: `export interface ${name} {` },
    ...members.flatMap((member): readonly Line[] => [
      ...docLines(member).map((text) => ({ text, from: member.span })),
      { text: `  readonly ${member.name}: ${typeOf(member)};`, from: member.span },
    ]),
    { text: '}' },
  ];
}

/** Type and shape in the language's own words, behind the page's own doc. */
function docLines(member: Member): readonly string[] {
  const type = typeText(member);
  const doc = safeInComment(member.doc ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  if (doc.length === 0) return [`  /** \`${type}\` */`];
  return ['  /**', ...doc.map((line) => `   * ${line.trim()}`), '   *', `   * \`${type}\``, '   */'];
}

/** No text of a page ends a comment. */
export const safeInComment = (text: string): string => text.replaceAll('*/', '*\\/');

function typeText({ kind = 'real', shape, interval, alternatives }: Member): string {
  if (alternatives !== undefined) return `choice(${alternatives.join(', ')})`;
  const dims = shape.length === 0 ? '' : `[${shape.map(printExpr).join(', ')}]`;
  const word = kind === 'real' && dims !== '' ? '' : kind;
  return safeInComment(`${word}${dims}${interval === undefined ? '' : ` in [${printExpr(interval[0])}, ${printExpr(interval[1])}]`}`);
}
