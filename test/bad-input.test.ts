/**
 * What users get wrong: each is one located diagnostic with a code, a reason and a way out, the exit code of the language page, and
 * no stack trace. The rows name code and place; the wording is tested with the catalogue.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, bilevel, failing } from './helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

folder.csv('X.csv', [
  [1, 2],
  [3, 4],
  [5, 6.5],
]);
folder.csv('y.csv', [1, 2, 4]);
folder.csv('two.csv', [1, 2]);
folder.write('kernels.bilevel', 'fn smooth(x: []): [] = x^2\n');
folder.write('latin.bilevel', Buffer.from('fn café(x: []): [] = x^2\n', 'latin1'));
folder.write('text.csv', '1,2\n3,four\n5,6\n');
folder.write('short.csv', '1,2\n3,4\n5\n');
folder.write('nan.csv', '1,2\n3,NaN\n5,6\n');

const good = `problem ridge {
  dim n, d
  data X: [n, d] from "X.csv"
  data y: [n] from "y.csv"
  hyper penalty: positive = 1.0
  param w: [d]
  inner minimize mean((X @ w - y)^2) + penalty * sum(w^2)
  outer minimize 0.001 * sum(w^2) + mean((X @ w - y)^2)
}
`;

/** The good page with one thing changed, which must be there to be changed. */
function changed(from: string, to: string): string {
  if (!good.includes(from)) throw new Error(`the page does not hold ${from}`);
  return folder.page(good.replace(from, () => to));
}

const withStatement = (statement: string): string => changed('\n}\n', `\n  ${statement}\n}\n`);

interface BadInput {
  readonly what: string;
  readonly page: string;
  readonly flags?: readonly string[];
  readonly exit: number;
  readonly code: string;
  /** In the page, or in the data file that is named. */
  readonly line?: number;
  readonly column?: number;
  readonly dataFile?: string;
  /** What the message or a hint must say. */
  readonly says?: RegExp;
}

