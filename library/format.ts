/** A page in its canonical form. */
import { hasErrors } from '../diagnostics/diagnostic.ts';
import { parse } from '../grammar/parse.ts';
import { print } from '../grammar/print-ast.ts';
import { located, type LocatedDiagnostic } from './located.ts';
import { pageOf, pageOptions, type PageOptions } from './options.ts';

/** What `format` answers. `text` is there where `ok` is true: a page that does not parse is not printed, for parts of it would be lost. */
export type Formatted =
  | { readonly ok: true; readonly diagnostics: readonly LocatedDiagnostic[]; readonly text: string }
  | { readonly ok: false; readonly diagnostics: readonly LocatedDiagnostic[]; readonly text?: undefined };

/** Writes a page in its canonical form, as `bilevel fmt` does. Only syntax is looked at: names and shapes may be wrong. */
export function format(text: string, options: PageOptions = {}): Formatted {
  const page = pageOf('format', text, options, pageOptions);
  const { value, diagnostics: found } = parse(text, page.name);
  const diagnostics = located(found, page);
  return hasErrors(found) ? { ok: false, diagnostics } : { ok: true, diagnostics, text: print(value) };
}
