/** Fixes: each mends what its diagnostic says, and breaks nothing else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkParsed, compile } from '../../compiler/pipeline.ts';
import { catalogue } from '../../diagnostics/catalogue.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { certainMends, edited } from '../../diagnostics/fix.ts';
import { parse } from '../../grammar/parse.ts';
import { print } from '../../grammar/print-ast.ts';
import { edit, edited as editedAtRandom } from '../lsp/edits.ts';

const page = (line: string): string => `problem p {
  dim n, d
  data X: [n, d]
  data y: [n]
  split n into train 60%, valid 40%
  hyper a: positive
  param w: [d]
  param b: []
  ${line}
  inner minimize mean((X[train] @ w + b - y[train])^2) + a * sum(w^2)
  outer minimize mean((X[valid] @ w + b - y[valid])^2)
}
`;

const fns = 'fn smooth(x: []): [] = x^2\nfn rough(x: []): [] = abs(x)\n';

interface Row {
  readonly code: string;
  /** A line in a problem, or a whole page; `⟦ ⟧` around what is marked as wrong. */
  readonly wrong: string;
  /** The same after the fix. */
  readonly right: string;
  /** The fix's title, where there are several. */
  readonly title?: string;
  readonly isCertain?: boolean;
}

const certain = (code: string, wrong: string, right: string): Row => ({ code, wrong, right, isCertain: true });
const perhaps = (code: string, wrong: string, right: string, title?: string): Row => ({
  code,
  wrong,
  right,
  ...(title === undefined ? {} : { title }),
});

