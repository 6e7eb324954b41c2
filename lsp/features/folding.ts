/** What can be folded away: what stands in brackets, long comments, and runs of imports. */
import { FoldingRangeKind, type FoldingRange } from 'vscode-languageserver-protocol';
import { bracketsOf } from '../../grammar/words.ts';
import type { Analysis } from '../analysis.ts';

/** One at most for each line, the outermost that begins there; of brackets the last line stays in sight. */
export function folding(analysis: Analysis): readonly FoldingRange[] {
  const byLine = new Map<number, FoldingRange>();
  for (const range of [...imports(analysis), ...comments(analysis), ...brackets(analysis)]) {
    const before = byLine.get(range.startLine);
    if (range.endLine > range.startLine && (before === undefined || before.endLine < range.endLine)) byLine.set(range.startLine, range);
  }
  return [...byLine.values()].sort((a, b) => a.startLine - b.startLine);
}

const lineOf = ({ document }: Analysis, offset: number): number => document.positionAt(offset).line;

const brackets = (analysis: Analysis): readonly FoldingRange[] =>
  bracketsOf(analysis.words()).map(({ opener, closer }) => {
    const last = lineOf(analysis, closer.span.start);
    // One that is missing on the page has no line to be kept in sight.
    return { startLine: lineOf(analysis, opener.span.start), endLine: closer.text === '' ? last : last - 1 };
  });

/** A comment of several lines, or several of one line each, one below the other. */
function comments(analysis: Analysis): readonly FoldingRange[] {
  const own = analysis
    .words()
    .filter((word) => word.class === 'comment' && startsLine(analysis, word.span.start))
    .map(({ span }) => ({ startLine: lineOf(analysis, span.start), endLine: lineOf(analysis, span.end) }));
  return runs(own).map((range) => ({ ...range, kind: FoldingRangeKind.Comment }));
}

const imports = (analysis: Analysis): readonly FoldingRange[] =>
  runs(
    analysis
      .parsed()
      .value.items.filter(({ kind }) => kind === 'import')
      .map(({ span }) => ({ startLine: lineOf(analysis, span.start), endLine: lineOf(analysis, span.end) })),
  ).map((range) => ({ ...range, kind: FoldingRangeKind.Imports }));

function startsLine({ document }: Analysis, offset: number): boolean {
  const { line } = document.positionAt(offset);
  return (
    document
      .getText()
      .slice(document.offsetAt({ line, character: 0 }), offset)
      .trim() === ''
  );
}

/** Puts those together of which one begins where, or a line below where, the one before ends. */
function runs(ranges: readonly FoldingRange[]): readonly FoldingRange[] {
  const together: FoldingRange[] = [];
  for (const range of ranges) {
    const last = together.at(-1);
    if (last !== undefined && range.startLine <= last.endLine + 1) together[together.length - 1] = { ...last, endLine: range.endLine };
    else together.push(range);
  }
  return together;
}
