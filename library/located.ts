/** Diagnostics of a page as the interface gives them: with the line and the column beside the offsets. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { linesOf, positionOf } from '../diagnostics/position.ts';
import type { Sources } from '../diagnostics/render.ts';
import type { NamedPage } from './module.ts';

/** What is wrong or unwise in a page. Plain data; `renderDiagnostic` writes it for people. */
export interface LocatedDiagnostic extends Diagnostic {
  /** Of the beginning of `span` in its file, from 1. Absent where the diagnostic is about no place of a page. */
  readonly line?: number;
  /**
   * From 1, in Unicode characters, as an editor counts. `span` has offsets in UTF-16, as JavaScript counts, and the message of a
   * `ProblemError` such columns.
   */
  readonly column?: number;
}

export function located(diagnostics: readonly Diagnostic[], page: NamedPage): readonly LocatedDiagnostic[] {
  const sources = sourcesOf(page);
  return diagnostics.map((d) => {
    const text = d.span === undefined ? undefined : sources(d.span.file);
    return d.span === undefined || text === undefined ? d : { ...d, ...positionOf(linesOf(text), d.span.start) };
  });
}

/** The texts of a page and of those that it imports. */
export const sourcesOf =
  ({ name, text, imports }: NamedPage): Sources =>
  (file) =>
    file === name ? text : imports?.(file);
