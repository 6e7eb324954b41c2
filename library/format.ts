/** A page in its canonical form. */
import { formatPage } from '../grammar/format.ts';
import { located, type LocatedDiagnostic } from './located.ts';
import { demandWidth, formatOptions, pageOf, type FormatOptions } from './options.ts';

/** What `format` answers. `text` is there where `ok` is true: a page that does not parse is not printed, for parts of it would be lost. */
export type Formatted =
  | { readonly ok: true; readonly diagnostics: readonly LocatedDiagnostic[]; readonly text: string }
  | { readonly ok: false; readonly diagnostics: readonly LocatedDiagnostic[]; readonly text?: undefined };

/** Writes a page in its canonical form, as `bilevel fmt` does. Only syntax is looked at: names and shapes may be wrong. */
export function format(text: string, options: FormatOptions = {}): Formatted {
  const page = pageOf('format', text, options, formatOptions);
  demandWidth(options.width);
  const { value, diagnostics: found } = formatPage(text, page.name, options);
  const diagnostics = located(found, page);
  return value === undefined ? { ok: false, diagnostics } : { ok: true, diagnostics, text: value };
}
