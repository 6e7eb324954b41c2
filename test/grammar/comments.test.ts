import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { print } from '../../grammar/print-ast.ts';
import { lex } from '../../grammar/tokens.ts';
import { constructs } from './corpus.ts';
import { meaning, parseWell } from './strip.ts';

const format = (text: string, width = 100): string => print(parseWell(text), { width });

/** Texts that are their own canonical form. */
const canonical: Readonly<Record<string, string>> = {
  'comments between, behind and above statements': `// the page

import { f } from "./f.bilevel" // the first
/* a block
   of two lines */
import { g } from "./g.bilevel"

// above the problem
/// What it is.
/// In two lines.
problem p { // behind the brace
  // at the top
  let a = 1 // behind a

  // above b
  // and again
  let b = 2 /* one */ /* two */
  let c = 3

  /* alone */

  fn f(x: [n]): [n] = {
    // in the block
    let u = x // behind u

    // above return
    return u
    // at the end of the block
  }
  // at the end
}

// at the end of the page
`,
  'comments behind `return`': `fn f(x: [n]): [n] = {
  // above
  return /* of x alone */ 2^x / (1 + x)
}

fn g(x: [n]): [n] = {
  let u = x
  return
    // in two parts
    u
    + x
}
`,
  'comments inside statements': `problem p {
  let a = [
    1, // one
    // two stands below
    2,
    /* three */ 3 // the last
  ]
  let b =
    first // why
    + /* so */ second
  let c = f(x /* a */, axis = /* b */ 1)
  param /* its name */ w: [d]
  split n into train 60%, // most
    test 40%
}
`,
  'a page of comments only': `// one

/* two */
// three
`,
  'an empty problem with a comment': `problem p {
  // nothing yet
}
`,
  'an empty problem with a comment at its brace': `problem p { // nothing yet
}
`,
};

describe('the canonical form', () => {
  it.each(Object.entries(canonical))('keeps %s', (_, text) => {
    expect(format(text)).toBe(text);
  });

  it('keeps at most one blank line, and sets problems apart', () => {
    expect(format('\n\nimport {f} from "f"\nproblem p {\n\n\nlet a=1\n\n\n\nlet b=2\n\n}\nproblem q{}')).toBe(
      'import { f } from "f"\n\nproblem p {\n  let a = 1\n\n  let b = 2\n}\n\nproblem q {}\n',
    );
  });

  it('breaks what is wider than asked', () => {
    const text = 'problem p { inner minimize mean((predict(X[train]) - y[train])^2) + penalty * sum(w^2) + another * sum(abs(v)) }';
    expect(format(text, 60)).toBe(`problem p {
  inner minimize
    mean((predict(X[train]) - y[train])^2)
    + penalty * sum(w^2)
    + another * sum(abs(v))
}
`);
    expect(format('problem p { let a = if first < second then third + fourth else if fifth then sixth else seventh }', 40))
      .toBe(`problem p {
  let a =
    if first < second
      then third + fourth
    else if fifth then sixth
    else seventh
}
`);
    expect(format('fn net(features: [k, d], weights: [d, h], bias: [h]): [k, h] = tanh(features @ weights + bias)', 50)).toBe(
      `fn net(
  features: [k, d],
  weights: [d, h],
  bias: [h]
): [k, h] = tanh(features @ weights + bias)
`,
    );
  });

  it('takes line ends of every kind', () => {
    expect(format('problem p {\r\n  // c\r\n  let a = 1\r\n\r\n  let b = 2 // d\r\n}\r\n')).toBe(
      'problem p {\n  // c\n  let a = 1\n\n  let b = 2 // d\n}\n',
    );
  });

  it('gives docs to the declaration below them, and leaves other `///` as comments', () => {
    const text = 'problem p {\n  /// of a\n  ///\n  ///  indented\n  let a = 1 /// behind a\n  /// of nothing\n}\n';
    const page = parseWell(text);
    const problem = page.items[0];
    expect(problem?.kind === 'problem' ? problem.declarations[0]?.doc : undefined).toBe('of a\n\n indented');
    expect(page.comments.map((comment) => comment.text)).toEqual(['/// behind a', '/// of nothing']);
    expect(print(page)).toBe(text);
  });
});

describe('comments anywhere', () => {
  it('all survive, and the text is printed as it was printed before', () => {
    const pages = Object.values(constructs).map((text) => lex(text).tokens.map((token) => token.image));
    const comment = fc.constantFrom('/* c */', '// c\n', '\n// c\n', '\n/* c */\n', '/* two\n   lines */', '\n\n// c\n\n');
    fc.assert(
      fc.property(
        fc.constantFrom(...pages),
        fc.array(fc.tuple(fc.nat(), comment), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(100, 30),
        (page, comments, width) => {
          const tokens = [...page];
          for (const [where, text] of comments) tokens.splice(where % (tokens.length + 1), 0, text);
          const tree = parseWell(tokens.join(' '));
          const printed = print(tree, { width });
          const again = parseWell(printed);
          expect(meaning(again)).toEqual(meaning(tree));
          expect(again.comments.map((one) => one.text.replace(/\s+/g, ' ')).sort()).toEqual(
            tree.comments.map((one) => one.text.replace(/\s+/g, ' ')).sort(),
          );
          expect(print(again, { width })).toBe(printed);
        },
      ),
      { seed: 41, numRuns: 200 },
    );
  });
});