const rows: readonly BadInput[] = [
  {
    what: 'a bracket that is not closed',
    page: changed('y)^2) + penalty', 'y)^2 + penalty'),
    exit: 1,
    code: 'BL1020',
    line: 7,
    column: 22,
  },
  { what: 'an operator without an operand', page: changed('penalty *', 'penalty * *'), exit: 1, code: 'BL1001', line: 7, column: 50 },
  {
    what: 'a misspelt name',
    page: changed('+ penalty', '+ penlaty'),
    exit: 1,
    code: 'BL2001',
    line: 7,
    column: 40,
    says: /did you mean `penalty`/u,
  },
  { what: 'an unknown name', page: changed('+ penalty', '+ zzz'), exit: 1, code: 'BL2001', line: 7, column: 40, says: /`zzz`/u },
  {
    what: 'a misspelt function',
    page: changed('* sum', '* smu'),
    exit: 1,
    code: 'BL2009',
    line: 7,
    column: 50,
    says: /did you mean `sum`/u,
  },
  {
    what: 'a misspelt solver',
    page: withStatement('solve inner with newtn()'),
    exit: 1,
    code: 'BL3009',
    line: 9,
    says: /did you mean `newton`/u,
  },
  {
    what: 'shapes that do not fit',
    page: changed('sum(w^2)', 'sum((w - y)^2)'),
    exit: 1,
    code: 'BL2003',
    line: 7,
    says: /\[d\] and \[n\]/u,
  },
  { what: 'a product that does not fit', page: changed('(X @ w', '(X @ y'), exit: 1, code: 'BL2003', line: 7, says: /\[n, d\] and \[n\]/u },
  {
    what: 'a loss that is not a number',
    page: changed('mean((X @ w - y)^2) +', '(X @ w - y)^2 +'),
    exit: 1,
    code: 'BL3003',
    line: 7,
    says: /\[n\]/u,
  },
  { what: 'two outer criteria', page: withStatement('outer minimize sum(w)'), exit: 1, code: 'BL3001', line: 9 },
  {
    what: 'no outer criterion',
    page: changed('  outer minimize 0.001 * sum(w^2) + mean((X @ w - y)^2)\n', ''),
    exit: 1,
    code: 'BL3002',
    line: 1,
  },
  {
    what: 'an inner loss that ignores all params',
    page: changed('inner minimize mean((X @ w - y)^2) + penalty * sum(w^2)', 'inner minimize mean(y^2) + penalty'),
    exit: 1,
    code: 'BL3004',
    line: 7,
  },
  {
    what: 'an inner loss that ignores one param',
    page: changed('param w: [d]', 'param w: [d]\n  param b: []'),
    exit: 1,
    code: 'BL3004',
    line: 8,
    says: /`b`/u,
  },
  {
    what: 'a rate as a hyper at a minimiser',
    page: withStatement('solve inner with gd(rate = penalty, tolerance = 1e-8)'),
    exit: 1,
    code: 'BL3101',
    line: 9,
    says: /recipe/u,
  },
  {
    what: 'a misspelt page',
    page: folder.page(`import { smooth } from "./kernel.bilevel"\n${good}`),
    exit: 1,
    code: 'BL2050',
    line: 1,
    says: /did you mean `\.\/kernels\.bilevel`/u,
  },
  {
    what: 'an import in another encoding',
    page: folder.page(`import { café } from "./latin.bilevel"\n${good}`),
    exit: 1,
    code: 'BL2050',
    line: 1,
    says: /latin\.bilevel` cannot be read: it is no text in UTF-8/u,
  },
  {
    what: 'all rows beside those of a set',
    page: changed(
      'inner minimize mean((X @ w - y)^2)',
      'split n into train 60%, valid 40%, seed 1\n  inner minimize mean((X[train] @ w - y)^2)',
    ),
    exit: 1,
    code: 'BL2003',
    line: 8,
    says: /`\[train\]` behind what has all of `n`/u,
  },
  {
    what: 'rows for columns',
    page: changed('sum(w^2)', 'sum((X * y)^2)'),
    exit: 1,
    code: 'BL2003',
    line: 7,
    says: /`reshape\(…, \[n, 1\]\)`/u,
  },
  {
    what: 'a matrix that is not transposed',
    page: changed('sum(w^2)', 'sum((X @ y)^2)'),
    exit: 1,
    code: 'BL2003',
    line: 7,
    says: /`\.T`/u,
  },
  {
    what: 'a loop variable that leads out of an axis',
    page: changed('sum(w^2)', 'sum([w[j + 1] - w[j] for j in d])'),
    exit: 1,
    code: 'BL2015',
    line: 7,
    says: /`for j in 0 \.\. d - 2`/u,
  },
  { what: 'a function of NumPy', page: changed('sum(w^2)', 'np.linalg.norm(w)'), exit: 1, code: 'BL1044', line: 7, says: /`norm\(…\)`/u },
  { what: 'a size of Python', page: changed('sum(w^2)', 'sum(w^2) / len(y)'), exit: 1, code: 'BL2009', line: 7, says: /name of the dim/u },
  { what: 'a truth value', page: changed('sum(w^2)', 'sum(w^2) * True'), exit: 1, code: 'BL2001', line: 7, says: /a comparison/u },
  {
    what: 'a learning rate',
    page: withStatement('solve inner with gd(lr = 0.1, steps = 5)'),
    exit: 1,
    code: 'BL3010',
    line: 9,
    says: /did you mean `rate`/u,
  },
  { what: 'a missing file', page: changed('"X.csv"', '"Z.csv"'), exit: 3, code: 'BL6001', dataFile: 'Z.csv', says: /`X`/u },
  {
    what: 'a text cell',
    page: changed('"X.csv"', '"text.csv"'),
    exit: 3,
    code: 'BL6005',
    dataFile: 'text.csv',
    line: 2,
    column: 2,
    says: /four/u,
  },
  {
    what: 'a short row',
    page: changed('"X.csv"', '"short.csv"'),
    exit: 3,
    code: 'BL6006',
    dataFile: 'short.csv',
    line: 3,
    says: /1 cell.* 2/u,
  },
  { what: 'NaN in the data', page: changed('"X.csv"', '"nan.csv"'), exit: 3, code: 'BL6008', dataFile: 'nan.csv', line: 2, column: 2 },
  {
    what: 'data that disagree about a dim',
    page: changed('"y.csv"', '"two.csv"'),
    exit: 3,
    code: 'BL6013',
    line: 4,
    says: /`n`: it is 3 .* and 2 /u,
  },
  {
    what: 'a dim that no data fix',
    page: folder.page(
      good.replace('dim n, d', 'dim n, d, k').replace('w: [d]\n', 'w: [d]\n  param v: [k]\n').replace('sum(w^2)', 'sum(w^2) + sum(v^2)'),
    ),
    exit: 3,
    code: 'BL6014',
    line: 2,
    says: /`k`/u,
  },
  {
    what: 'a start on the boundary of an open kind',
    page: changed('= 1.0', '= 0'),
    exit: 1,
    code: 'BL2025',
    line: 5,
    says: /boundary of `positive`/u,
  },
  {
    what: 'a start on the boundary of `unit`',
    page: changed('positive = 1.0', 'unit = 1'),
    exit: 1,
    code: 'BL2025',
    line: 5,
    says: /boundary of `unit`/u,
  },
  {
    what: 'the same by --set',
    page: changed('= 1.0', '= 2.0'),
    flags: ['--set', 'penalty=0'],
    exit: 3,
    code: 'BL6019',
    line: 5,
    says: /boundary/u,
  },
  {
    what: 'a hyper that there is not, by --set',
    page: changed('= 1.0', '= 2.0'),
    flags: ['--set', 'penlaty=1'],
    exit: 2,
    code: 'BL6017',
    says: /did you mean `penalty`/u,
  },
  {
    what: 'a Hessian that is not positive definite',
    page: changed('+ penalty * sum(w^2)', '- 100 * penalty * sum(w^2)'),
    exit: 4,
    code: 'BL8002',
    line: 7,
    says: /ridge term/u,
  },
  {
    what: 'a Hessian that is singular',
    page: changed('mean((X @ w - y)^2) + penalty * sum(w^2)', 'mean(((if X > 100 then X else 0) @ w - penalty)^2)'),
    exit: 4,
    code: 'BL8002',
    line: 7,
    says: /ridge term/u,
  },
  {
    what: 'an inner solver that diverges',
    page: withStatement('solve inner with gd(rate = 10.0, tolerance = 1e-8)'),
    exit: 4,
    code: 'BL8003',
    line: 7,
    says: /smaller rate/u,
  },
  {
    what: 'a construct that comes later',
    page: changed('data y', 'hyper batch: int in [8, 128] by search\n  data y'),
    exit: 1,
    code: 'BL3090',
    line: 4,
    says: /by search[^]*let batch = /u,
  },
];

describe('one located diagnostic with a code, a reason and a way out', () => {
  it.each(rows)('$what', async ({ page, flags = [], exit, code, line, column, dataFile, says }) => {
    const { diagnostics } = await failing(exit, 'gradient', page, ...flags);
    expect(diagnostics.map((d) => d.code)).toEqual([code]);
    const [diagnostic] = diagnostics;
    if (diagnostic === undefined) throw new Error('no diagnostic');
    expect(diagnostic.severity).toBe('error');
    expect(diagnostic.message.length).toBeGreaterThan(10);
    expect(diagnostic.message + diagnostic.hints.join('\n')).toMatch(says ?? /./u);
    if (line !== undefined) {
      expect(diagnostic.line).toBe(line);
      expect(diagnostic.file?.endsWith(dataFile ?? '.bilevel')).toBe(true);
    }
    if (dataFile !== undefined) expect(diagnostic.file?.endsWith(dataFile)).toBe(true);
    if (column !== undefined) expect(diagnostic.column).toBe(column);
    // The way out stands with it.
    expect(diagnostic.hints).not.toEqual([]);
  });

  it.each(rows)('$what, as text: place, code, frame; no stack', async ({ page, flags = [], exit, code, line, dataFile }) => {
    const outcome = await bilevel(['gradient', page, ...flags]);
    expect(outcome.code).toBe(exit);
    expect(outcome.stdout).toBe('');
    expect(outcome.stderr).toContain(`error ${code} (`);
    expect(outcome.stderr.match(/error BL\d{4}/gu)).toHaveLength(1);
    expect(outcome.stderr).not.toMatch(/^\s+at .*:\d+/mu);
    expect(outcome.stderr).not.toMatch(/undefined|\[object/u);
    if (line !== undefined && dataFile === undefined) expect(outcome.stderr).toMatch(new RegExp(`^\\s*${line} \\|`, 'mu'));
  });
});

describe('what is unwise is a warning, and the command goes on', () => {
  it('a hyper that nothing depends on', async () => {
    const outcome = await bilevel(['gradient', changed('+ penalty * sum', '+ sum'), '--json']);
    expect(outcome.code).toBe(0);
    expect(outcome.json()).toMatchObject({
      hypergradient: { penalty: 0 },
      diagnostics: [{ code: 'BL3102', severity: 'warning', line: 5 }],
    });
  });

  it('an inner solver that stops short: a status, and exit code 4 with --strict', async () => {
    const page = withStatement('solve inner with gd(rate = 0.001, steps = 3, tolerance = 1e-8)');
    const outcome = await bilevel(['gradient', page, '--json']);
    expect(outcome.code).toBe(0);
    expect(outcome.json()).toMatchObject({
      inner: { status: 'step-limit', steps: 3 },
      diagnostics: [{ code: 'BL8004', severity: 'warning', line: 7 }],
    });
    expect((await bilevel(['gradient', page, '--strict'])).code).toBe(4);
  });
});

describe('all errors of a file in one run', () => {
  it('of its meaning', async () => {
    const page = folder.page(
      good
        .replace('param w: [d]', 'param w: [d]\n  param v: [e]')
        .replace('penalty * sum(w^2)', 'penlaty * smu(w^2) + sum(w - y)')
        .replace('outer minimize 0.001 * sum(w^2) + mean((X @ w - y)^2)', 'outer minimize (X @ w - y)^2\n  report r = foo'),
    );
    const { diagnostics } = await failing(1, 'check', page);
    expect(diagnostics.map((d) => [d.code, d.line])).toEqual([
      ['BL2005', 7],
      ['BL2001', 8],
      ['BL2009', 8],
      ['BL2003', 8],
      ['BL3003', 9],
      ['BL2001', 10],
    ]);
  });

  it('of its syntax and of its meaning', async () => {
    const page = folder.page(
      good.replace('dim n, d', 'dim n, d,').replace('+ penalty', '+ penlaty').replace('(X @ w - y)^2)\n}', '(X @ w - y)**2)\n}'),
    );
    const { diagnostics } = await failing(1, 'check', page);
    const codes = diagnostics.map((d) => d.code);
    expect(codes).toContain('BL2001');
    expect(codes.filter((code) => code.startsWith('BL1')).length).toBeGreaterThanOrEqual(1);
    for (const { line } of diagnostics) expect(line).toBeGreaterThan(0);
  });

  it('of its data', async () => {
    const page = folder.page(good.replace('"X.csv"', '"text.csv"').replace('"y.csv"', '"Z.csv"'));
    const { diagnostics } = await failing(3, 'gradient', page);
    expect(diagnostics.map((d) => d.code).sort()).toEqual(['BL6001', 'BL6005']);
  });

  it('of several pages', async () => {
    const { diagnostics } = await failing(1, 'check', changed('+ penalty', '+ zzz'), changed('* sum', '* smu'));
    expect(diagnostics.map((d) => d.code).sort()).toEqual(['BL2001', 'BL2009']);
  });
});
