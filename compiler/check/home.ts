/**
 * Where on a page a declaration that is missing would stand, and how one that is too many goes. Knows where declarations lie, never what they
 * mean.
 */
import type { Edit, Fix, Span } from '../../diagnostics/diagnostic.ts';
import { perhaps } from '../../diagnostics/fix.ts';
import type { Declaration, Page, ProblemNode, SplitDeclaration } from '../../grammar/ast.ts';
import { removal } from '../../grammar/removal.ts';

/** The page that a scope is of, and the problem, where it is of one. */
export interface Home {
  readonly page: Page;
  readonly problem?: ProblemNode | undefined;
}

/** The order in which declarations stand on a page that is written well. */
const order: readonly Declaration['kind'][] = ['dim', 'data', 'split', 'hyper', 'param', 'random', 'let'];

/** What puts a declaration on a line of its own: behind the last one that it should follow. Nowhere outside of a problem. */
export function declaring(home: Home | undefined, declaration: string): readonly Edit[] {
  if (home?.problem === undefined) return [];
  const { page, problem } = home;
  const { text } = page;
  const rank = order.findIndex((kind) => declaration.startsWith(`${kind} `));
  const before = problem.declarations.findLast(({ kind }) => {
    const own = order.indexOf(kind);
    return own >= 0 && own <= rank;
  });
  const brace = text.indexOf('{', problem.name.span.end);
  const end = before?.span.end ?? brace + 1;
  const line = /^[^\n\r]*/u.exec(text.slice(end))?.[0] ?? '';
  // A comment behind the last one stays behind it.
  const isRest = /^\s*(?:\/\/.*)?$/u.test(line);
  const at = isRest ? end + line.trimEnd().length : end;
  return [{ span: { ...problem.span, start: at, end: at }, text: `\n  ${declaration}${isRest ? '' : '\n '}` }];
}

/** A fix that declares a name. */
export function toDeclare(home: Home | undefined, declaration: string): readonly Fix[] {
  const edits = declaring(home, declaration);
  return edits.length === 0 ? [] : [perhaps(`declare \`${declaration}\``, ...edits)];
}

/** What takes away the declaration of a page whose name or whole stands at a place. */
export function removing(home: Home | undefined, { file, start, end }: Span): readonly Edit[] {
  if (home === undefined || home.page.file !== file) return [];
  const found = [...home.page.items, ...(home.problem?.declarations ?? [])].find((item) => {
    const isWhole = item.span.start === start && item.span.end === end;
    const isNamed = 'name' in item && item.name.span.start === start;
    return isWhole || isNamed || (item.kind === 'let' && item.names.length === 1 && item.names[0]?.span.start === start);
  });
  return found === undefined ? [] : [removal(home.page.text, found.span)];
}

/** A fix that makes a name an index set of a dim: in the split that the dim has, or in one of its own. */
export function toSplit(home: Home | undefined, name: string, dim: string): readonly Fix[] {
  const split = home?.problem?.declarations.find((d): d is SplitDeclaration => d.kind === 'split' && d.dim.name === dim);
  if (split === undefined) return /^[\p{L}_]/u.test(dim) ? toDeclare(home, `split ${dim} into ${firstShares(name, home)}`) : [];
  const last = split.parts.at(-1);
  if (last === undefined) return [];
  const left = 100 - split.parts.reduce((sum, { percent = 0 }) => sum + percent, 0);
  const end = home?.page.text.indexOf('%', last.name.span.end) ?? -1;
  if (split.by !== undefined || last.percent === undefined || end < 0) return [];
  // Where the shares leave nothing, the last one gives half of its own.
  const [own, others] = left > 0 ? [left, last.percent] : [last.percent / 2, last.percent / 2];
  const shares = { ...last.name.span, start: last.name.span.end, end: end + 1 };
  return [perhaps(`make \`${name}\` an index set of \`${dim}\``, { span: shares, text: ` ${others}%, ${name} ${own}%` })];
}

/** Usual shares, whichever of the usual names is missing. */
function firstShares(name: string, home: Home | undefined): string {
  const taken = home?.problem?.declarations.flatMap((d) => (d.kind === 'split' ? d.parts.map((part) => part.name.name) : [])) ?? [];
  const isUsual = ['train', 'valid', 'test'].includes(name);
  if (taken.some((other) => ['train', 'valid', 'test'].includes(other))) return `rest 80%, ${name} 20%`;
  if (name === 'test') return 'train 60%, valid 20%, test 20%';
  return isUsual ? 'train 60%, valid 40%' : `train 80%, ${name} 20%`;
}
