/** The canonical form of a page, as `bilevel fmt` writes it; a page that does not parse stays as it is. */
import type { TextEdit } from 'vscode-languageserver-protocol';
import { hasErrors } from '../../diagnostics/diagnostic.ts';
import { print } from '../../grammar/print-ast.ts';
import type { Analysis } from '../analysis.ts';

export function formatting({ document, parsed }: Analysis): readonly TextEdit[] {
  const text = document.getText();
  const { value, diagnostics } = parsed();
  if (hasErrors(diagnostics)) return [];
  const printed = print(value);
  if (printed === text) return [];
  return [{ range: { start: document.positionAt(0), end: document.positionAt(text.length) }, newText: printed }];
}
