import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Column, Expr, Kind } from '../../plan/types.ts';
import type { ArrayOrNot, ArrayRequest, DataArray } from '../../runtime/data/array.ts';
import { everyFormat } from '../../runtime/data/every-format.ts';
import { endingOf } from '../../runtime/data/format.ts';
import { span } from './modules.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const request = (shape: readonly Expr[], more: Partial<ArrayRequest> = {}): ArrayRequest => ({
  data: 'X',
  kind: 'real' satisfies Kind,
  shape,
  span,
  ...more,
});

function read(file: string, bytes: Uint8Array, asked: ArrayRequest): ArrayOrNot {
  const format = everyFormat.find(({ endings }) => endings.includes(endingOf(file)));
  if (format === undefined) throw new Error(`no reader for ${file}`);
  const result = format.open(bytes, file).read(asked);
  if (result instanceof Promise) throw new Error(`${file} is not read at once`);
  return result;
}
function arrayOf(result: ArrayOrNot): DataArray {
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join('; '));
  return result.array;
}
function problem(result: ArrayOrNot): Diagnostic {
  if (result.ok) throw new Error('it was read');
  const [first, ...others] = result.diagnostics;
  if (first === undefined || others.length > 0) throw new Error(`${result.diagnostics.length} diagnostics`);
  return first;
}
const csv = (text: string, shape: readonly Expr[], columns?: readonly Column[], kind: Kind = 'real'): ArrayOrNot =>
  read('t.csv', utf8(text), request(shape, columns === undefined ? { kind } : { columns, kind }));
const values = (result: ArrayOrNot): [readonly number[], readonly number[]] => {
  const { tensor } = arrayOf(result);
  return [tensor.shape, [...tensor.data]];
};

const study = 'name,age,bmi,s 1,target\nann,1,2.5,-3,10\nbob,4,5e-1,+6,20\n';

