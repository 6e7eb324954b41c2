/**
 * The canonical form of a page, as `bilevel fmt` writes it; a page that does not parse stays as it is. There is one such form, so that nothing of
 * an editor's options is asked: two spaces a level, no white space at the end of a line, one line end at the end of the page.
 */
import type { TextEdit } from 'vscode-languageserver-protocol';
import { hasErrors } from '../../diagnostics/diagnostic.ts';
import { print } from '../../grammar/print-ast.ts';
import type { Analysis } from '../analysis.ts';
import { rewritten } from '../rewritten.ts';

export function formatting(analysis: Analysis): readonly TextEdit[] {
  const { value, diagnostics } = analysis.parsed();
  return hasErrors(diagnostics) ? [] : rewritten(analysis, 0, value.text, print(value));
}