// prettier-ignore
const rows: readonly Row[] = [
  // Signs.
  certain('BL1031', 'let u = b⟦**⟧2', 'let u = b^2'),
  certain('BL1031', 'let u = b > 0 ⟦&&⟧ b < 1', 'let u = b > 0 and b < 1'),
  certain('BL1031', 'let u = b > 0 and ⟦!⟧(b < 1)', 'let u = b > 0 and not (b < 1)'),
  certain('BL1031', 'let u = (b > 0)⟦||⟧(b < 1)', 'let u = (b > 0) or (b < 1)'),
  certain('BL1031', 'let u ⟦:=⟧ b', 'let u = b'),
  certain('BL1031', 'let u = b ⟦≤⟧ 1', 'let u = b <= 1'),
  certain('BL1031', 'let u = w ⟦.*⟧ w', 'let u = w * w'),
  certain('BL1031', "let u = X⟦'⟧ @ y", 'let u = X.T @ y'),
  certain('BL1031', 'let u = ⟦‖w‖⟧', 'let u = norm(w)'),
  certain('BL1028', 'let u = b⟦²⟧', 'let u = b^2'),
  certain('BL1027', 'let u = b⟦;⟧', 'let u = b'),
  certain('BL1026', 'let u = b ⟦# half⟧', 'let u = b // half'),
  certain('BL1030', 'let u = b + ⟦.5⟧', 'let u = b + 0.5'),
  certain('BL1032', 'let u = ⟦2b⟧', 'let u = 2 * b'),
  certain('BL1033', 'let u = b * ⟦5%⟧', 'let u = b * 0.05'),
  certain('BL1034', 'let u = ⟦0 < b < 1⟧', 'let u = 0 < b and b < 1'),
  certain('BL1035', 'let u = if b ⟦=⟧ 0 then 1 else 2', 'let u = if b == 0 then 1 else 2'),
  certain('BL1036', 'let u = 1 + ⟦not⟧ (b > 0)', 'let u = 1 + (not (b > 0))'),
  certain('BL1038', 'let u = sum(X[⟦0:10⟧, 0])', 'let u = sum(X[0 .. 9, 0])'),
  certain('BL1038', 'let u = sum(y[⟦:-1⟧])', 'let u = sum(y[0 .. -2])'),
  certain('BL1038', 'let u = sum(w[⟦1:d⟧])', 'let u = sum(w[1 .. d - 1])'),
  // Statements.
  certain('BL1001', 'let u ⟦b⟧', 'let u = b'),
  certain('BL1001', 'solve inner ⟦newton⟧', 'solve inner with newton'),
  certain('BL1001', 'data v ⟦[d]⟧', 'data v: [d]'),
  certain('BL1002', '⟦def⟧ f(x: []): [] = x', 'fn f(x: []): [] = x'),
  certain('BL1002', '⟦spilt⟧ d into p 60%, q 40%', 'split d into p 60%, q 40%'),
  certain('BL1003', 'solve inner with lbfgs(tolerance = 1e-8 ⟦memory⟧ = 5)', 'solve inner with lbfgs(tolerance = 1e-8, memory = 5)'),
  perhaps('BL1003', 'let u = (b ⟦b⟧)', 'let u = (b * b)', 'write `*` between them'),
  perhaps('BL1003', 'let u = [b ⟦b⟧]', 'let u = [b, b]', 'write `,` between them'),
  certain('BL1004', '⟦u =⟧ b', 'let u = b'),
  perhaps('BL1005', '⟦u:⟧ 0.1', 'let u = 0.1', 'write `let u = 0.1` to fix it'),
  perhaps('BL1005', '⟦u:⟧ positive', 'hyper u: positive', 'write `hyper u: positive`'),
  perhaps('BL1007', 'hyper ⟦u⟧ = 0.5', 'hyper u: real = 0.5'),
  perhaps('BL1007', 'fn f(⟦x⟧): [] = 2 * x', 'fn f(x: []): [] = 2 * x'),
  certain('BL1008', 'hyper u: ⟦float⟧', 'hyper u: real'),
  perhaps('BL1008', 'hyper u: ⟦postive⟧', 'hyper u: positive'),
  perhaps('BL1008', 'data u: ⟦n⟧', 'data u: [n]'),
  certain('BL1009', 'fn f(x: []): [] = { let u = x  ⟦u * 2⟧ }', 'fn f(x: []): [] = { let u = x  return u * 2 }'),
  certain('BL1011', page('solve outter with lbfgs').replace('outter', '⟦outter⟧'), page('solve outer with lbfgs')),
  perhaps('BL1012', 'split d into p 60%, q 40%, seed 1, seed ⟦2⟧', 'split d into p 60%, q 40%, seed 1'),
  certain('BL1001', 'split d into p ⟦60⟧, q 40%', 'split d into p 60%, q 40%'),
  certain('BL1001', 'split d into p 60%, q ⟦0.4⟧', 'split d into p 60%, q 40%'),
  // Brackets and strings.
  perhaps('BL1020', 'let u = mean⟦(⟧X', 'let u = mean(X)'),
  perhaps('BL1020', 'let u = mean⟦(⟧X]', 'let u = mean(X)'),
  certain('BL1020', page('').replace('p {', 'p ⟦{⟧').replace(/\}\n$/u, ''), page('').replace(/\n\}\n$/u, '\n}\n')),
  perhaps('BL1021', 'let u = b⟦)⟧', 'let u = b'),
  perhaps('BL1022', 'data z: [n] from ⟦"z.csv⟧', 'data z: [n] from "z.csv"'),
  perhaps('BL1024', String.raw`data z: [n] from "a⟦\z⟧.csv"`, String.raw`data z: [n] from "a\\z.csv"`),
  certain('BL1025', "data z: [n] from ⟦'z.csv'⟧", 'data z: [n] from "z.csv"'),
  // Calls and members.
  perhaps('BL1040', 'let u = ⟦(b, b)⟧', 'let u = [b, b]'),
  certain('BL1044', 'let u = X.⟦t⟧ @ y', 'let u = X.T @ y'),
  certain('BL1044', 'let u = np.⟦sum⟧(w)', 'let u = sum(w)'),
  certain('BL1044', 'let u = tf.⟦reduce_sum⟧(w)', 'let u = sum(w)'),
  certain('BL1044', 'let u = jnp.⟦linalg.norm⟧(w)', 'let u = norm(w)'),
  certain('BL1044', 'let u = w.⟦sum⟧()', 'let u = sum(w)'),
  certain('BL1044', 'let u = X.⟦mean⟧(axis = 0)', 'let u = mean(X, axis = 0)'),
  certain('BL1044', 'let u = X.⟦transpose⟧() @ y', 'let u = X.T @ y'),
  certain('BL1044', 'let u = mean(np.⟦square⟧(w - 1))', 'let u = mean((w - 1)^2)'),
  certain('BL1044', 'let u = 2 * np.⟦matmul⟧(X, w)', 'let u = 2 * (X @ w)'),
  certain('BL1044', 'let u = b * np.⟦pi⟧', 'let u = b * pi'),
  perhaps('BL1045', 'let u = (b)⟦(b + 1)⟧', 'let u = (b) * (b + 1)'),
  perhaps('BL1046', 'let u = mean(⟦y[0]⟧ = 1)', 'let u = mean(y[0] == 1)'),
  perhaps('BL1047', 'let u = concat(w, axis = 0, ⟦w⟧)', 'let u = concat(w, w, axis = 0)'),
  perhaps('BL1048', 'let u = mean(X, axis = 0, ⟦axis⟧ = 1)', 'let u = mean(X, axis = 0)'),
  // What is long is written whole.
  certain('BL1034', `let u = ⟦0 < b${' + b'.repeat(20)} < 1⟧`, `let u = 0 < b${' + b'.repeat(20)} and b${' + b'.repeat(20)} < 1`),
  certain('BL1044', `let u = ${'v'.repeat(70)}.⟦sum⟧()  let ${'v'.repeat(70)} = w`, `let u = sum(${'v'.repeat(70)})  let ${'v'.repeat(70)} = w`),
  certain('BL1038', `let u = sum(y[⟦0:n${' + d - d'.repeat(10)}⟧])`, `let u = sum(y[0 .. n${' + d - d'.repeat(10)} - 1])`),
  perhaps('BL1047', `let u = concat(w, axis = 0, ⟦w${' + w'.repeat(20)}⟧)`, `let u = concat(w, w${' + w'.repeat(20)}, axis = 0)`),
  // Names.
  perhaps('BL2001', 'let u = ⟦pennalty⟧  hyper penalty: positive', 'let u = penalty  hyper penalty: positive'),
  perhaps('BL2001', 'let u = mean(y - ⟦target⟧)', 'let u = mean(y - target)', 'declare `data target: [n]`'),
  perhaps('BL2001', 'let u = X @ ⟦v⟧', 'let u = X @ v', 'declare `data v: [d]`'),
  perhaps('BL2001', 'let u = b + ⟦offset⟧', 'let u = b + offset', 'declare `hyper offset: real`'),
  perhaps('BL2001', 'report u = mean(y[⟦test⟧])', 'report u = mean(y[test])', 'make `test` an index set of `n`'),
  perhaps('BL2001', 'report u = mean(w[⟦some⟧])', 'report u = mean(w[some])', 'declare `split d into rest 80%, some 20%`'),
  perhaps('BL2001', 'let u = ⟦e⟧^2', 'let u = exp(1)^2'),
  perhaps('BL2002', 'param ⟦w⟧: [d]', ''),
  perhaps('BL2003', 'let u = X ⟦⟧@ y', 'let u = X.T @ y'),
  perhaps('BL2003', 'let u = w ⟦⟧@ X', 'let u = w @ X.T'),
  perhaps('BL2003', 'let u = X ⟦⟧- y', 'let u = X - reshape(y, [n, 1])'),
  perhaps('BL2003', 'let u = y[train] ⟦⟧- y', 'let u = y[train] - y[train]'),
  perhaps('BL2003', 'let u = w ⟦⟧* X.T', 'let u = w @ X.T', 'a product of matrices is `@`'),
  perhaps('BL2004', 'let u = y ⟦⟧- reshape(y, [n, 1])', 'let u = reshape(y, [1, n]) - reshape(y, [n, 1])', 'if [n, n] is meant, give the shorter shape all its axes: `reshape(…, [1, n])`'),
  perhaps('BL2005', 'data Z: [n, ⟦k⟧]', 'data Z: [n, k]'),
  perhaps('BL2005', 'dim width  data Z: [n, ⟦widht⟧]', 'dim width  data Z: [n, width]'),
  perhaps('BL2009', 'let u = ⟦meen⟧(y)', 'let u = mean(y)'),
  certain('BL2009', 'let u = ⟦pow⟧(b, 2)', 'let u = (b^2)'),
  certain('BL2009', 'let u = sum(⟦matmul⟧(X, w))', 'let u = sum(X @ w)'),
  certain('BL2009', 'let u = ⟦ln⟧(a)', 'let u = log(a)'),
  certain('BL2009', 'let u = sum(⟦where⟧(y > 0, y, -y))', 'let u = sum(if y > 0 then y else -y)'),
  perhaps('BL2010', 'let u = ⟦mean(X, 0)⟧', 'let u = mean(X, axis = 0)'),
  perhaps('BL2011', 'let u = mean(X, ⟦axs⟧ = 0)', 'let u = mean(X, axis = 0)'),
  certain('BL2013', 'let u = 2 ⟦⟧@ w', 'let u = 2 * w'),
  certain('BL2013', 'let u = ⟦w.T⟧ @ w', 'let u = w @ w'),
  perhaps('BL2014', 'let u = if ⟦b⟧ then 1 else 2', 'let u = if b > 0 then 1 else 2', 'compare it: `x > 0`'),
  perhaps('BL2015', 'let u = w[⟦d⟧]', 'let u = w[-1]'),
  perhaps('BL2018', 'let u = ⟦max(w, 0)⟧', 'let u = maximum(w, 0)', 'element by element: `maximum(x, 0)`, or `relu(x)`'),
  perhaps('BL2018', 'let u = ⟦min(X, 0)⟧', 'let u = min(X, axis = 0)', 'along an axis: `min(x, axis = 0)`'),
  perhaps('BL2025', 'hyper u: unit = ⟦1⟧', 'hyper u: unit = 0.999'),
  perhaps('BL2027', 'split d into p 60%, ⟦q⟧', 'split d into p 60%, q 40%'),
  perhaps('BL2027', 'split ⟦m⟧ into p 60%, q 40%', 'split m into p 60%, q 40%'),
  perhaps('BL2028', 'random e: [n] ~ ⟦nromal⟧(0, 1)', 'random e: [n] ~ normal(0, 1)'),
  perhaps('BL2050', page('').replace(/^/u, 'import { smooth } from ⟦"./kernel.bilevel"⟧\n'), page('').replace(/^/u, 'import { smooth } from "./kernels.bilevel"\n')),
  perhaps('BL2051', page('').replace(/^/u, 'import { ⟦smoth⟧ } from "./kernels.bilevel"\n'), page('').replace(/^/u, 'import { smooth } from "./kernels.bilevel"\n')),
  // Levels and methods.
  certain('BL1010', page('').replace('inner minimize', 'inner ⟦maximise⟧').replace('mean((X[train]', '-mean((X[train]').replace('+ a *', '- a *'),
    page('').replace('inner minimize ', 'inner minimize -(-').replace('+ a * sum(w^2)', '- a * sum(w^2))')),
  certain('BL1006', page('⟦import⟧ { smooth } from "./kernels.bilevel"'), `import { smooth } from "./kernels.bilevel"\n\n${page('').replace('  \n', '')}`),
  certain('BL1006', `import { smooth } from "./kernels.bilevel"\n\n${page('⟦import⟧ { rough } from "./kernels.bilevel"')}`,
    `import { smooth } from "./kernels.bilevel"\n\nimport { rough } from "./kernels.bilevel"\n\n${page('').replace('  \n', '')}`),
  perhaps('BL3001', 'solve inner with newton  ⟦solve inner with lbfgs⟧', 'solve inner with newton'),
  perhaps('BL3003', page('').replace('outer minimize mean((X[valid] @ w + b - y[valid])^2)', 'outer minimize ⟦(X[valid] @ w + b - y[valid])^2⟧'), page('').replace('mean((X[valid] @ w + b - y[valid])^2)', 'mean((X[valid] @ w + b - y[valid])^2)'), 'wrap it in `mean(…)`'),
  perhaps('BL3004', page('param c: []').replace('inner minimize mean((X[train] @ w + b - y[train])^2) + a * sum(w^2)', 'inner minimize ⟦mean((X[train] @ w + b - y[train])^2) + a * sum(w^2)⟧'), page('hyper c: []')),
  perhaps('BL3008', 'report u = b  report ⟦u⟧ = b', 'report u = b'),
  perhaps('BL3009', 'solve inner with ⟦newtn⟧', 'solve inner with newton'),
  certain('BL3010', 'solve outer with adam(⟦lr⟧ = 0.1, steps = 10)', 'solve outer with adam(rate = 0.1, steps = 10)'),
  perhaps('BL3010', 'solve inner with lbfgs(⟦tolerence⟧ = 1e-8)', 'solve inner with lbfgs(tolerance = 1e-8)'),
  perhaps('BL3011', 'differentiate with implicit(solver = ⟦cgg⟧)', 'differentiate with implicit(solver = cg)'),
  perhaps('BL3012', 'solve outer with ⟦gd⟧', 'solve outer with gd(rate = 0.1)'),
  perhaps('BL3012', 'solve inner with ⟦gd(rate = 0.1)⟧', 'solve inner with gd(rate = 0.1, steps = 100)'),
  perhaps('BL3022', 'solve inner with gd(rate = 0.1, steps = 10, batch = 8, over = ⟦trian⟧)', 'solve inner with gd(rate = 0.1, steps = 10, batch = 8, over = train)'),
  // Curvature and strategies.
  perhaps('BL4002', page('').replace('inner minimize mean((X[train] @ w + b - y[train])^2) + a * sum(w^2)', 'inner minimize ⟦-mean((X[train] @ w + b - y[train])^2) - a * sum(w^2)⟧'),
    page('').replace('inner minimize mean((X[train] @ w + b - y[train])^2) + a * sum(w^2)', 'inner minimize -(-mean((X[train] @ w + b - y[train])^2) - a * sum(w^2))')),
  perhaps('BL4010', page('').replace('param b: []', 'param ⟦b⟧: positive'), page('').replace('param b: []', 'param b: nonnegative')),
  perhaps('BL4011', page('').replace('inner minimize mean((X[train] @ w + b - y[train])^2) + a * sum(w^2)', 'inner minimize ⟦mean((X[train, 0] * b + w[0] - y[train])^2) + a * b^2⟧'),
    page('').replace('inner minimize mean((X[train] @ w + b - y[train])^2) + a * sum(w^2)', 'inner minimize 1e-6 * sum(w^2) + mean((X[train, 0] * b + w[0] - y[train])^2) + a * b^2')),
  perhaps('BL5002', page('param v: nonnegative  solve inner with ⟦closed_form⟧').replace('a * sum(w^2)', 'a * (sum(w^2) + (v - 1)^2)'),
    page('param v: nonnegative  solve inner with fista(tolerance = 1e-8)').replace('a * sum(w^2)', 'a * (sum(w^2) + (v - 1)^2)'), 'take `fista(tolerance = 1e-8)`'),
  perhaps('BL5001', 'differentiate with ⟦unrolled⟧', 'differentiate with closed_form', 'take `closed_form`'),
];

