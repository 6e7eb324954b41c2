/**
 * What can be done with what stands at a place: mends of what is wrong there, and refactorings of what is right. Each is edits of one page, and
 * nothing that a client would have to run.
 */
import { CodeActionKind, type CodeAction, type TextEdit } from 'vscode-languageserver-protocol';
import type { Diagnostic, Edit, Span } from '../../diagnostics/diagnostic.ts';
import { withLineEndsOf } from '../../diagnostics/fix.ts';
import { rangeOf, type Analysis } from '../analysis.ts';
import type { Host } from '../host.ts';
import { shown } from './diagnostics.ts';
import { fixAll, fixesOfAll, quickFixes } from './quick-fixes.ts';
import { refactorings } from './refactorings/refactorings.ts';

/** A page that means what it meant, written otherwise; or a page that is mended. */
export interface Rewrite {
  readonly title: string;
  readonly kind: CodeActionKind;
  readonly edits: readonly Edit[];
  /** What it mends. */
  readonly answers?: readonly Diagnostic[];
  /** The one that is meant when nobody chooses. */
  readonly isPreferred?: boolean;
}

/** Says what can be rewritten at a place. */
export type Rewriter = (analysis: Analysis, at: Span) => readonly Rewrite[];

/** Each offers what it finds, in this order. */
const rewriters: readonly Rewriter[] = [quickFixes, fixesOfAll, ...refactorings];

/** The kinds that are offered, for clients that ask for some of them. */
export const kinds: readonly CodeActionKind[] = [
  CodeActionKind.QuickFix,
  CodeActionKind.RefactorExtract,
  CodeActionKind.RefactorInline,
  CodeActionKind.RefactorRewrite,
  fixAll,
];

/** `only` names kinds, or the first parts of kinds (`refactor`), where not all are wanted. What is for a whole page has to be named. */
export function codeActions(analysis: Analysis, at: Span, host: Host, only: readonly CodeActionKind[] = ['']): readonly CodeAction[] {
  const isWanted = (kind: string): boolean =>
    only.some((wanted) => (wanted === '' ? !kind.startsWith(CodeActionKind.Source) : kind === wanted || kind.startsWith(`${wanted}.`)));
  return rewriters
    .flatMap((rewriter) => rewriter(analysis, at))
    .filter(({ kind }) => isWanted(kind))
    .map(({ title, kind, edits, answers, isPreferred }) => ({
      title,
      kind,
      ...(answers === undefined ? {} : { diagnostics: answers.map((diagnostic) => shown(diagnostic, analysis, host)) }),
      ...(isPreferred === true ? { isPreferred } : {}),
      edit: { changes: { [analysis.uri]: edits.map((edit) => written(edit, analysis)) } },
    }));
}

const written = ({ span, text }: Edit, analysis: Analysis): TextEdit => ({
  range: rangeOf(analysis, span),
  newText: withLineEndsOf(analysis.document.getText(), text),
});
