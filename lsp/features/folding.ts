/** What can be folded away: what stands in brackets, long comments, runs of imports, and what stands between `// #region` and `// #endregion`. */
import { FoldingRangeKind, type FoldingRange } from 'vscode-languageserver-protocol';
import { bracketsOf } from '../../grammar/words.ts';
import type { Analysis } from '../analysis.ts';

/** One at most for each line, the outermost that begins there; of brackets the last line stays in sight. */
export function folding(analysis: Analysis): readonly FoldingRange[] {
  const byLine = new Map<number, FoldingRange>();
  for (const range of [...imports(analysis), ...comments(analysis), ...brackets(analysis), ...regions(analysis)]) {
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

/** A region that is not closed is none. */
function regions(analysis: Analysis): readonly FoldingRange[] {
  const found: FoldingRange[] = [];
  const open: number[] = [];
  for (const word of analysis.words()) {
    const mark = word.class === 'comment' ? /^\/\/\s*#?(?<which>end)?region\b/u.exec(word.text) : null;
    if (mark === null) continue;
    const line = lineOf(analysis, word.span.start);
    if (mark.groups?.['which'] === undefined) open.push(line);
    else found.push(...[open.pop()].filter((start) => start !== undefined).map((startLine) => region(startLine, line)));
  }
  return found;
}

const region = (startLine: number, endLine: number): FoldingRange => ({ startLine, endLine, kind: FoldingRangeKind.Region });

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