const sources = Object.assign((file: string) => (file === 'kernels.bilevel' ? fns : undefined), { neighbours: () => ['kernels.bilevel'] });
const diagnose = (text: string): readonly Diagnostic[] => compile(text, 'page.bilevel', sources).diagnostics;

const whole = (text: string): string => (text.startsWith('problem') || text.startsWith('import') ? text : page(text));
const keyOf = ({ code, message }: Diagnostic): string => `${code} ${message}`;

/** The errors of a page that another one has not, each as often as it is new. */
function newErrors(before: readonly Diagnostic[], after: readonly Diagnostic[]): readonly string[] {
  const known = before.map(keyOf);
  return after
    .filter(({ severity }) => severity === 'error')
    .map(keyOf)
    .filter((key) => {
      const at = known.indexOf(key);
      if (at >= 0) known.splice(at, 1);
      return at < 0;
    });
}

describe('a fix mends what its diagnostic says', () => {
  it.each(rows)('$code: $wrong', ({ code, wrong, right, title, isCertain = false }) => {
    const written = whole(wrong);
    const text = written.replaceAll(/[⟦⟧]/gu, '');
    const before = diagnose(text);
    const start = written.indexOf('⟦');
    const isPlain = !written.includes('⟦⟧');
    const end = written.indexOf('⟧') - 1;
    const found = before.filter((d) => d.code === code && (!isPlain || (d.span?.start === start && d.span.end === end)));
    expect(before.map(keyOf)).toEqual(found.map(keyOf));
    const fixes = found.flatMap((d) => d.fixes).filter((fix) => title === undefined || fix.title === title);
    const [fix] = fixes;
    expect(fix?.isCertain, JSON.stringify(found)).toBe(isCertain);
    const after = edited(text, fix?.edits ?? []);
    // What declares a name stands on a line of its own, which the row leaves out.
    const declaration = /^declare (?:it: )?`(.+)`$/u.exec(fix?.title ?? '')?.[1];
    const rest = declaration === undefined ? after : after.replace(`\n  ${declaration}`, '');
    expect(rest.replace('valid 20%, test 20%', 'valid 40%')).toBe(whole(right).replace(/ {2}\n/u, right === '' ? '' : '  \n'));
    expect(newErrors(before, diagnose(after))).toEqual([]);
    expect(diagnose(after).filter((d) => d.code === code)).toEqual([]);
  });

  it.each(['let u = b²§', 'let u = np.round(b)', 'let u = round(b)'])('leaves alone what nothing here is the same as: %s', (line) => {
    const all = diagnose(page(line)).flatMap(({ fixes }) => fixes);
    expect(all.filter(({ isCertain }) => isCertain)).toEqual([]);
  });

  it('takes the docs of what goes with it, which would be those of the next', () => {
    const text = page('/// one too many\n  /// and said at length\n  hyper a: unit\n  /// of c\n  let c = a');
    const [fix] = diagnose(text).find(({ code }) => code === 'BL2002')?.fixes ?? [];
    expect(edited(text, fix?.edits ?? [])).toBe(page('/// of c\n  let c = a'));
  });

  it('of many codes', () => {
    expect(new Set(rows.map(({ code }) => code)).size).toBeGreaterThanOrEqual(50);
  });

  it('in every example of the catalogue that has one, without another mistake', () => {
    const mended = new Set<string>();
    for (const { code, example } of catalogue) {
      const before = diagnose(example);
      for (const diagnostic of before.filter((d) => d.code === code))
        for (const { edits } of diagnostic.fixes) {
          const after = diagnose(edited(example, edits));
          const count = (all: readonly Diagnostic[]): number => all.filter((d) => keyOf(d) === keyOf(diagnostic)).length;
          expect(count(after), `${code} ${diagnostic.message}`).toBeLessThan(count(before));
          mended.add(diagnostic.code);
        }
    }
    expect(mended.size).toBeGreaterThanOrEqual(40);
  });
});

