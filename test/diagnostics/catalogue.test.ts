import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue, familyNames, rowOf, type CatalogueRow } from '../../diagnostics/catalogue.ts';
import { root } from '../project/imports.ts';

const pages = join(root, 'docs', 'diagnostics');

/** The page of a code: the row, for those who read in a browser. */
function pageOf({ code, slug, severity, explain, example }: CatalogueRow): string {
  const words = explain.split(/\n\s*\n/u).map((paragraph) => paragraph.replaceAll(/\s*\n\s*/gu, ' ').trim());
  const language = example.startsWith('bilevel ') ? 'sh' : example.includes('await ') ? 'js' : 'bilevel';
  return (
    [
      `# ${code}: ${slug}`,
      `*${severity}, ${familyNames[code[2] ?? ''] ?? ''}*`,
      ...words,
      '## Example',
      `\`\`\`${language}\n${example.trim()}\n\`\`\``,
    ].join('\n\n') + '\n'
  );
}

describe('the catalogue', () => {
  it('has each code and each slug once', () => {
    expect(catalogue.length).toBeGreaterThan(40);
    const twice = (values: readonly string[]): readonly string[] => values.filter((value, index) => values.indexOf(value) !== index);
    expect(twice(catalogue.map((row) => row.code))).toEqual([]);
    expect(twice(catalogue.map((row) => row.slug))).toEqual([]);
  });

  it('finds a row by its code and by its slug, in any case', () => {
    expect(rowOf('BL2003')?.slug).toBe('shape-mismatch');
    expect(rowOf('bl2003')?.slug).toBe('shape-mismatch');
    expect(rowOf('shape-mismatch')?.code).toBe('BL2003');
    expect(rowOf('BL0000')).toBeUndefined();
  });

  it.each(catalogue.map((row) => [row.code, row] as const))('%s says what it is, why, and shows it', (code, row) => {
    expect(code).toMatch(/^BL[1-9]\d{3}$/u);
    expect(Object.keys(familyNames)).toContain(code[2]);
    expect(row.slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/u);
    expect(row.explain.trim().length).toBeGreaterThan(30);
    expect(row.explain.trim()).toMatch(/[.…)]$/u);
    expect(row.example.trim()).not.toBe('');
  });

  it.each(catalogue.map((row) => [row.code, row] as const))('%s has its page', async (code, row) => {
    await expect(pageOf(row)).toMatchFileSnapshot(join(pages, `${code}.md`));
  });

  it('has no page too many', () => {
    const codes = catalogue.map((row) => `${row.code}.md`);
    expect(readdirSync(pages).filter((name) => !codes.includes(name))).toEqual([]);
  });
});
