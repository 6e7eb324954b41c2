/** What the compiler chose is written out; or what is written out is left to it again. */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import type { Span } from '../../../diagnostics/diagnostic.ts';
import { strategies } from '../../../compiler/check/methods.ts';
import type { ProblemNode } from '../../../grammar/ast.ts';
import type { Candidate } from '../../../plan/types.ts';
import type { Analysis } from '../../analysis.ts';
import { planOf } from '../../plans.ts';
import type { Rewrite, Rewriter } from '../code-actions.ts';
import { removal } from './removing.ts';
import { statementAround } from './tree.ts';
import { behind, settled } from './writing.ts';

export const nameStrategy: Rewriter = (analysis, at) => {
  const page = analysis.parsed().value;
  const { node, problem } = statementAround(page, at) ?? {};
  if (node === undefined || problem === undefined || !isHead(page.text, node.span, at)) return [];
  switch (node.kind) {
    case 'inner':
    case 'outer':
      return writtenOut(analysis, problem);
    case 'solve-inner':
    case 'differentiate':
      return leftOpen(analysis, problem, node.kind, node.span);
    default:
      return [];
  }
};

/** The words that a statement begins with: who asks elsewhere asks about something else, and the plan takes time. */
const isHead = (text: string, { start }: Span, at: Span): boolean =>
  at.start <=
  start + (/^(?:inner|outer)\s+\p{L}+|^solve\s+inner\s+with\s+\w+|^differentiate\s+with\s+\w+/u.exec(text.slice(start))?.[0].length ?? 0);

function writtenOut(analysis: Analysis, problem: ProblemNode): readonly Rewrite[] {
  const last = problem.declarations.at(-1);
  const chosen = problem.declarations.some(({ kind }) => kind === 'differentiate') ? undefined : planOf(analysis, problem)?.choice.chosen;
  if (chosen === undefined || last === undefined) return [];
  const text = statementOf(chosen);
  const after =
    problem.declarations.findLast(({ kind }) => kind === 'solve-inner' || kind === 'solve-outer' || kind === 'outer' || kind === 'inner') ??
    last;
  const page = analysis.parsed().value;
  const edits = settled(page, [behind(page, after.span, text)]);
  return [{ title: `Write out what is chosen: \`${text}\``, kind: CodeActionKind.RefactorRewrite, edits }];
}

/** In the words of a page; an id is made of the strategy and of what it solves with. */
function statementOf({ id, strategy }: Candidate): string {
  const parts = id.split('+');
  const options = Object.entries(strategies[strategy]?.options ?? {}).flatMap(([option, { kind }]) => {
    const word = kind.is === 'word' ? parts.find((part) => kind.words.includes(part)) : undefined;
    return word === undefined ? [] : [`${option} = ${word}`];
  });
  return `differentiate with ${strategy}${options.length === 0 ? '' : `(${options.join(', ')})`}`;
}

/** Only means are left open: what the criterion is of, and what it is on purpose, the page says. */
function leftOpen(analysis: Analysis, problem: ProblemNode, kind: 'solve-inner' | 'differentiate', span: Span): readonly Rewrite[] {
  const found = planOf(analysis, problem);
  const { chosen } = found?.choice ?? {};
  if (found === undefined || chosen === undefined) return [];
  const isMeant = kind === 'solve-inner' ? found.description.meaning === 'recipe' : !chosen.exact;
  if (isMeant) return [];
  const edits = settled(analysis.parsed().value, [removal(analysis, span)]);
  const title = kind === 'solve-inner' ? 'Let the solver be chosen' : 'Let the strategy be chosen';
  return [{ title, kind: CodeActionKind.RefactorRewrite, edits }];
}
