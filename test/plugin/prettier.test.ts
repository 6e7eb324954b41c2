/** Pages in Prettier: the same text as `format` gives, in files, in Markdown, and with what Prettier has of its own. */
import * as prettier from 'prettier';
import { describe, expect, it } from 'vitest';
import { format } from '../../library/format.ts';
import * as plugin from '../../plugin/prettier.ts';
import { everything } from '../grammar/corpus.ts';

const untidy =
  '/// A doc.\nproblem   p { // behind\nhyper t: positive\nparam w: [] /* two  \n   lines */\n\n\ninner minimize (w-1)^2+t*w^2 outer minimize w }';
const tidy = (text: string, width?: number): string => format(text, { width }).text ?? '';
const formatted = (text: string, options: prettier.Options = {}): Promise<string> =>
  prettier.format(text, { plugins: [plugin], filepath: 'page.bilevel', ...options });

describe('Prettier', () => {
  it('formats a page as `bilevel fmt` does, a hundred characters wide', async () => {
    for (const text of [untidy, everything, '', '// nothing', `\uFEFF${untidy}`]) {
      expect(await formatted(text)).toBe(tidy(text));
      expect(await prettier.check(tidy(text), { plugins: [plugin], filepath: 'page.bilevel' })).toBe(true);
    }
    expect(await prettier.check(untidy, { plugins: [plugin], filepath: 'page.bilevel' })).toBe(false);
  });

  it('finds pages by their ending, and by the language that an editor names', async () => {
    expect((await prettier.getFileInfo('a/page.bilevel', { plugins: [plugin] })).inferredParser).toBe('bilevel');
    const { languages } = await prettier.getSupportInfo({ plugins: [plugin] });
    expect(languages.find(({ name }) => name === 'Bilevel')?.vscodeLanguageIds).toEqual(['bilevel']);
  });

  it('breaks lines at `printWidth`, and indents by two spaces whatever it is told', async () => {
    expect(await formatted(untidy, { printWidth: 20 })).toBe(tidy(untidy, 20));
    expect(await formatted(untidy, { printWidth: 0 })).toBe(tidy(untidy, 1));
    expect(await formatted(everything, { printWidth: Infinity })).toBe(tidy(everything, Infinity));
    expect(await formatted(untidy, { tabWidth: 8, useTabs: true })).toBe(tidy(untidy));
    expect(await formatted(untidy, { endOfLine: 'crlf' })).toBe(tidy(untidy).replaceAll('\n', '\r\n'));
  });

  it('keeps the cursor where it was', async () => {
    const cursorOffset = untidy.indexOf('per t:');
    const result = await prettier.formatWithCursor(untidy, { plugins: [plugin], filepath: 'page.bilevel', cursorOffset });
    expect(result.cursorOffset).toBe(tidy(untidy).indexOf('per t:'));
  });

  it('shows where a page does not parse', async () => {
    const wrong = 'problem p {\n  hyper t: positive = 1 +\n}\nproblem q { param }\n';
    const failure: unknown = await formatted(wrong).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'SyntaxError', loc: { start: { line: 2, column: 25 } } });
    expect(String(failure)).toMatch(/BL1001 \(unexpected-token\): [^]*\nhint: [^]*\n1 more on this page[^]*\n> 2 \|/u);
  });

  it('formats what is asked to be, and not what asks to be left', async () => {
    expect(await formatted(untidy, { requirePragma: true })).toBe(untidy);
    for (const pragma of ['// @format\n', '/** @prettier */\n', '// A page.\n// @format\n'])
      expect(await formatted(pragma + untidy, { requirePragma: true })).toBe(tidy(pragma + untidy));
    expect(await formatted(untidy, { insertPragma: true })).toBe(`// @format\n\n${tidy(untidy)}`);
    expect(await formatted(`// @format\n\n${untidy}`, { insertPragma: true })).toBe(tidy(`// @format\n\n${untidy}`));
    expect(await formatted(`// @noformat\n${untidy}`, { checkIgnorePragma: true })).toBe(`// @noformat\n${untidy}`);
  });

  it('formats the pages in Markdown, and leaves one that does not parse', async () => {
    const under = (page: string): string => page.replaceAll(/^(?=.)/gmu, '  ');
    const wrong = '```bilevel\nproblem p   {\n```\n';
    const around = (page: string): string =>
      `# Title\n\n\`\`\`bilevel\n${page}\n\`\`\`\n\n- item\n\n  \`\`\`bilevel\n${under(page)}\n  \`\`\`\n\n${wrong}`;
    const printed = await formatted(around(untidy), { filepath: 'page.md', printWidth: 100 });
    expect(printed).toBe(around(tidy(untidy).trimEnd()));
    const narrow = await formatted(around(everything), { filepath: 'page.md' });
    expect(narrow).toBe(around(tidy(everything, 80).trimEnd()));
  });
});
