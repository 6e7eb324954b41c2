/** The data of a module from files, as an application reads them: to the last bit what `bilevel run` binds, and the same words for what is wrong. */
import { createServer, type Server } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { given } from '../../compiler/ir/attributes.ts';
import { fromUrl, readData, type FileOverride, type Files } from '../../runtime/data/api.ts';
import { csv } from '../../runtime/data/csv.ts';
import { everyFormat } from '../../runtime/data/every-format.ts';
import { bindData } from '../../runtime/data/files.ts';
import { fromFolder } from '../../runtime/data/folder.ts';
import { json } from '../../runtime/data/json.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import type { ProblemError, Tensor } from '../../runtime/api.ts';
import { folderWith } from '../cli/harness.ts';
import { failing } from '../helpers/cli.ts';
import { examples } from '../helpers/examples.ts';
import { Project, type AnyProblem } from '../module/harness.ts';

const project = new Project();
const folder = folderWith({
  'species.bilevel': `problem species {
  dim n
  data size: [n] from "flowers.csv" column size
  data kind: int[n] from "flowers.csv" column kind
  data target: [] from "target.json"
  hyper a: positive = 1
  param x: []
  inner minimize mean((x - size)^2) + a * x^2 + sum(kind) * 0
  outer minimize (x - target)^2
}`,
  'flowers.csv': 'size,kind\n1.5,setosa\n2.5,iris\n0.1,setosa\n',
  'target.json': '[2]',
  'with blanks & signs #1.csv': 'size,kind\n3,iris\n',
  'short.csv': 'size,kind\n1.5,setosa\n2.5\n',
  'nan.csv': 'size,kind\n1,iris\nnan,iris\n',
  'bad.npz': 'no archive',
  'page.csv': '\n<!DOCTYPE html>\n<html><body>one, two</body></html>\n',
  'page.json': '<html></html>',
});
let species: AnyProblem;
beforeAll(async () => {
  await project.compile(folder.path('species.bilevel'), 'species.js');
  species = await project.load('species.js');
});
afterAll(() => {
  project.remove();
  folder.remove();
});

/** What is read of the page’s files, but for these overrides. */
const read = (overrides: Readonly<Record<string, FileOverride | number>> = {}, files: Files = fromFolder(folder.path('.'))) =>
  readData(species, { files, formats: [csv, json], overrides });

async function refusal(reading: Promise<unknown>): Promise<ProblemError> {
  const error: unknown = await reading.catch((thrown: unknown) => thrown);
  expect((error as ProblemError).name).toBe('ProblemError');
  return error as ProblemError;
}

describe.each(examples)('the data of $name', ({ name, page }) => {
  it('are read to the last bit as the command line binds them', async () => {
    await project.compile(page, `${name}.js`);
    const problem = await project.load(`${name}.js`);
    const data = await readData(problem, { files: fromFolder(dirname(page)), formats: everyFormat });
    const declared = problem.describe.data.map((d) => ({ ...d, span: { ...d.span, file: page } }));
    const { bound } = await bindData({ ...problem.describe, data: declared }, nodeSources());
    expect(Object.keys(data)).toEqual(declared.map((d) => d.name));
    for (const { name: own } of declared) {
      const { shape, data: elements } = given(bound).slots[`data:${own}`] as Tensor;
      expect((data[own] as Tensor).shape).toEqual(shape);
      expect((data[own] as Tensor).data).toEqual(elements);
    }
  });
});

