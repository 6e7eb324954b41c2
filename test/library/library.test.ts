/** The functions of the package: what they answer is what the command line prints, and a wrong call says what to write. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UsageError, check, compile, format, plan, problem, renderDiagnostic } from '../../library/index.ts';
import type { CompileOptions } from '../../library/index.ts';
import { importPage } from '../../plugin/page.ts';
import { bilevel, folderWith } from '../cli/harness.ts';
import { examples, quickTravellers } from '../helpers/examples.ts';

const good = `problem p {
  dim n, d = 10
  data X: [n, d]
  hyper a: positive = 2.0
  param w: [d]
  inner minimize sum((X @ w - 1)^2) + a * sum(w^2)
  outer minimize sum(w^2)
}
`;
const wrong = good.replace('a * sum', 'aa * sum').replace('outer minimize sum(w', 'outer minimize sum(v');
const two = good + good.replace('problem p', 'problem q');

const folder = folderWith({ 'good.bilevel': good, 'wrong.bilevel': wrong, 'two.bilevel': two });
afterAll(folder.remove);

describe('check', () => {
  it('names the problems with all that they declare', () => {
    const { ok, diagnostics, problems } = check(two);
    expect([ok, diagnostics]).toEqual([true, []]);
    expect(problems.map((p) => [p.name, p.data.map((d) => d.name), p.meaning])).toEqual([
      ['p', ['X'], 'minimiser'],
      ['q', ['X'], 'minimiser'],
    ]);
  });

  it('finds every mistake, with offsets, line and column, as the command line does', async () => {
    const { ok, diagnostics } = check(wrong, { file: folder.path('wrong.bilevel') });
    expect(ok).toBe(false);
    const document = (await bilevel(['check', folder.path('wrong.bilevel'), '--json'])).json();
    const facts = (d: { code: string; message: string; line?: number; column?: number }): unknown => [d.code, d.message, d.line, d.column];
    expect(diagnostics.map(facts)).toEqual((document['diagnostics'] as Parameters<typeof facts>[0][]).map(facts));
    expect(diagnostics.map(({ span }) => wrong.slice(span?.start, span?.end))).toEqual(['aa', 'v']);
  });

  it('is rendered for people as on the command line', async () => {
    const { diagnostics } = check(wrong, { file: folder.path('wrong.bilevel') });
    const { stdout } = await bilevel(['check', folder.path('wrong.bilevel')]);
    expect(diagnostics.map((d) => `${renderDiagnostic(d, () => wrong)}\n\n`).join('')).toBe(stdout);
  });

  it('knows the pages that are imported by the texts that it is given', async () => {
    const own = `import { near } from "../near.bilevel"\n${good.replace('inner minimize ', 'inner minimize near(0) + ')}`;
    const near = 'import { twice } from "./lib/twice.bilevel"\nfn near(x: []): [] = twice(x)\n';
    const imports = { '../near.bilevel': near, '../lib/twice.bilevel': 'fn twice(x: []): [] = 2 * x\n' };
    expect(check(own, { imports }).diagnostics).toEqual([]);
    expect(check(own, { file: 'a/b/own.bilevel', imports }).ok).toBe(true);
    expect(plan(own, { imports }).ok).toBe(true);
    const compiled = compile(own, { file: 'a/own.bilevel', imports });
    expect(compiled.ok).toBe(true);
    expect(compiled.module).toEqual(compile(own, { file: 'own.bilevel', imports }).module);
    const [mistake] = check(own, {
      file: 'a/own.bilevel',
      imports: { ...imports, '../lib/twice.bilevel': '\nfn twice(x: []): [] = 2 * y\n' },
    }).diagnostics;
    expect(mistake).toMatchObject({ code: 'BL2001', span: { file: 'lib/twice.bilevel' }, line: 2, column: 27 });
    expect(check(own).diagnostics).toMatchObject([{ code: 'BL2050', line: 1, column: 22 }]);
    const folder = folderWith({ 'a/own.bilevel': own, 'near.bilevel': near, 'lib/twice.bilevel': imports['../lib/twice.bilevel'] });
    const { stdout } = await bilevel(['compile', folder.path('a/own.bilevel')]);
    folder.remove();
    expect(stdout).toBe(compile(own, { file: 'own.bilevel', imports }).module?.files[0]?.text.replace(/\/\/# .*\n$/u, ''));
  });

  it('says where a page has no place', () => {
    const nowhere = compile(two, { problem: 'r', file: 'two.bilevel' }).diagnostics;
    expect(nowhere.map(({ code, span, line, column }) => [code, span, line, column])).toEqual([
      ['BL9004', undefined, undefined, undefined],
    ]);
    const placed = check('\u{1f600} λ\n  𝒳 = 1').diagnostics;
    expect(placed.length).toBeGreaterThan(0);
    for (const { span, line, column } of placed) expect([span, line, column]).not.toContain(undefined);
  });
});

describe('plan', () => {
  it.each([[[]], [['--strategy', 'implicit']], [['--strategy', 'auto', '--precision', 'f32']]])(
    'is the document of the command line, with %o',
    async (flags) => {
      const document = (await bilevel(['plan', folder.path('good.bilevel'), '--json', '--no-cache', ...flags])).json();
      const options = Object.fromEntries(flags.flatMap((flag, i) => (i % 2 === 0 ? [[flag.slice(2), flags[i + 1]]] : [])));
      const { ok, plan: planned } = plan(good, options);
      expect(ok).toBe(true);
      expect({ ...planned, diagnostics: [] }).toEqual(document);
      expect(JSON.stringify(planned)).toBe(JSON.stringify({ ...document, diagnostics: undefined }));
    },
  );

  it('knows costs and memory where it knows sizes', () => {
    const known = plan(good, { sizes: { n: 442 } }).plan;
    expect(known?.sizes).toEqual({ d: 10, n: 442 });
    expect(known?.candidates.find((c) => c.verdict === 'chosen')).toMatchObject({ id: known?.chosen, flops: expect.any(Number) as number });
    expect(known?.memory?.bytes).toBeGreaterThan(442 * 10 * 8);
    const unknown = plan(good).plan;
    expect(unknown?.memory).toBeNull();
    expect(unknown?.candidates[0]).not.toHaveProperty('flops');
    expect(unknown?.candidates[0]).toHaveProperty('cost.flops', expect.stringContaining('n'));
  });
});

describe('sizes of index sets', () => {
  /** Which solver is meant hangs on how many params there are: three fifths of the rows. */
  const parts = `problem parts {
  dim n
  data y: [n] from "y.csv"
  split n into train 60%, valid 40%
  hyper a: positive
  param u: [train]
  inner minimize sum((u - y[train])^2) + a * sum(u^2) + mean(u)^2
  outer minimize (sum(u) - mean(y[valid]))^2
}
`;
  const rows = 20000;
  const place = folderWith({
    'parts.bilevel': parts,
    'y.csv': Array.from({ length: rows }, (_, i) => `${i % 7}\n`).join(''),
  });
  afterAll(place.remove);

  it('follow from the dim, and the choice with them, as with data', async () => {
    const { diagnostics: _, ...document } = (await bilevel(['plan', place.path('parts.bilevel'), '--json', '--no-cache'])).json();
    const known = plan(parts, { sizes: { n: rows } }).plan;
    expect(known).toEqual(document);
    expect(known?.sizes).toEqual({ n: rows, train: 12000, valid: 8000 });
    expect(known?.chosen).not.toBe(plan(parts, { sizes: { n: 20 } }).plan?.chosen);
  });

  it('decide what a module carries, and what its own plan says', async () => {
    const chosen = plan(parts, { sizes: { n: rows } }).plan?.chosen;
    expect(compile(parts, { sizes: { n: rows } }).module?.candidates).toEqual([chosen]);
    const flags = ['compile', place.path('parts.bilevel'), '--sizes', `n=${rows}`, '--json'];
    expect((await bilevel(flags)).json()['candidates']).toEqual([chosen]);
    expect(problem(parts).plan({ n: rows }).chosen).toBe(chosen);
    const imported = importPage({ name: 'parts.bilevel', text: parts }, { sizes: { n: rows } }).module().value?.code;
    expect(imported).toBe(
      compile(parts, { target: 'js', sizes: { n: rows }, file: 'parts.bilevel' }).module?.files[0]?.text.replace(/\/\/# .*\n$/u, ''),
    );
  });

  it('are known of a page that declares its dims', async () => {
    const fixed = parts.replace('dim n', `dim n = ${rows}`).replace('y.csv', 'no-such.csv');
    const other = folderWith({ 'fixed.bilevel': fixed });
    const document = (await bilevel(['plan', other.path('fixed.bilevel'), '--json'])).json();
    other.remove();
    expect(document['sizes']).toEqual({ n: rows, train: 12000, valid: 8000 });
    expect(plan(fixed).plan?.sizes).toEqual(document['sizes']);
  });

  it('are no sizes of their own', () => {
    expect(plan(parts, { sizes: { n: 20, train: 12, valid: 8 } }).ok).toBe(true);
    const words = 'sizes: the size of `train` follows from that of `n`; write { n: 100 }, say';
    expect(() => plan(parts, { sizes: { train: 12 } })).toThrow(words);
    expect(() => plan(parts, { sizes: { n: 20, train: 13 } })).toThrow(words);
  });

  it('give ridge its costs and its memory', () => {
    const ridge = readFileSync(examples.find(({ name }) => name === 'ridge')?.page ?? '', 'utf8');
    const known = plan(ridge, { sizes: { n: 442 } }).plan;
    expect(known?.sizes).toEqual({ d: 10, n: 442, train: 265, valid: 89, test: 88 });
    const number = expect.any(Number) as number;
    expect(known?.candidates.find((c) => c.id === known.chosen)).toMatchObject({ flops: number, bytes: number });
    expect(known?.memory?.bytes).toBeGreaterThan(265 * 10 * 8);
  });
});

