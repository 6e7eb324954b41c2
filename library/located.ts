/** Diagnostics of one page as the interface gives them: with the line and the column beside the offsets. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { linesOf, positionOf } from '../diagnostics/position.ts';

/** What is wrong or unwise in a page. Plain data; `renderDiagnostic` writes it for people. */
export interface LocatedDiagnostic extends Diagnostic {
  /** Of the beginning of `span`, from 1. Absent where the diagnostic is about no place of the page. */
  readonly line?: number;
  /**
   * From 1, in Unicode characters, as an editor counts. `span` has offsets in UTF-16, as JavaScript counts, and the message of a
   * `ProblemError` such columns.
   */
  readonly column?: number;
}

export function located(diagnostics: readonly Diagnostic[], text: string): readonly LocatedDiagnostic[] {
  const lines = linesOf(text);
  return diagnostics.map((d) => (d.span === undefined ? d : { ...d, ...positionOf(lines, d.span.start) }));
}
