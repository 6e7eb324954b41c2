import type { Page } from '../../grammar/ast.ts';
import { parse } from '../../grammar/parse.ts';

/** A tree without the places of its nodes, to compare what two texts mean. */
export function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'span' && key !== 'fileSpan' && key !== 'pathSpan')
      .map(([key, inner]) => [key, key === 'unshuffled' || key === 'bySearch' ? true : strip(inner)]),
  );
}

export const meaning = (page: Page): unknown => strip(page.items);

/** The tree of a text that must be well formed. */
export function parseWell(text: string): Page {
  const { value, diagnostics } = parse(text, 'page.bilevel');
  if (diagnostics.length > 0) throw new Error(`${diagnostics.map((one) => `${one.code} ${one.message}`).join('\n')}\nin\n${text}`);
  return value;
}

/** The codes of a text's diagnostics, in the order of the text. */
export const codes = (text: string): string[] => parse(text, 'page.bilevel').diagnostics.map((one) => one.code);

/** Is there a node without content below? */
export function hasMissing(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasMissing);
  if (typeof value !== 'object' || value === null) return false;
  if ('kind' in value && value.kind === 'missing') return true;
  return Object.values(value).some(hasMissing);
}