describe('compile', () => {
  it.each(quickTravellers)('$name gives the bytes of the command line', async ({ page }) => {
    const name = basename(page);
    const text = readFileSync(page, 'utf8');
    const target = folderWith({ [name]: text });
    try {
      expect((await bilevel(['compile', target.path(name), '-o', target.path(name.replace('.bilevel', '.js'))])).code).toBe(0);
      const { module } = compile(text, { file: name, target: 'js' });
      expect(module?.files).toHaveLength(2);
      for (const file of module?.files ?? []) {
        expect(file.text).toBe(readFileSync(target.path(file.name), 'utf8'));
        expect(file.map).toBe(readFileSync(`${target.path(file.name)}.map`, 'utf8'));
      }
    } finally {
      target.remove();
    }
  });

  it('gives them wherever the page stands, in both languages', async () => {
    expect((await bilevel(['compile', folder.path('good.bilevel'), '-o', folder.path('good.ts')])).code).toBe(0);
    const [file] = compile(good, { file: 'some/where/good.bilevel' }).module?.files ?? [];
    expect([file?.name, file?.text]).toEqual(['good.ts', readFileSync(folder.path('good.ts'), 'utf8')]);
  });

  it('takes the options of the command line', async () => {
    const logistic = examples.find(({ name }) => name === 'logistic')?.page ?? '';
    const text = readFileSync(logistic, 'utf8');
    const carried = async (...flags: readonly string[]): Promise<unknown> =>
      (await bilevel(['compile', logistic, '--json', ...flags])).json()['candidates'];
    const cases: readonly (readonly [CompileOptions, readonly string[]])[] = [
      [{ sizes: { d: 30 } }, ['--sizes', 'd=30']],
      [{ strategy: 'implicit+cg+lbfgs', precisions: ['f32'] }, ['--strategy', 'implicit+cg+lbfgs', '--precision', 'f32']],
    ];
    for (const [options, flags] of cases) expect(compile(text, options).module?.candidates).toEqual(await carried(...flags));
    const [given, turned] = [compile(good, { precisions: ['f64', 'f32'] }), compile(good, { precisions: ['f32', 'f64'] })];
    expect(JSON.stringify(turned)).toBe(JSON.stringify(given));
  });

  it('says by diagnostics what is wrong with the page or cannot be chosen', () => {
    expect(compile(wrong)).toMatchObject({ ok: false, diagnostics: [{ code: 'BL2001', line: 6 }, { code: 'BL2001' }] });
    expect(compile(good, { strategy: 'unrolled' })).toMatchObject({ ok: false, diagnostics: [{ code: 'BL8009' }] });
    const several = compile(two);
    expect(several).toMatchObject({ ok: false, diagnostics: [{ code: 'BL9004' }] });
    expect(several.diagnostics[0]?.hints).toEqual(["name one: `--problem p` on the command line, `problem: 'p'` in a call"]);
    expect(compile(two, { problem: 'q' }).module?.problem).toBe('q');
    expect(compile(two, { problem: 'r' })).toMatchObject({ ok: false, diagnostics: [{ code: 'BL9004' }] });
  });
});