describe('data that are read', () => {
  it('are what the problem takes: tensors, numbers, and words with what they stand for', async () => {
    const data = await read();
    expect(data['size']).toEqual({ shape: [3], data: Float64Array.of(1.5, 2.5, 0.1) });
    expect(data['kind']).toEqual({ shape: [3], data: Float64Array.of(1, 0, 1), labels: ['iris', 'setosa'] });
    expect(data['target']).toBe(2);
    expect((await species.evaluate(data)).inner.status).toBe('converged');
  });

  it('come from other files and values where these are given', async () => {
    const other = { file: 'with blanks & signs #1.csv' };
    const data = await read({ size: { ...other, key: 'size' }, kind: other, target: 7 });
    expect(data['size']).toEqual({ shape: [1], data: Float64Array.of(3) });
    expect(data['target']).toBe(7);
  });

  it('are read once a file', async () => {
    const reads: string[] = [];
    const { read: readFile } = fromFolder(folder.path('.'));
    await read(
      {},
      {
        read: (file) => {
          reads.push(file);
          return readFile(file);
        },
      },
    );
    expect(reads.sort()).toEqual(['flowers.csv', 'target.json']);
  });

  it.each([
    ['short.csv', 'BL6006', 'short.csv:3: '],
    ['nan.csv', 'BL6008', 'nan.csv:3: '],
    ['flower.csv', 'BL6001', 'species.bilevel:3:8: '],
    ['flowers.xlsx', 'BL6003', 'species.bilevel:3:8: '],
  ])('are refused as `bilevel run` refuses them: %s', async (file, code, place) => {
    const error = await refusal(read({ size: { file } }));
    expect([error.code, error.status]).toEqual([code, 'not-started']);
    expect(error.message.startsWith(place)).toBe(true);
    const { diagnostics } = await failing(3, 'run', folder.path('species.bilevel'), '--data', `size=${folder.path(file)}`);
    const [first] = diagnostics.filter((d) => d.severity === 'error');
    expect([first?.code, first?.message.replaceAll(`${folder.path('.')}/`, '')]).toEqual([code, error.diagnostics[0]?.message]);
  });

  it('are refused where their format was not brought, with the one to bring', async () => {
    const error = await refusal(readData(species, { files: fromFolder(folder.path('.')), formats: [csv] }));
    expect(error.diagnostics.map((d) => d.code)).toEqual(['BL6003']);
    expect(error.message).toContain('bilevel/data/json');
  });

  it('are refused where the problem has none of that name', async () => {
    expect((await refusal(read({ sizes: 1 }))).code).toBe('BL6017');
  });

  it('are refused with the file for a place where no line is to be named', async () => {
    const reading = readData(species, {
      files: fromFolder(folder.path('.')),
      formats: everyFormat,
      overrides: { size: { file: 'bad.npz' } },
    });
    const { message } = await refusal(reading);
    expect(message).toMatch(/^bad\.npz: BL6009 /u);
  });

  it('are refused where a page stands in their place', async () => {
    const table = await refusal(read({ size: { file: 'page.csv' } }));
    expect([table.code, table.message]).toEqual(['BL6009', expect.stringContaining('it is an HTML page')]);
    const { code, message } = await refusal(read({ target: { file: 'page.json' } }));
    expect([code, message]).toEqual(['BL6009', expect.stringContaining('it is an HTML page')]);
  });

  it('are refused with the ways out of a program', async () => {
    const hints = async (reading: Promise<unknown>): Promise<readonly string[]> =>
      (await refusal(reading)).diagnostics.flatMap((d) => d.hints);
    expect(await hints(read({ size: { file: 'nowhere-at-all.csv' } }))).toEqual([
      "its path is relative to the folder that `files` is made for; `overrides: { size: { file: 'FILE' } }` reads another",
    ]);
    const { describe: described } = species;
    const without = { describe: { ...described, data: described.data.map(({ from: _, ...data }) => data) } };
    const given = { files: fromFolder(folder.path('.')), formats: [csv], overrides: { kind: [1], target: 2 } };
    expect(await hints(readData(without, given as never))).toEqual([
      'give it: `overrides: { size: … }`, a file or a value; or write `from "FILE"` in its declaration',
    ]);
  });

  it.each([
    [{ formats: [csv] }, 'BL9011', /`files` must be .*; it is undefined/u],
    [{ files: {}, formats: [csv] }, 'BL9011', /`files` must be/u],
    [{ files: fromFolder('.') }, 'BL9011', /`formats` must be a list of formats/u],
    [{ files: fromFolder('.'), formats: csv }, 'BL9011', /`formats` must be a list of formats/u],
    [{ files: fromFolder('.'), formats: [csv], overides: {} }, 'BL9011', /did you mean `overrides`/u],
    [undefined, 'BL9011', /`options` must be an object/u],
    [{ files: fromFolder(folder.path('.')), formats: [csv, json], overrides: { size: null } }, 'BL6023', /`size` .*null is no number/u],
  ])('are not read with %o', async (options, code, words) => {
    const error = await refusal(readData(species, options as never));
    expect([error.code, error.status]).toEqual([code, 'not-started']);
    expect(error.message).toMatch(words);
  });

  it('come from a folder or a URL, and from nothing else', () => {
    expect(() => fromFolder(undefined as never)).toThrow('needs the path of a folder');
    expect(() => fromUrl('data')).toThrow('give a whole URL, or use `fromFolder`');
    expect(() => fromUrl(undefined as never)).toThrow('give a whole URL');
  });
});

