/** From one held-out part to several folds, and back. */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import type { Identifier, SplitDeclaration } from '../../../grammar/ast.ts';
import type { DeclaredName } from '../../../grammar/names.ts';
import type { Analysis } from '../../analysis.ts';
import type { Rewrite, Rewriter } from '../code-actions.ts';
import { reachedFrom } from './scopes.ts';
import { holds, isSame, statementAround, statementsOf } from './tree.ts';
import { settled } from './writing.ts';

const FOLDS = 5;

export const crossValidate: Rewriter = (analysis, at) => {
  const split = statementAround(analysis.parsed().value, at)?.node;
  if (split?.kind !== 'split') return [];
  return split.by === undefined ? intoFolds(analysis, split) : heldOut(analysis, split);
};

/** The first two parts vary; what is held out of them stays so. */
function intoFolds(analysis: Analysis, split: SplitDeclaration): readonly Rewrite[] {
  const [train, valid, ...others] = split.parts;
  if (train === undefined || valid === undefined || sizesData(analysis, [train.name.name, valid.name.name])) return [];
  if (reportsMore(analysis, split, [train.name, valid.name])) return [];
  const names = [
    train.name.name,
    `${valid.name.name} by ${FOLDS} folds`,
    ...others.map(({ name, percent }) => `${name.name} ${percent ?? 0}%`),
  ];
  return [rewritten(analysis, split, `Cross-validate over ${FOLDS} folds`, names)];
}

/** Each share as in one of the folds. */
function heldOut(analysis: Analysis, split: SplitDeclaration): readonly Rewrite[] {
  const [train, valid, ...more] = split.parts.filter(({ percent }) => percent === undefined);
  const others = split.parts.filter(({ percent }) => percent !== undefined);
  const count = split.by?.kind === 'folds' && split.by.count.kind === 'number' ? split.by.count.value : undefined;
  if (train === undefined || valid === undefined || more.length > 0 || count === undefined) return [];
  const rest = 100 - others.reduce((sum, { percent = 0 }) => sum + percent, 0);
  const share = Math.round(rest / count);
  if (share < 1 || share >= rest) return [];
  const names = [
    `${train.name.name} ${rest - share}%`,
    `${valid.name.name} ${share}%`,
    ...others.map(({ name, percent = 0 }) => `${name.name} ${percent}%`),
  ];
  return [rewritten(analysis, split, `Hold out \`${valid.name.name}\` once`, names)];
}

function rewritten(analysis: Analysis, { parts, by, span }: SplitDeclaration, title: string, names: readonly string[]): Rewrite {
  const page = analysis.parsed().value;
  const [first, last] = [parts[0]?.name.span.start ?? span.start, parts.at(-1)?.name.span.end ?? span.start];
  // Behind the last name may stand its share, or how the parts vary.
  const behind = /^\s*\d[\d.]*%/u.exec(page.text.slice(last))?.[0].length ?? 0;
  const edits = [{ span: { ...span, start: first, end: Math.max(last + behind, by?.span.end ?? 0) }, text: names.join(', ') }];
  return { title, kind: CodeActionKind.RefactorRewrite, edits: settled(page, edits) };
}

/** What has a size of its own in each fold is no data, and nothing to be searched. */
function sizesData({ names }: Analysis, sets: readonly string[]): boolean {
  const { declared, used } = names();
  const sizes = used.filter(({ as, name }) => as === 'dim' && sets.includes(name));
  return declared.some(
    (each) => (each.kind === 'data' || each.kind === 'hyper') && sizes.some(({ span }) => holds(each.node.type.span, span)),
  );
}

/** What is reported of a part that all folds leave out is one number, and cannot speak of what is another in each. */
function reportsMore(analysis: Analysis, split: SplitDeclaration, varying: readonly Identifier[]): boolean {
  const isVarying = ({ span }: DeclaredName): boolean => varying.some((name) => isSame(name.span, span));
  const reports = statementsOf(analysis.parsed().value).filter(({ node }) => node.kind === 'report');
  return reports.some(({ node }) => {
    const sets = [...reachedFrom(analysis, node.span)].filter((each) => each.kind === 'index-set' && each.node === split);
    return sets.some(isVarying) && sets.some((each) => !isVarying(each));
  });
}
