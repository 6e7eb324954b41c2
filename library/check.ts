/** What is wrong with a page, and what its problems are. */
import { compile } from '../compiler/pipeline.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import type { ProblemDescription } from '../plan/types.ts';
import { located, type LocatedDiagnostic } from './located.ts';
import { importOptions, pageOf, type ImportOptions } from './options.ts';

/** What `check` answers. */
export interface Checked {
  /** Whether nothing is wrong. There may be warnings. */
  readonly ok: boolean;
  /** All of the page's mistakes, in one run. */
  readonly diagnostics: readonly LocatedDiagnostic[];
  /** Declarations, meaning and curvature of each problem that has no errors, in the order of the page. */
  readonly problems: readonly ProblemDescription[];
}

/**
 * Checks a page: syntax, names, kinds, shapes, curvature. Any text is an answer, never an exception.
 *
 * ```js
 * import { check, renderDiagnostic } from 'bilevel';
 *
 * const text = 'problem p {\n  hyper a: positive\n  param w: []\n  inner minimize (w - 1)^2 + a * v^2\n  outer minimize w^2\n}\n';
 * const { ok, diagnostics } = check(text);
 * for (const diagnostic of diagnostics) console.log(renderDiagnostic(diagnostic, () => text));
 * // page.bilevel:4:34: error BL2001 (unknown-name): …
 * ```
 */
export function check(text: string, options: ImportOptions = {}): Checked {
  const page = pageOf('check', text, options, importOptions);
  const { value, diagnostics } = compile(text, page.name, page.imports);
  return { ok: !hasErrors(diagnostics), diagnostics: located(diagnostics, page), problems: value.map((p) => p.module.description) };
}