describe('format', () => {
  it('gives what bilevel fmt writes, and nothing where parts would be lost', async () => {
    const untidy = good.replaceAll('  ', ' ').replace('problem p {', 'problem   p{');
    const target = folderWith({ 'page.bilevel': untidy });
    await bilevel(['fmt', target.path('page.bilevel')]);
    expect(format(untidy)).toEqual({ ok: true, diagnostics: [], text: readFileSync(target.path('page.bilevel'), 'utf8') });
    await bilevel(['fmt', target.path('page.bilevel'), '--width', '20']);
    expect(format(untidy, { width: 20 }).text).toBe(readFileSync(target.path('page.bilevel'), 'utf8'));
    target.remove();
    expect(format(wrong).ok).toBe(true);
    const broken = format('problem p { hyper }');
    expect([broken.ok, broken.text]).toEqual([false, undefined]);
    expect(broken.diagnostics[0]).toMatchObject({ line: 1 });
  });
});

describe('a call that is wrong', () => {
  it.each([
    ['an option', () => check(good, { fil: 'x' } as never), '`check` has no option `fil`: did you mean `file`?'],
    [
      'an option of another function',
      () => plan(good, { target: 'ts' } as never),
      '`plan` has no option `target`: there is `file`, `problem`',
    ],
    ['a target', () => compile(good, { target: 'tss' as never }), '`target` cannot be `tss`: did you mean `ts`?'],
    ['a precision', () => compile(good, { precisions: ['f16' as never] }), '`precisions` cannot be `f16`: there is `f64`, `f32`'],
    ['no precision', () => compile(good, { precisions: [] }), "`precisions` is a list, such as ['f64', 'f32'], and was empty"],
    ['precisions that are no list', () => compile(good, { precisions: 'f64' as never }), 'and was a string'],
    ['a dim', () => plan(good, { sizes: { m: 3 } }), 'sizes: the problem has no dim `m`; write { n: 100 }, say'],
    ['a size', () => plan(good, { sizes: { n: 1.5 } }), '`sizes`: the size of `n` is a whole number, 0 or more; write { n: 100 }, say'],
    ['a size that the page fixes', () => plan(good, { sizes: { d: 3 } }), 'sizes: the page says that `d` is 10; write { d: 10 }, say'],
    ['a strategy', () => problem(good, { strategy: 'implict' }), 'the plan has no strategy `implict`: did you mean `implicit`?'],
    ['no text', () => check(undefined as never), '`check` reads the text of a page, and was given undefined'],
    ['a file in place of a text', () => check(new Uint8Array() as never), 'and was given a collection'],
    ['no options', () => check(good, null as never), '`check` takes its options as an object, and was given null'],
    ['a list of options', () => format(good, ['file'] as never), '`format` takes its options as an object, and was given a list'],
    ['a width', () => format(good, { width: 0.5 }), '`width` is a whole number of characters, 1 or more, and was 0.5'],
    ['a width that is a word', () => format(good, { width: '80' as never }), 'and was a string'],
    ['a file that is no name', () => check(good, { file: 3 as never }), "`file` is a name, such as 'ridge.bilevel', and was a number"],
    ['a folder for a file', () => compile(good, { file: 'a/b/' }), "`file` is the name of a file, such as 'ridge.bilevel', and not 'a/b/'"],
    ['an empty name of a file', () => compile(good, { file: '' }), "`file` is the name of a file, such as 'ridge.bilevel', and not ''"],
    ['an ending for a file', () => compile(good, { file: 'a/.bilevel' }), "and not 'a/.bilevel'"],
    ['a problem that is no name', () => plan(good, { problem: null as never }), "`problem` is a name, such as 'ridge', and was null"],
    [
      'a strategy that is no name',
      () => plan(good, { strategy: 3 as never }),
      "`strategy` is a name, such as 'implicit', and was a number",
    ],
    ['no sizes', () => plan(good, { sizes: null as never }), '`sizes` is an object, such as { n: 442 }, and was null'],
    [
      'imports that are no object',
      () => check(good, { imports: 'a' as never }),
      "`imports` is an object, such as { './lib.bilevel': text }, and was a string",
    ],
    [
      'an import that is no text',
      () => check(good, { imports: { './a.bilevel': 4 as never } }),
      "`imports`: the text of './a.bilevel' is a text, and was a number",
    ],
    ['one size', () => compile(good, { sizes: 4 as never }), '`sizes` is an object, such as { n: 442 }, and was a number'],
    ['sizes in a map', () => problem(good, { sizes: new Map() as never }), 'such as { n: 442 }, and was a collection'],
    ['a size that is no number', () => plan(good, { sizes: { n: '4' as never } }), 'the size of `n` is a whole number, 0 or more'],
    ['a target that is no word', () => compile(good, { target: null as never }), "`target` is a word, such as 'ts', and was null"],
    [
      'a precision that is no word',
      () => compile(good, { precisions: [null as never] }),
      "`precisions` is a word, such as 'f64', and was null",
    ],
  ])('throws a UsageError that says so: %s', (_, call, words) => {
    expect(call).toThrow(UsageError);
    expect(call).toThrow(words);
  });
});
