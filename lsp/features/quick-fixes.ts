/**
 * The fixes that diagnostics carry, where they are asked for; and all certain ones of a page at once. Looks at what has been found already: it
 * knows no mistake of its own.
 */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import type { Fix, Span } from '../../diagnostics/diagnostic.ts';
import { certainMends } from '../../diagnostics/fix.ts';
import type { Analysis } from '../analysis.ts';
import { foundSoFar, spanOn } from './diagnostics.ts';
import type { Rewrite } from './code-actions.ts';

/** All certain fixes of the page. */
export const fixAll = `${CodeActionKind.SourceFixAll}.bilevel`;

export function quickFixes(analysis: Analysis, at: Span): readonly Rewrite[] {
  const touched = foundSoFar(analysis).filter((diagnostic) => touches(spanOn(analysis.uri, diagnostic), at));
  const offered = touched.flatMap((diagnostic) =>
    diagnostic.fixes.filter(({ edits }) => edits.every(({ span }) => span.file === analysis.uri)).map((fix) => ({ diagnostic, fix })),
  );
  const certain = offered.filter(({ fix }) => fix.isCertain);
  return offered.map(({ diagnostic, fix }) => ({
    title: titleOf(fix),
    kind: CodeActionKind.QuickFix,
    edits: fix.edits,
    answers: [diagnostic],
    isPreferred: fix.isCertain && certain.length === 1,
  }));
}

export function fixesOfAll(analysis: Analysis): readonly Rewrite[] {
  const mends = certainMends(foundSoFar(analysis), analysis.uri);
  if (mends.length === 0) return [];
  return [
    {
      title: 'Fix all that is certain',
      kind: fixAll,
      edits: mends.flatMap(({ fix }) => fix.edits),
      answers: mends.map(({ diagnostic }) => diagnostic),
    },
  ];
}

const touches = (span: Span, at: Span): boolean => span.start <= at.end && at.start <= span.end;

const titleOf = ({ title }: Fix): string => title.charAt(0).toUpperCase() + title.slice(1);
