/** What is really answered is valid by the JSON schemas, and what is not like it is not. That they are what the types say: `test/deep/schemas.test.ts`. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { check, compile, format, plan } from '../../library/index.ts';
import { catalogue } from '../../diagnostics/catalogue.ts';
import { bilevel, folderWith } from '../cli/harness.ts';
import { examples, travellingExamples } from '../helpers/examples.ts';
import { root } from '../project/imports.ts';

const schemaFolder = join(root, 'library', 'schemas');
const names = readdirSync(schemaFolder, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.json'))
  .sort();

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const validators = new Map<string, ValidateFunction>();

function validatorOf(name: string): ValidateFunction {
  const before = validators.get(name);
  if (before !== undefined) return before;
  const made = ajv.compile(JSON.parse(readFileSync(join(schemaFolder, `${name}.json`), 'utf8')) as object);
  validators.set(name, made);
  return made;
}

/** What is wrong with a value after it went through JSON. */
function mistakes(name: string, value: unknown): readonly string[] {
  const validate = validatorOf(name);
  return validate(JSON.parse(JSON.stringify(value))) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message ?? ''}`);
}

const small = `problem p {
  dim n
  data y: int[n] in [0, 9] from "y.csv"
  split n into train 50%, valid 50%, seed 1
  hyper a: positive = 2.0
  hyper k: int in [1, 4] = 2
  param w: []
  inner minimize sum((w - y[train])^2) + (a + k) * w^2
  outer minimize mean((w - y[valid])^2)
  report both = [w, 2 * w]
}
`;
const folder = folderWith({ 'page.bilevel': small, 'wrong.bilevel': small.replace('sum((w', 'sum((v'), 'y.csv': '1\n2\n4\n3\n5\n8\n' });
afterAll(folder.remove);

describe('the schemas', () => {
  it('are in the package', () => {
    expect(names).toContain('cli/run.json');
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, unknown> };
    expect(exports['./schemas/*.json']).toBe('./dist/schemas/*.json');
    expect(readdirSync(join(root, 'dist', 'schemas'))).toEqual(expect.arrayContaining(names.filter((name) => !name.includes('/'))));
  });
});

describe('what the interface answers', () => {
  const pages = [...travellingExamples.map(({ page }) => readFileSync(page, 'utf8')), small];

  it('about good pages is valid', () => {
    for (const text of pages) {
      expect(mistakes('check', check(text))).toEqual([]);
      expect(mistakes('plan', plan(text))).toEqual([]);
      expect(mistakes('format', format(text))).toEqual([]);
    }
    expect(mistakes('plan', plan(small, { sizes: { n: 40 } }))).toEqual([]);
    expect(mistakes('compile', compile(small, { target: 'js' }))).toEqual([]);
  });

  it('about bad pages is valid', () => {
    // Of the others it is the data or the numbers that are wrong.
    const bad = catalogue.filter((row) => /^BL[1-5]/u.test(row.code)).map((row) => check(row.example));
    expect(bad.filter(({ ok }) => !ok).length).toBeGreaterThan(40);
    for (const checked of bad) {
      expect(mistakes('check', checked)).toEqual([]);
      for (const diagnostic of checked.diagnostics) expect(mistakes('diagnostic', diagnostic)).toEqual([]);
    }
    const wrong = readFileSync(folder.path('wrong.bilevel'), 'utf8');
    expect(mistakes('compile', compile(wrong))).toEqual([]);
    expect(mistakes('plan', plan(wrong))).toEqual([]);
    expect(mistakes('format', format('problem'))).toEqual([]);
  });
});

const documentOf = async (...words: readonly string[]): Promise<Record<string, unknown>> => (await bilevel([...words, '--json'])).json();

describe('what the command line prints', () => {
  const page = folder.path('page.bilevel');
  const recipe = travellingExamples.find(({ name }) => name === 'learning-rate')?.page ?? '';
  it.each([
    ['cli/plan', ['plan', page]],
    ['cli/plan', ['plan', page, '--backend', 'reference']],
    ['cli/plan', ['plan', recipe, '--precision', 'f32']],
    ['cli/plan', ['plan', folder.path('wrong.bilevel')]],
    ['cli/plan', ['plan', page, '--strategy', 'nobody']],
    ['cli/gradient', ['gradient', page]],
    ['cli/gradient', ['gradient', page, '--verify']],
    ['cli/gradient', ['gradient', page, '--strategy', 'unrolled']],
    ['cli/gradient', ['gradient', page, '--data', 'y=absent.csv']],
    ['cli/run', ['run', page]],
    ['cli/run', ['run', page, '--strict', '--set', 'a=1e-9']],
    ['cli/run', ['run', folder.path('wrong.bilevel')]],
  ])('is valid by %s: %o', async (schema, words) => {
    expect(mistakes(schema, await documentOf(...words))).toEqual([]);
  });
});

it('a run that went on with another candidate is valid', async () => {
  const reweighed = {
    from: 'implicit+cg+lbfgs',
    to: 'implicit+cholesky+newton',
    steps: { cg: { counted: 253, assumed: 29.02 } },
    condition: 160.5,
    predicted_ms: { from: 40.2, to: 15.1 },
  };
  const ridge = examples.find(({ name }) => name === 'ridge')?.page ?? '';
  const document = { ...(await documentOf('run', ridge)), reweighed };
  expect(mistakes('cli/run', document)).toEqual([]);
  expect(mistakes('cli/run', { ...document, reweighed: { ...reweighed, failed: 'it diverged' } })).toEqual([]);
  expect(mistakes('cli/run', { ...document, reweighed: { ...reweighed, surplus: 1 } })).not.toEqual([]);
  expect(mistakes('cli/run', { ...document, reweighed: {} })).not.toEqual([]);
});

describe('a document that is not one', () => {
  it.each([
    ['check', () => check(small)],
    ['compile', () => compile(small)],
    ['format', () => format(small)],
    ['plan', () => plan(small)],
    ['diagnostic', () => check('problem').diagnostics[0]],
    ['cli/gradient', () => documentOf('gradient', folder.path('page.bilevel'))],
    ['cli/plan', () => documentOf('plan', folder.path('page.bilevel'))],
    ['cli/run', () => documentOf('run', folder.path('page.bilevel'))],
  ] as const)('is refused by %s: each of its fields left out, of another type, or one too many', async (schema, make) => {
    const document = JSON.parse(JSON.stringify(await make())) as Record<string, unknown>;
    expect(mistakes(schema, document)).toEqual([]);
    expect(mistakes(schema, { ...document, surplus: 1 })).not.toEqual([]);
    const optional = ['fused', 'memory_bytes', 'whole', 'reweighed', 'line', 'column', 'span', 'place'];
    for (const [key, value] of Object.entries(document)) {
      const { [key]: _, ...rest } = document;
      if (!optional.includes(key)) expect(mistakes(schema, rest), `without ${key}`).not.toEqual([]);
      expect(mistakes(schema, { ...document, [key]: typeof value === 'boolean' ? 'true' : false }), key).not.toEqual([]);
    }
  });
});