describe('data from a server', () => {
  const asked: string[] = [];
  let server: Server;
  let base: string;
  beforeAll(async () => {
    server = createServer(({ url = '' }, response) => {
      asked.push(url);
      const name = decodeURIComponent(url.slice('/data/'.length));
      if (name === 'kept.csv') response.writeHead(403).end();
      else if (name === 'none.csv') response.writeHead(404).end();
      else response.end(readFileSync(folder.path(name)));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data`;
  });
  afterAll(() => void server.close());

  it('are those of the folder', async () => {
    expect(await read({}, fromUrl(base))).toEqual(await read());
    const refused = refusal(read({ size: { file: 'with blanks & signs #1.csv' }, kind: { file: 'nan.csv' } }, fromUrl(`${base}/`)));
    expect((await refused).code).toBe('BL6013');
    expect(asked).toContain('/data/with%20blanks%20%26%20signs%20%231.csv');
  });

  it('are refused where they are not there, kept back, or not to be reached', async () => {
    const codes = async (files: Files, file: string): Promise<readonly (string | undefined)[]> => {
      const { code, diagnostics } = await refusal(read({ size: { file } }, files));
      return [code, diagnostics[0]?.message];
    };
    expect(await codes(fromUrl(base), 'none.csv')).toEqual(['BL6001', 'the file of `size` does not exist: none.csv']);
    expect(await codes(fromUrl(base), 'kept.csv')).toEqual([
      'BL6002',
      'the file of `size` cannot be read: kept.csv (the server answers with 403)',
    ]);
    const away = fromUrl(base, () => Promise.reject(new TypeError('no route')));
    expect(await codes(away, 'x.csv')).toEqual(['BL6002', 'the file of `size` cannot be read: x.csv (the request failed: no route)']);
    const because = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' });
    const refused = fromUrl(base, () => Promise.reject(new TypeError('fetch failed', { cause: because })));
    expect((await codes(refused, 'x.csv'))[1]).toContain('(the request failed: fetch failed: ECONNREFUSED)');
  });

  it('may be named by whole URLs', async () => {
    const files = fromUrl('http://nobody.invalid/');
    const at = (file: string): FileOverride => ({ file: `${base}/${file}` });
    const overrides = { size: at('flowers.csv'), kind: at('flowers.csv'), target: at('target.json') };
    expect(await read(overrides as never, files)).toEqual(await read());
    const error = await refusal(read({ size: { file: 'http://[/x.csv' }, kind: at('flowers.csv'), target: 2 }, files));
    expect([error.code, error.diagnostics[0]?.message]).toEqual([
      'BL6002',
      'the file of `size` cannot be read: http://[/x.csv (it is no URL)',
    ]);
  });
});