describe('certain fixes', () => {
  it.each([
    ['square(pow(b, 3))', '(b^3)^2'],
    ['pow(where(b > 0, b, 1), 2)', '(if b > 0 then b else 1)^2'],
    ['square(|b|) + pow(b, square(b))', 'abs(b)^2 + b^b^2'],
  ])('one in the other are applied one after the other: %s', (wrong, right) => {
    let text = page(`let u = ${wrong}`);
    for (let mends = certainMends(diagnose(text), 'page.bilevel'); mends.length > 0; mends = certainMends(diagnose(text), 'page.bilevel'))
      text = edited(
        text,
        mends.flatMap(({ fix }) => fix.edits),
      );
    expect(print(parse(text, 'page.bilevel').value)).toBe(page(`let u = ${right}`));
  });

  const looked = (text: string): readonly Diagnostic[] => checkParsed(parse(text, 'page.bilevel'), sources).diagnostics;

  it('come to an end on any page, each with its own mistake', () => {
    const texts = rows.map(({ wrong }) => whole(wrong).replaceAll(/[⟦⟧]/gu, ''));
    const written = fc.tuple(fc.constantFrom(...texts), fc.array(edit, { maxLength: 3 }));
    fc.assert(
      fc.property(written, ([start, edits]) => {
        let text = edits.reduce((before, one) => editedAtRandom(before, one).text, start);
        for (let round = 0; round < 20; round++) {
          const before = looked(text);
          const mends = certainMends(before, 'page.bilevel');
          if (mends.length === 0) return true;
          for (const { diagnostic, fix } of mends) {
            const isSame = (d: Diagnostic): boolean => keyOf(d) === keyOf(diagnostic);
            const after = looked(edited(text, fix.edits));
            expect(after.filter(isSame).length, `${fix.title}\n${text}`).toBeLessThan(before.filter(isSame).length);
          }
          text = edited(
            text,
            mends.flatMap(({ fix }) => fix.edits),
          );
        }
        return false;
      }),
      { numRuns: Number(process.env['RUNS'] ?? 100) },
    );
  });
});
