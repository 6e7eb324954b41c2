import { certainly, defineMendable, replaced } from '../../diagnostics/fix.ts';
import { describe, expect, it } from 'vitest';
import type { Diagnostic, Span } from '../../diagnostics/diagnostic.ts';
import { renderDiagnostic, toJson, type RenderOptions } from '../../diagnostics/render.ts';

const mismatch = defineMendable<string>({ code: 'BL2999', slug: 'made-up', severity: 'error' }, { message: (what) => what });

/** The span of the `count`-th occurrence of a piece of text. */
function spanOf(text: string, piece: string, file = 'page.bilevel', count = 1): Span {
  let start = -1;
  for (let i = 0; i < count; i++) start = text.indexOf(piece, start + 1);
  expect(start).toBeGreaterThanOrEqual(0);
  return { file, start, end: start + piece.length };
}

const page = `problem p {
  dim n, k
  data X: [n, k]
  data y: [k]
  inner minimize sum((X @ w - y)^2)
}
`;

function render(diagnostic: Diagnostic, text = page, options: RenderOptions = {}): string {
  return `\n${renderDiagnostic(diagnostic, (file) => (file === 'page.bilevel' ? text : undefined), options)}\n`;
}

describe('the text of a diagnostic', () => {
  it('is a header and a frame with carets', () => {
    expect(render(mismatch({ span: spanOf(page, 'X @ w - y'), hints: ['did you mean `z`?'] }, 'cannot subtract [k] from [n]'))).toBe(`
page.bilevel:5:23: error BL2999 (made-up): cannot subtract [k] from [n]
   |
 5 |   inner minimize sum((X @ w - y)^2)
   |                       ^^^^^^^^^
  hint: did you mean \`z\`?
`);
  });

  it('shows labels on their own lines, with the lines between when there is one or a gap when there are more', () => {
    const labels = [
      { span: spanOf(page, 'X @ w'), message: 'this is [n]' },
      { span: spanOf(page, 'y', 'page.bilevel', 2), message: 'this is [k]' },
      { span: spanOf(page, 'dim n, k'), message: 'declared here' },
      { span: spanOf(page, 'y: [k]'), message: 'from here' },
    ];
    expect(render(mismatch({ span: spanOf(page, 'X @ w - y'), labels }, 'cannot subtract'))).toBe(`
page.bilevel:5:23: error BL2999 (made-up): cannot subtract
   |
 2 |   dim n, k
   |   -------- declared here
 3 |   data X: [n, k]
 4 |   data y: [k]
   |        ------ from here
 5 |   inner minimize sum((X @ w - y)^2)
   |                       ^^^^^^^^^
   |                       ----- this is [n]
   |                               - this is [k]
`);
    expect(render(mismatch({ span: spanOf(page, 'X @ w - y'), labels: labels.slice(2, 3) }, 'cannot subtract'))).toContain(
      '-------- declared here\n  ...\n 5 |',
    );
  });

  it('puts a label on the main span beside the carets', () => {
    const span = spanOf(page, 'X @ w - y');
    expect(render(mismatch({ span, labels: [{ span, message: 'here' }] }, 'm'))).toContain('^^^^^^^^^ here\n');
  });

  it('counts columns in characters and places carets in terminal cells', () => {
    const text = 'let λ = 1\n\tlet 岭 = "é\u{1f600}" + ω\n';
    expect(render(mismatch({ span: spanOf(text, 'ω') }, 'm'), text)).toBe(`
page.bilevel:2:17: error BL2999 (made-up): m
   |
 2 |     let 岭 = "é\u{1f600}" + ω
   |                      ^
`);
    expect(render(mismatch({ span: spanOf(text, 'λ') }, 'm'), text)).toContain('page.bilevel:1:5:');
  });

  it('shows a span over several lines, of a long one its first and last', () => {
    const text = 'fn f(a) =\n  one +\n\n  two\n';
    expect(render(mismatch({ span: { file: 'page.bilevel', start: 3, end: text.length - 1 } }, 'm'), text)).toBe(`
page.bilevel:1:4: error BL2999 (made-up): m
   |
 1 | fn f(a) =
   |    ^^^^^^
 2 |   one +
   |   ^^^^^
 3 |
 4 |   two
   |   ^^^
`);
    const long = `{\n${'  x\n'.repeat(20)}}\n`;
    expect(render(mismatch({ span: { file: 'page.bilevel', start: 0, end: long.length - 1 } }, 'm'), long)).toBe(`
page.bilevel:1:1: error BL2999 (made-up): m
   |
 1 | {
   | ^
  ...
22 | }
   | ^
`);
  });

  it.each([
    ['at the end', 'problem p {\n', 12],
    ['past the end', 'problem p {\n', 99],
    ['after blank lines', 'problem p {\n\n  \n', 16],
    ['without a last line break', 'problem p {', 11],
    ['with carriage returns', 'problem p {\r\n\r\n', 15],
  ])('points after the last word %s of a file', (_, text, offset) => {
    expect(render(mismatch({ span: { file: 'page.bilevel', start: offset, end: offset } }, 'missing'), text)).toBe(`
page.bilevel:1:12: error BL2999 (made-up): missing
   |
 1 | problem p {
   |            ^
`);
  });

  it('stands an empty text', () => {
    expect(render(mismatch({ span: { file: 'page.bilevel', start: 0, end: 0 } }, 'nothing here'), '')).toContain('page.bilevel:1:1: error');
  });

  it('speaks of a data file by its own line and column, and shows where the data are declared', () => {
    expect(
      render(mismatch({ span: spanOf(page, 'data X: [n, k]'), place: { file: 'x.csv', line: 7, column: 3 } }, '"abc" is not a number')),
    ).toBe(`
x.csv:7:3: error BL2999 (made-up): "abc" is not a number
  --> page.bilevel:3:3
   |
 3 |   data X: [n, k]
   |   ^^^^^^^^^^^^^^
`);
    expect(render(mismatch({ place: { file: 'x.csv' } }, 'is empty'))).toBe('\nx.csv: error BL2999 (made-up): is empty\n');
  });

  it('does without a place and without a source', () => {
    expect(render(mismatch({}, 'm'))).toBe('\nerror BL2999 (made-up): m\n');
    expect(render(mismatch({ span: { file: 'other', start: 5, end: 6 } }, 'm'))).toBe('\nother: error BL2999 (made-up): m\n');
  });

  it('shows a label of another file under its name', () => {
    const sources = (file: string): string | undefined => ({ a: 'first\nsecond\n', b: 'import a\n' })[file];
    const diagnostic = mismatch(
      { span: { file: 'b', start: 7, end: 8 }, labels: [{ span: { file: 'a', start: 6, end: 12 }, message: 'this one' }] },
      'm',
    );
    expect(`\n${renderDiagnostic(diagnostic, sources)}\n`).toBe(`
b:1:8: error BL2999 (made-up): m
   |
 1 | import a
   |        ^
  --> a:2:1
   |
 2 | second
   | ------ this one
`);
  });

  it('cuts a long line around the place', () => {
    const text = `${'a'.repeat(100)} here ${'b'.repeat(100)}\n`;
    const out = render(mismatch({ span: spanOf(text, 'here') }, 'm'), text, { width: 50 }).split('\n');
    expect(out[3]).toBe(` 1 | …${'a'.repeat(12)} here ${'b'.repeat(24)}…`);
    expect(out[4]).toBe('   |               ^^^^');
    for (const line of out.slice(2)) expect(line.length).toBeLessThanOrEqual(50);
  });

  it('wraps hints at the width and keeps their examples as they are', () => {
    const out = render(
      mismatch({ hints: ['one two three four five six seven eight nine ten\n    an = example + that + is + wide + enough'] }, 'm'),
      '',
      { width: 40 },
    );
    expect(out).toBe(`
error BL2999 (made-up): m
  hint: one two three four five six
        seven eight nine ten
            an = example + that + is + wide + enough
`);
  });

  it('is colourless unless asked, and the same text when the colours are taken away', () => {
    const diagnostic = mismatch({ span: spanOf(page, 'X @ w - y'), hints: ['h'] }, 'm');
    const plain = render(diagnostic);
    const coloured = render(diagnostic, page, { color: true });
    expect(plain).not.toContain('\u001b');
    expect(coloured).toContain('\u001b[1;31m');
    expect(coloured.replaceAll(/\u001b\[[\d;]*m/g, '')).toBe(plain);
  });

  it('lets no control character of the source through', () => {
    const text = 'let a = "\u001b[2J"\n';
    expect(render(mismatch({ span: spanOf(text, 'a') }, 'm'), text)).not.toContain('\u001b');
  });
});

describe('the JSON of a diagnostic', () => {
  it('has lines and columns from 1 and the offsets', () => {
    const labels = [{ span: spanOf(page, 'dim n'), message: 'declared' }];
    const h = certainly('h', replaced(spanOf(page, 'X @ w'), 'w @ X'));
    expect(toJson(mismatch({ span: spanOf(page, 'X @ w'), labels, hints: [h] }, 'm'), () => page)).toEqual({
      code: 'BL2999',
      slug: 'made-up',
      severity: 'error',
      message: 'm',
      file: 'page.bilevel',
      line: 5,
      column: 23,
      span: { file: 'page.bilevel', line: 5, column: 23, end_line: 5, end_column: 28, start: 76, end: 81 },
      labels: [{ message: 'declared', file: 'page.bilevel', line: 2, column: 3, end_line: 2, end_column: 8, start: 14, end: 19 }],
      hints: ['h'],
      fixes: [
        {
          title: 'h',
          certain: true,
          edits: [{ file: 'page.bilevel', line: 5, column: 23, end_line: 5, end_column: 28, start: 76, end: 81, text: 'w @ X' }],
        },
      ],
    });
  });

  it('carries the place in the data', () => {
    expect(toJson(mismatch({ place: { file: 'x.csv', line: 7, column: 3 } }, 'm'), () => undefined)).toMatchObject({
      file: 'x.csv',
      line: 7,
      column: 3,
      data: { file: 'x.csv', line: 7, column: 3 },
    });
  });
});
