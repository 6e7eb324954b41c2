/** Pages in Markdown: which blocks they are, that nothing else changes, and that they are formatted as in a file of their own. */
import { describe, expect, it } from 'vitest';
import { fencedPages } from '../../grammar/fences.ts';
import { formatMarkdown, formatPage } from '../../grammar/format.ts';

const untidy = 'problem   p{\nparam w: [] /* a\n   b */\n\n\nhyper t: positive }\n';
const tidy = formatPage(untidy, 'page.bilevel').value ?? '';
const under = (prefix: string, page: string): string =>
  page.replaceAll(/^.*(?=\n)/gmu, (line) => (line === '' ? prefix.trimEnd() : prefix + line));

describe('a page in Markdown', () => {
  it.each([
    ['at the margin', '', '```bilevel\n', '```\n'],
    ['between tildes, more of them', '', '~~~~ bilevel\n', '~~~~~\n'],
    ['with a title', '', '```bilevel title="a page"\n', '```\n'],
    ['with an indentation of its own', '   ', '   ```bilevel\n', '   ```\n'],
    ['in an item', '  ', '- an item\n\n  ```bilevel\n', '  ```\n'],
    ['in an item, right behind its marker', '   ', '1. ```bilevel\n', '   ```\n'],
    ['in an item of an item', '     ', '- an item\n\n  1) another\n     ```bilevel\n', '     ```\n'],
    ['in a quotation', '> ', '> ```bilevel\n', '> ```\n'],
    ['in an item of a quotation', '> - '.replace('-', ' '), '> - ```bilevel\n', '>   ```\n'],
    ['behind another block', '', '````md\n```bilevel\nproblem   p {}\n```\n````\n```bilevel\n', '```\n'],
    ['behind an item', '', '- an item\n\n```bilevel\n', '```\n'],
  ])('%s is formatted, and nothing else changes', (_, prefix, before, after) => {
    const around = (page: string): string => `# Title  \n\n${before}${under(prefix, page)}${after}\n\ttext \n`;
    expect(fencedPages(around(untidy)).map(({ text }) => text)).toEqual([untidy]);
    expect(formatMarkdown(around(untidy), 'a.md').value).toBe(around(tidy));
    expect(formatMarkdown(around(tidy), 'a.md').value).toBe(around(tidy));
  });

  it.each([
    ['of another language', '```bilevel-lines\nproblem   p {}\n```\n'],
    ['inside of another block', '~~~\n```bilevel\nproblem   p {}\n```\n~~~\n'],
    ['that is code by its indentation', 'text\n\n    ```bilevel\n    problem   p {}\n    ```\n'],
    ['that is never closed', '```bilevel\nproblem   p {}\n'],
    ['that ends with its item', '- ```bilevel\n  problem   p {}\ntext\n'],
    ['that ends with its quotation', '> ```bilevel\n> problem   p {}\n\n```\n'],
    ['that is a word of a line', 'Write ```bilevel``` so.\n'],
    ['that is empty', '```bilevel\n\n```\n'],
  ])('a block %s stays as it is', (_, text) => {
    expect(formatMarkdown(text, 'a.md')).toEqual({ value: text, diagnostics: [] });
  });

  it('keeps the line ends of its file', () => {
    const text = '# Title\r\n\r\n```bilevel\r\nproblem   p {\r\nparam w: [] }\r\n```\r\n';
    expect(formatMarkdown(text, 'a.md').value).toBe('# Title\r\n\r\n```bilevel\r\nproblem p {\r\n  param w: []\r\n}\r\n```\r\n');
  });

  it('that is wrong is told with its place in the file, and the file stays as it is', () => {
    const text = '- item\n\n  ```bilevel\n  problem p {\n    hyper = 1\n  }\n  ```\n\n```bilevel\nproblem   q {}\n```\n';
    const { value, diagnostics } = formatMarkdown(text, 'a.md');
    expect(value).toBeUndefined();
    const [{ span } = { span: undefined }] = diagnostics;
    expect([span?.file, text.slice(0, span?.start).split('\n').length]).toEqual(['a.md', 5]);
  });
});