describe('CSV', () => {
  it.each<[string, ArrayOrNot, readonly number[], readonly number[]]>([
    ['a column by header', csv(study, ['n'], ['age']), [2], [1, 4]],
    ['a column by quoted header', csv(study, ['n'], ['s 1']), [2], [-3, 6]],
    ['a column by position', csv(study, ['n'], [4]), [2], [10, 20]],
    ['a list, in its order', csv(study, ['n', 'd'], ['target', 1]), [2, 2], [10, 1, 20, 4]],
    ['an inclusive range', csv(study, ['n', 'd'], [{ from: 'age', to: 's 1' }]), [2, 3], [1, 2.5, -3, 4, 0.5, 6]],
    ['a range of positions and a column', csv(study, ['n', 'd'], [{ from: 1, to: 2 }, 'target']), [2, 3], [1, 2.5, 10, 4, 0.5, 20]],
    ['one column as a matrix', csv(study, ['n', 1], ['age']), [2, 1], [1, 4]],
    ['a whole file without header', csv('1,2\n3,4\n', ['n', 'd']), [2, 2], [1, 2, 3, 4]],
    ['a whole file with header', csv('a,b\n1,2\n3,4', ['n', 'd']), [2, 2], [1, 2, 3, 4]],
    ['a vector as one column', csv('1\n2\n3\n', ['n']), [3], [1, 2, 3]],
    ['a vector as one row', csv('1,2,3\n', ['n']), [3], [1, 2, 3]],
    ['a vector of one element', csv('7\n', ['n']), [1], [7]],
    ['a scalar', csv('7\n', []), [], [7]],
    [
      'Windows line ends, a BOM, blanks and a last line without end',
      csv('\ufeffa, b\r\n 1 ,2\r\n\r\n3, 4', ['n', 'd']),
      [2, 2],
      [1, 2, 3, 4],
    ],
    ['quoted cells', csv('"a, b","c"\n"1","2"\n', ['n'], ['a, b']), [1], [1]],
    ['17 digits', csv('-0.41399999999999998\n', ['n']), [1], [-0.414]],
    ['points at either end', csv('.5\n5.\n', ['n']), [2], [0.5, 5]],
  ])('reads %s', (_, result, shape, data) => {
    expect(values(result)).toEqual([shape, data]);
  });

  it('reads tabs', () => {
    expect(values(read('t.TSV', utf8('a\tb\n1\t2\n'), request(['n', 'd'])))).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('encodes a text column of an int in sorted order, and keeps its words', () => {
    const array = arrayOf(csv('kind\nsetosa\nvirginica\nsetosa\niris\n', ['n'], ['kind'], 'int'));
    expect([...array.tensor.data]).toEqual([1, 2, 1, 0]);
    expect(array.labels).toEqual(['iris', 'setosa', 'virginica']);
  });

  it('locates every element', () => {
    const array = arrayOf(csv(study, ['n', 'd'], ['bmi', 'target']));
    expect(array.locate(3)).toEqual({ words: 'row 3, column 5 (`target`)', place: { file: 't.csv', line: 3, column: 5 } });
  });

  it.each<[string, ArrayOrNot, string, Partial<{ line: number; column: number }>, string]>([
    ['a text cell', csv('a,b\n1,2\n3,high\n4,low\n', ['n', 'd']), 'BL6005', { line: 3, column: 2 }, '"high"'],
    ['a text cell in a file without header', csv('1,2\n3,x\n', ['n', 'd']), 'BL6005', { line: 2, column: 2 }, '"x"'],
    ['a text cell among ints', csv('k\n1\none\n', ['n'], ['k'], 'int'), 'BL6005', { line: 3, column: 1 }, 'other cells are numbers'],
    [
      'a first row that is neither header nor numbers',
      csv('1,x,3\n4,5,6\n', ['n', 'd']),
      'BL6005',
      { line: 1, column: 2 },
      'mostly numbers',
    ],
    ['a short row', csv('a,b,c\n1,2,3\n4,5\n', ['n', 'd']), 'BL6006', { line: 3 }, '2 cells, the first row has 3'],
    ['a long row', csv('1,2\n3,4,5\n', ['n', 'd']), 'BL6006', { line: 2 }, '3 cells, the first row has 2'],
    ['a short row after a quoted line break', csv('a,b\n"1\n",2\n3\n', ['n', 'd']), 'BL6006', { line: 4 }, '1 cell'],
    ['a text cell after blank lines', csv('a\n\n1\n\n\nx\n', ['n']), 'BL6005', { line: 6, column: 1 }, 'row 6'],
    ['an empty cell', csv('a,b\n1,\n', ['n', 'd']), 'BL6007', { line: 2, column: 2 }, '`b`'],
    ['an empty cell in a first row of numbers', csv('1,,3\n4,5,6\n', ['n', 'd']), 'BL6007', { line: 1, column: 2 }, 'is empty'],
    ['NaN', csv('a\n1\nNaN\n', ['n']), 'BL6008', { line: 3, column: 1 }, 'NaN'],
    ['NaN in the first row', csv('1\n-inf\nnan\n', ['n']), 'BL6008', { line: 2, column: 1 }, '1 such value more'],
    ['a number beyond float64', csv('a\n1e999\n', ['n']), 'BL6008', { line: 2 }, '1e999'],
    ['a misspelt header', csv(study, ['n'], ['tarqet']), 'BL6004', { line: 1 }, 'its headers are name, age'],
    ['a position beyond the last', csv(study, ['n'], [5]), 'BL6004', {}, 'positions 0 to 4'],
    ['a header where there is none', csv('1,2\n3,4\n', ['n'], ['age']), 'BL6004', {}, 'no header'],
    ['a header that is there twice', csv('a,a\n1,2\n', ['n'], ['a']), 'BL6004', {}, 'more than once'],
    ['a reversed range', csv(study, ['n', 'd'], [{ from: 'bmi', to: 'age' }]), 'BL6004', {}, 'bmi .. age'],
    ['a matrix as a vector', csv('1,2\n3,4\n', ['n']), 'BL6011', {}, '[2, 2]'],
    ['a matrix as a scalar', csv('1,2\n', []), 'BL6011', {}, '[1, 2]'],
    ['a table for three axes', csv('1,2\n3,4\n', ['a', 'b', 'c']), 'BL6011', {}, '3 axes'],
    ['an empty file', csv('', ['n']), 'BL6022', {}, 'no data'],
    ['a header alone', csv('a,b\n', ['n', 'd']), 'BL6022', {}, 'a header and no rows'],
    ['an open quote', csv('a,b\n"1,2\n', ['n', 'd']), 'BL6009', {}, 'CSV'],
  ])('refuses %s', (_, result, code, place, words) => {
    const diagnostic = problem(result);
    expect(diagnostic.code).toBe(code);
    expect(diagnostic.place).toMatchObject({ file: 't.csv', ...place });
    expect(diagnostic.message).toContain(words);
    expect(diagnostic.labels.map((l) => l.span)).toEqual([span]);
  });

  it('says a mistake that all columns share once, and why', () => {
    const semicolons = problem(csv('age;bmi\n1;2\n', ['n', 'd'], ['age', 'bmi']));
    expect([semicolons.code, semicolons.hints.join()]).toEqual(['BL6004', expect.stringContaining('semicolons')]);
    expect(problem(csv('1,2\n3,4\n', ['n', 'd'], ['age', 'bmi'])).message).toContain('has no header');
  });
  it('finds the quote that is never closed', () => {
    const open = problem(csv('a,b\n"1",2\n3,"4\n5,6\n7,8\n', ['n', 'd']));
    expect([open.code, open.place?.line, open.message]).toEqual(['BL6009', 3, expect.stringContaining('never closed')]);
  });
  it('says what was meant, and how many more there are', () => {
    expect(problem(csv(study, ['n'], ['tarqet'])).hints).toContain('did you mean `target`?');
    expect(problem(csv('a,b\n1,2\n3,high\n4,low\n', ['n', 'd'])).message).toContain('1 such cell more');
    expect(problem(csv('a;b\n1;2\n', ['n', 'd'])).hints.join()).toContain('semicolons');
  });

  it('needs numbers in the selected columns alone', () => {
    expect(values(csv('a,b\nx,1\n,2\n', ['n'], ['b']))).toEqual([[2], [1, 2]]);
  });
});

describe('JSON', () => {
  const json = (text: string, shape: readonly Expr[], array?: string): ArrayOrNot =>
    read('t.json', utf8(text), request(shape, array === undefined ? {} : { array }));
  it.each<[string, ArrayOrNot, readonly number[], readonly number[]]>([
    ['a number', json(' -1.5e2 ', []), [], [-150]],
    ['a list', json('[1, 2,3]', ['n']), [3], [1, 2, 3]],
    ['three axes', json('[[[1],[2]],[[3],[4]]]', ['a', 'b', 'c']), [2, 2, 1], [1, 2, 3, 4]],
    ['an array of an object', json('{"a": [1], "b": {"c": 1}}', ['n'], 'a'), [1], [1]],
    ['the only array of an object', json('{"a": [[5, 6]]}', ['n', 'd']), [1, 2], [5, 6]],
    ['one element as a scalar', json('[[5]]', []), [], [5]],
  ])('reads %s', (_, result, shape, data) => {
    expect(values(result)).toEqual([shape, data]);
  });
  it.each<[string, ArrayOrNot, string, object, string]>([
    ['a slip', json('[1,\n2', ['n']), 'BL6009', { line: 2, column: 2 }, 'the text ends'],
    ['a bare word', json('[1, two]', ['n']), 'BL6009', { line: 1, column: 5 }, '"two"'],
    ['text after the end', json('[1] 2', ['n']), 'BL6009', { line: 1, column: 5 }, 'the end of the text'],
    [
      'NaN, as other programs write it',
      json('[1,\n NaN, -Infinity]', ['n']),
      'BL6008',
      { line: 2, column: 2 },
      'element [1] is NaN; 1 such value more',
    ],
    ['null', json('[1, null]', ['n']), 'BL6008', { line: 1, column: 5 }, 'null'],
    ['text', json('[[1, "2"]]', ['n', 'd']), 'BL6005', { line: 1, column: 6 }, 'element [0, 1]'],
    ['rows of different lengths', json('[[1, 2], [3]]', ['n', 'd']), 'BL6009', {}, 'element [1] is a list of 1 where one of 2'],
    ['rows of different depths', json('[[1], 2]', ['n', 'd']), 'BL6009', {}, 'single value'],
    ['the wrong rank', json('[[1]]', ['n']), 'BL6011', {}, '[1, 1]'],
    ['a missing key', json('{"alpha": 1, "beta": 2}', [], 'alhpa'), 'BL6010', {}, 'alpha, beta'],
    ['no key where there are two', json('{"alpha": 1, "beta": 2}', []), 'BL6010', {}, 'does not say which'],
    ['a key where there is no object', json('[1]', ['n'], 'a'), 'BL6010', {}, 'no named arrays'],
    ['an empty list', json('[]', ['n']), 'BL6022', {}, 'no data'],
  ])('refuses %s', (_, result, code, place, words) => {
    const diagnostic = problem(result);
    expect([diagnostic.code, diagnostic.place]).toEqual([code, expect.objectContaining({ file: 't.json', ...place })]);
    expect(diagnostic.message).toContain(words);
  });
  it('never throws on damaged text', () => {
    const text = '{"a": [[1, -2.5e3], [NaN, "x\\n"]], "b": null}';
    for (let cut = 0; cut < text.length; cut += 1)
      for (const damaged of [text.slice(0, cut), text.slice(0, cut) + text.slice(cut + 1)]) {
        const result = json(damaged, ['n', 'd'], 'a');
        expect(result.ok || result.diagnostics.length > 0).toBe(true);
      }
  });
});

/** An NPY file as NumPy writes it. */
function npy(
  descr: string,
  shape: readonly number[],
  write: (view: DataView) => void,
  itemSize: number,
  options: { fortran?: boolean; version?: 1 | 2 | 3 } = {},
): Uint8Array {
  const { fortran = false, version = 1 } = options;
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${dims}), }`;
  const prefix = version === 1 ? 10 : 12;
  const padded = `${dictionary}${' '.repeat(64 - ((prefix + dictionary.length + 1) % 64))}\n`;
  const bytes = new Uint8Array(prefix + padded.length + itemSize * shape.reduce((a, b) => a * b, 1));
  bytes.set([0x93, ...utf8('NUMPY'), version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, padded.length, true);
  else view.setUint32(8, padded.length, true);
  bytes.set(utf8(padded), prefix);
  write(new DataView(bytes.buffer, prefix + padded.length));
  return bytes;
}
const float64 =
  (values: readonly number[], little = true) =>
  (view: DataView) =>
    values.forEach((x, i) => view.setFloat64(8 * i, x, little));

describe('NPY', () => {
  const file = (bytes: Uint8Array, shape: readonly Expr[]): ArrayOrNot => read('t.npy', bytes, request(shape));
  const two = [-1, 100] as const;
  it.each<[string, number, (view: DataView, i: number, x: number) => void, readonly number[]]>([
    ['<f8', 8, (v, i, x) => v.setFloat64(8 * i, x, true), two],
    ['>f8', 8, (v, i, x) => v.setFloat64(8 * i, x, false), two],
    ['<f4', 4, (v, i, x) => v.setFloat32(4 * i, x, true), two],
    ['>f4', 4, (v, i, x) => v.setFloat32(4 * i, x, false), two],
    ['|i1', 1, (v, i, x) => v.setInt8(i, x), two],
    ['<i2', 2, (v, i, x) => v.setInt16(2 * i, x, true), two],
    ['>i4', 4, (v, i, x) => v.setInt32(4 * i, x, false), two],
    ['<i8', 8, (v, i, x) => v.setBigInt64(8 * i, BigInt(x), true), two],
    ['>i8', 8, (v, i, x) => v.setBigInt64(8 * i, BigInt(x), false), two],
    ['|u1', 1, (v, i, x) => v.setUint8(i, x), [200, 3]],
    ['<u2', 2, (v, i, x) => v.setUint16(2 * i, x, true), [60000, 3]],
    ['<u4', 4, (v, i, x) => v.setUint32(4 * i, x, true), [4e9, 3]],
    ['>u8', 8, (v, i, x) => v.setBigUint64(8 * i, BigInt(x), false), [2 ** 53 - 1, 3]],
    ['|b1', 1, (v, i, x) => v.setUint8(i, x), [1, 0]],
  ])('reads %s', (descr, size, write, data) => {
    const bytes = npy(descr, [2], (view) => data.forEach((x, i) => write(view, i, x)), size);
    expect(values(file(bytes, ['n']))).toEqual([[2], data]);
  });
  it.each([1, 2, 3] as const)('reads version %i', (version) => {
    expect(values(file(npy('<f8', [2, 3], float64([1, 2, 3, 4, 5, 6]), 8, { version }), ['n', 'd']))).toEqual([
      [2, 3],
      [1, 2, 3, 4, 5, 6],
    ]);
  });
  it('reads Fortran order', () => {
    const bytes = npy('<f8', [2, 3], float64([1, 4, 2, 5, 3, 6]), 8, { fortran: true });
    expect(values(file(bytes, ['n', 'd']))).toEqual([
      [2, 3],
      [1, 2, 3, 4, 5, 6],
    ]);
    const cube = npy('<f8', [2, 2, 2], float64([0, 4, 2, 6, 1, 5, 3, 7]), 8, { fortran: true });
    expect(values(file(cube, ['a', 'b', 'c']))[1]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
  it('reads a 0-dimensional array and a single element as a scalar', () => {
    expect(values(file(npy('<f8', [], float64([3]), 8), []))).toEqual([[], [3]]);
    expect(values(file(npy('<f8', [1, 1], float64([3]), 8), []))).toEqual([[], [3]]);
  });
  it('reads at any offset of a larger buffer', () => {
    const bytes = npy('<f8', [1], float64([3]), 8);
    const shifted = new Uint8Array(bytes.length + 5);
    shifted.set(bytes, 5);
    expect(values(file(shifted.subarray(5), ['n']))).toEqual([[1], [3]]);
  });
  it.each<[string, Uint8Array, readonly Expr[], string, string]>([
    ['another file', utf8('hello, world'), ['n'], 'BL6009', 'does not begin'],
    ['an empty file', new Uint8Array(), ['n'], 'BL6009', 'does not begin'],
    ['a file that ends early', npy('<f8', [3], float64([1, 2, 3]), 8).slice(0, -1), ['n'], 'BL6009', 'promises'],
    ['complex numbers', npy('<c16', [1], float64([1, 2]), 16), ['n'], 'BL6021', '<c16'],
    ['text', npy('<U3', [1], () => undefined, 12), ['n'], 'BL6021', '<U3'],
    ['integers beyond 2^53', npy('<i8', [1], (v) => v.setBigInt64(0, 2n ** 53n + 1n, true), 8), ['n'], 'BL6021', '2^53'],
    ['the wrong rank', npy('<f8', [2], float64([1, 2]), 8), ['n', 'd'], 'BL6011', '[2]'],
    ['no elements', npy('<f8', [0, 3], () => undefined, 8), ['n', 'd'], 'BL6022', 'no data'],
  ])('refuses %s', (_, bytes, shape, code, words) => {
    const diagnostic = problem(file(bytes, shape));
    expect(diagnostic.code).toBe(code);
    expect(diagnostic.message).toContain(words);
  });
});

describe('NPZ', () => {
  const archive = zipSync({ 'X.npy': npy('<f8', [2], float64([1, 2]), 8), 'target.npy': npy('<f8', [1], float64([3]), 8) });
  it('reads the array that is named', () => {
    expect(values(read('t.npz', archive, request(['n'], { array: 'X' })))).toEqual([[2], [1, 2]]);
    expect(values(read('t.npz', archive, request(['n'], { array: 'target' })))).toEqual([[1], [3]]);
  });
  it('reads the only array', () => {
    expect(values(read('t.npz', zipSync({ 'a.npy': npy('<f8', [1], float64([3]), 8) }, { level: 0 }), request(['n'])))).toEqual([[1], [3]]);
  });
  it('refuses what is not there, and what is not said', () => {
    const missing = problem(read('t.npz', archive, request(['n'], { array: 'traget' })));
    expect([missing.code, missing.hints[0]]).toEqual(['BL6010', 'did you mean `target`?']);
    const unsaid = problem(read('t.npz', archive, request(['n'])));
    expect([unsaid.code, unsaid.hints[0]]).toEqual(['BL6010', 'write `from "t.npz" array X`']);
    expect(problem(read('t.npz', utf8('no archive'), request(['n']))).code).toBe('BL6009');
  });
});
