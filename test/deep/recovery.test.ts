import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Declaration, Page } from '../../grammar/ast.ts';
import { parse } from '../../grammar/parse.ts';
import { lex } from '../../grammar/tokens.ts';
import { constructs, everything } from '../grammar/corpus.ts';
import { hasMissing } from '../grammar/strip.ts';

const declarations = (page: Page): readonly Declaration[] =>
  page.items.flatMap((item) => (item.kind === 'problem' ? item.declarations : []));
const namesOf = (page: Page): string[] =>
  declarations(page).flatMap((one) => ('name' in one ? [one.name.name] : one.kind === 'let' ? one.names.map(({ name }) => name) : []));

describe('recovery', () => {
  it('reports three mistakes of one file, and keeps every other declaration whole', () => {
    const text = `problem p {
  dim n, d
  data X: [n, d] from "x.csv"
  let first = f(X, 3
  hyperr penalty: positive = 1.0
  param w: [d]
  let second = 3 + * 4
  inner minimize sum(w^2) * penalty
  report third = w[0:3]
  outer minimize mean(w)
}`;
    const { value, diagnostics } = parse(text, 'page.bilevel');
    expect(diagnostics.map((one) => one.code)).toEqual(['BL1020', 'BL1002', 'BL1001', 'BL1038']);
    expect(declarations(value).map((one) => one.kind)).toEqual(['dim', 'data', 'let', 'hyper', 'param', 'let', 'inner', 'report', 'outer']);
    expect(namesOf(value)).toEqual(['X', 'first', 'penalty', 'w', 'second', 'third']);
    expect(
      declarations(value)
        .filter(hasMissing)
        .map((one) => one.kind),
    ).toEqual(['let']);
  });

  it('reports several mistakes inside one block, and keeps what stands behind it', () => {
    const text = `fn f(x: [n]): [n] = {
  let a = x +
  let b = a ) * 2
  let c = a b
  return c *
}
problem p { let after = 1 }`;
    const { value, diagnostics } = parse(text, 'page.bilevel');
    expect(diagnostics.map((one) => [one.code, text.slice(0, one.span?.start).split('\n').length])).toEqual([
      ['BL1001', 2],
      ['BL1021', 3],
      ['BL1003', 4],
      ['BL1001', 5],
    ]);
    expect(value.items.map((item) => item.kind)).toEqual(['fn', 'problem']);
    expect(namesOf(value)).toEqual(['after']);
  });

  it('takes a problem that was never closed to end where the next begins', () => {
    const text = 'problem one {\n  let a = 1\n\nproblem two {\n  let b = 2\n}\n';
    const { value, diagnostics } = parse(text, 'page.bilevel');
    expect(diagnostics.map((one) => [one.code, one.span?.start])).toEqual([['BL1020', 12]]);
    expect(value.items.map((item) => (item.kind === 'problem' ? item.name.name : item.kind))).toEqual(['one', 'two']);
    expect(namesOf(value)).toEqual(['a', 'b']);
  });

  it('inserts the brace of a problem that has none', () => {
    const { value, diagnostics } = parse('problem one\n  let a = 1\n}\nproblem two { let b = 2 }', 'page.bilevel');
    expect(diagnostics.map((one) => one.code)).toEqual(['BL1001']);
    expect(namesOf(value)).toEqual(['a', 'b']);
  });

  it('says once that a row of statements stands outside every problem', () => {
    const { diagnostics } = parse('dim n\ndata X: [n]\nlet a = X\n', 'page.bilevel');
    expect(diagnostics.map((one) => one.code)).toEqual(['BL1006']);
  });

  it('keeps names that were declared without their word', () => {
    const { value, diagnostics } = parse(
      'problem p {\n  half = 0.5\n  λ: 1.0\n  w: positive[d] = 3\n  let twice = 2 * half\n}',
      'page.bilevel',
    );
    expect(diagnostics.map((one) => one.code)).toEqual(['BL1004', 'BL1005', 'BL1005']);
    expect(namesOf(value)).toEqual(['half', 'λ', 'w', 'twice']);
    expect(hasMissing(value.items)).toBe(false);
  });

  it('mends what it understands, so that the tree means what was meant', () => {
    const broken = 'problem p { inner minimise 2x ** .5 && !y let a = if b = 1. then A[0:3] else A[:4] report c = 0 < a < 1 }';
    const meant =
      'problem p { inner minimize 2 * x ^ 0.5 and not y let a = if b == 1.0 then A[0 .. 2] else A[0 .. 3] report c = 0 < a and a < 1 }';
    expect(withoutSpans(parse(broken, 'page.bilevel').value)).toEqual(withoutSpans(parse(meant, 'page.bilevel').value));
  });

  it('refuses what nests too deeply, in whichever way, and reads on behind it', () => {
    const deep = 1500;
    const texts = [
      `${'('.repeat(deep)}1${')'.repeat(deep)}`,
      '('.repeat(deep),
      '['.repeat(deep),
      'f('.repeat(deep),
      `${'-'.repeat(deep)}1`,
      `${'not '.repeat(deep)}1`,
      `1${'^2'.repeat(deep)}`,
      `1${' + 2'.repeat(deep)}`,
      `x${'[0]'.repeat(deep)}`,
      `x${'.T'.repeat(deep)}`,
      `${'if a then '.repeat(deep)}1`,
      `${'if a then b else '.repeat(deep)}1`,
      `${'scan h = '.repeat(deep)}1`,
      `scan h = 0 over x in xs { ${'scan h = 0 over x in xs { '.repeat(deep)}`,
      `${'lambda x: '.repeat(deep)}1`,
    ];
    for (const text of texts) {
      const { value, diagnostics } = parse(`problem p { let a = ${text} let after = 2 } problem q { let last = 3 }`, 'page.bilevel');
      expect(diagnostics.map((one) => one.code)).toContain('BL1049');
      expect(namesOf(value).slice(-2)).toEqual(['after', 'last']);
    }
  });

  it('takes long flat pages as they come', () => {
    const numbers = Array.from({ length: 5000 }, (_, i) => `-${String(i)}.5`).join(', ');
    const lets = Array.from({ length: 3000 }, (_, i) => `let a${String(i)} = if b then ${String(i)} else -1`).join('\n');
    const { value, diagnostics } = parse(`problem p { let all = [${numbers}]\n${lets} }`, 'page.bilevel');
    expect(diagnostics).toEqual([]);
    expect(declarations(value)).toHaveLength(3001);
  });
});

