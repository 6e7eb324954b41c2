/** What `problem` and the tagged template throw where a page has no problem to give. */
import { renderDiagnostic, type Sources } from '../diagnostics/render.ts';
import type { LocatedDiagnostic } from './located.ts';

/**
 * A page with errors. The message is what a person needs: each diagnostic with its place, the lines of the page, and its hints. `code`
 * is that of the first error, `diagnostics` all of them as data.
 */
export class PageError extends Error {
  override readonly name = 'PageError';
  readonly code: string;
  readonly diagnostics: readonly LocatedDiagnostic[];

  constructor(diagnostics: readonly LocatedDiagnostic[], sources: Sources) {
    const errors = diagnostics.filter((d) => d.severity === 'error');
    const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
    const shown = diagnostics.map((d) => renderDiagnostic(d, sources));
    super([`the page has ${count}`, ...shown].join('\n\n'));
    this.code = errors[0]?.code ?? '';
    this.diagnostics = diagnostics;
  }
}