function withoutSpans(page: Page): unknown {
  return JSON.parse(JSON.stringify(page.items, (key, value: unknown) => (key.toLowerCase().endsWith('span') ? undefined : value)));
}

/** What holds for every text: no exception, sane spans, and a reason wherever something is missing. */
function check(text: string): void {
  const { value, diagnostics } = parse(text, 'page.bilevel');
  const faults = diagnostics.filter(
    ({ span, message }) => span === undefined || /undefined|NaN/.test(message) || !isWithin(span, text.length),
  );
  expect(faults).toEqual([]);
  expect(diagnostics.length > 0 || !hasMissing(value.items)).toBe(true);
  expect(spansAreWithin(value.items, text.length)).toBe(true);
}

const isWithin = ({ start, end }: { start: unknown; end: unknown }, length: number): boolean =>
  typeof start === 'number' && typeof end === 'number' && 0 <= start && start <= end && end <= length;

function spansAreWithin(value: unknown, length: number): boolean {
  if (Array.isArray(value)) return value.every((inner) => spansAreWithin(inner, length));
  if (typeof value !== 'object' || value === null) return true;
  if ('start' in value && 'end' in value) return isWithin({ start: value.start, end: value.end }, length);
  return Object.values(value).every((inner) => spansAreWithin(inner, length));
}

const pieces = lex(everything).tokens.map((token) => token.image);
const words = [
  ...new Set([
    ...pieces,
    '**',
    '&&',
    "'",
    '#',
    ';',
    '"',
    '/*',
    '..',
    ':',
    '1.',
    '.5',
    '@',
    '!',
    '$',
    '\\',
    '\n',
    '///',
    '//',
    '[0:1]',
    'lambda x:',
  ]),
];

describe('any text whatever', () => {
  it('gives a page and located diagnostics', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check), { seed: 31, numRuns: 500 });
  });

  it('made of the language’s own words', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 60 }), (parts) => check(parts.join(' '))),
      { seed: 32, numRuns: 400 },
    );
  });

  it('made by deleting, inserting and swapping the tokens of a page', () => {
    const edit = fc.tuple(fc.constantFrom('delete', 'insert', 'swap'), fc.nat(), fc.constantFrom(...words));
    const pages = Object.values(constructs).map((text) => lex(text).tokens.map((token) => token.image));
    fc.assert(
      fc.property(fc.constantFrom(...pages), fc.array(edit, { minLength: 1, maxLength: 4 }), (page, edits) => {
        const tokens = [...page];
        for (const [what, where, word] of edits) {
          const at = where % (tokens.length + 1);
          if (what === 'delete') tokens.splice(at, 1);
          else if (what === 'insert') tokens.splice(at, 0, word);
          else tokens.splice(at, 2, ...tokens.slice(at, at + 2).reverse());
        }
        check(tokens.join(' '));
      }),
      { seed: 33, numRuns: 400 },
    );
  });

  it('cut off anywhere, as while it is typed', () => {
    const text = constructs['ridge'] ?? '';
    for (let end = 0; end <= text.length; end += 5) check(text.slice(0, end));
  });
});
