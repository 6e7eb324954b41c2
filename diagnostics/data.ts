/**
 * The catalogue of what can be wrong with data, `BL6xxx`: files, cells, arrays, kinds, dims and starts as found at binding.
 * Knows nothing of files or tensors: it is given names, places and shapes, and writes the words.
 */
import { defineDiagnostic } from './diagnostic.ts';

const quote = (name: string): string => `\`${name}\``;
const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
const list = (names: readonly string[], most = 12): string =>
  names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
const more = (count: number, what: string): string => (count === 0 ? '' : `; ${plural(count, what)} more in this file`);
const didYouMean = (name: string | undefined): readonly string[] => (name === undefined ? [] : [`did you mean \`${name}\`?`]);
const columnText = (number: number, name: string | undefined): string =>
  name === undefined ? `column ${number}` : `column ${number} (${quote(name)})`;

const ridgePage = (line: string): string => `problem p {
  dim n
  ${line}
  hyper penalty: positive
  param w: []
  inner minimize mean((w - y)^2) + penalty * w^2
  outer minimize mean((w - y)^2)
}`;

export const missingFile = defineDiagnostic<{ data: string; file: string; closest?: string | undefined }>(
  {
    code: 'BL6001',
    slug: 'missing-file',
    severity: 'error',
    explain:
      'A data declaration, or a `--data NAME=FILE`, names a file that does not exist. Paths in a page are relative to the page, so that a folder with its data can be moved; paths on the command line are relative to where the command runs. Correct the path, or bind the data to another file with `--data NAME=FILE`.',
    example: ridgePage('data y: [n] from "no-such-file.csv"'),
  },
  {
    message: ({ data, file }) => `the file of ${quote(data)} does not exist: ${file}`,
    hints: ({ data, closest }) => [
      ...didYouMean(closest),
      `a path in a page is relative to the page; another file is bound with --data ${data}=FILE`,
    ],
  },
);

export const unreadableFile = defineDiagnostic<{ data: string; file: string; reason: string }>(
  {
    code: 'BL6002',
    slug: 'unreadable-file',
    severity: 'error',
    explain:
      'The file exists but could not be read: it is a folder, or reading it is not permitted, or the system reported another failure, which is quoted. Nothing is assumed about its content.',
    example: ridgePage('data y: [n] from "folder.csv"   // folder.csv is a folder'),
  },
  { message: ({ data, file, reason }) => `the file of ${quote(data)} cannot be read: ${file} (${reason})` },
);

export const unknownFormat = defineDiagnostic<{ data: string; file: string; ending: string; known: readonly string[]; later: boolean }>(
  {
    code: 'BL6003',
    slug: 'unknown-format',
    severity: 'error',
    explain:
      'The ending of a file says how it is read: CSV and TSV tables, JSON, and NumPy’s NPY and NPZ. Parquet has its place in the language and is refused until it is built. Convert the file to one of the formats that are read, or rename it if its ending does not say what it is.',
    example: ridgePage('data y: [n] from "y.xlsx"'),
  },
  {
    message: ({ data, file, ending, later }) =>
      later
        ? `${quote(data)} is in a format that this version does not read yet: ${file}`
        : `${quote(data)} is in a file whose format is not known: ${file} (${ending === '' ? 'no ending' : `ending ${ending}`})`,
    hints: ({ known }) => [`files are read by their ending: ${known.join(', ')}`],
  },
);

export const missingColumn = defineDiagnostic<{
  data: string;
  file: string;
  column: string | number;
  headers: readonly string[] | undefined;
  columns: number;
  closest?: string | undefined;
  ambiguous?: boolean;
  /** A range whose first column stands after its last. */
  reversed?: string;
}>(
  {
    code: 'BL6004',
    slug: 'missing-column',
    severity: 'error',
    explain:
      'A column is selected by its header, by its 0-based position, by a list of these, or by an inclusive range `a .. b`. The table has no such column, or has the header more than once. A file whose first row is all numbers has no header, and its columns are selected by position.',
    example: ridgePage('data y: [n] from "y.csv" column progresion'),
  },
  {
    message: ({ data, file, column, headers, columns, ambiguous, reversed }) =>
      reversed !== undefined
        ? `${quote(data)} selects the columns ${reversed} of ${file}, whose last stands before their first`
        : typeof column === 'number'
          ? `${quote(data)} selects column ${column} of ${file}, which has ${plural(columns, 'column')}: positions 0 to ${columns - 1}`
          : ambiguous === true
            ? `${quote(data)} selects ${quote(column)}, a header that ${file} has more than once`
            : headers === undefined
              ? `${quote(data)} selects the header ${quote(column)}, but ${file} has no header: its first row is all numbers`
              : `${quote(data)} selects the column ${quote(column)}, which ${file} does not have; its headers are ${list(headers)}`,
    hints: ({ closest, headers, ambiguous, columns }) => [
      ...didYouMean(closest),
      ...(ambiguous === true || (headers === undefined && columns > 0) ? [`select it by its position, 0 to ${columns - 1}`] : []),
    ],
  },
);

export const textCell = defineDiagnostic<{
  data: string;
  file: string;
  row: number;
  column: number;
  header?: string | undefined;
  text: string;
  others: number;
  why?: string | undefined;
}>(
  {
    code: 'BL6005',
    slug: 'text-cell',
    severity: 'error',
    explain:
      'A cell that a data declaration needs is not a number. Only the selected columns have to be numbers, so other columns may hold text. A column of labels is declared `int`: if all of its cells are text, they are encoded 0, 1, … in sorted order; a mixture of text and numbers is refused, because a misplaced word in a column of numbers would pass unseen.',
    example: ridgePage('data y: [n] from "y.csv"   // y.csv: 1.5, then a line that says: high'),
  },
  {
    message: ({ data, row, column, header, text, others, why }) =>
      `${quote(data)}: the cell in row ${row}, ${columnText(column, header)} is not a number: ${JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)}${why === undefined ? '' : ` (${why})`}${more(others, 'such cell')}`,
    hints: () => ['only the columns selected with `column` or `columns` have to be numbers; a column of labels is declared `int`'],
  },
);

export const raggedRow = defineDiagnostic<{
  data: string;
  row: number;
  cells: number;
  expected: number;
  others: number;
  delimiterHint?: string | undefined;
}>(
  {
    code: 'BL6006',
    slug: 'ragged-row',
    severity: 'error',
    explain:
      'Every row of a table has as many cells as its first row. A shorter or longer one means a lost cell, an unquoted comma, or another separator, and which cells belong to which column can no longer be known.',
    example: ridgePage('data y: [n] from "y.csv" column 0   // y.csv: 1,2,3 then 4,5'),
  },
  {
    message: ({ data, row, cells, expected, others }) =>
      `${quote(data)}: row ${row} has ${plural(cells, 'cell')}, the first row has ${expected}${more(others, 'such row')}`,
    hints: ({ delimiterHint }) => [delimiterHint ?? 'give every row as many cells; a cell that holds the separator stands in quotes'],
  },
);

export const emptyCell = defineDiagnostic<{ data: string; row: number; column: number; header?: string | undefined; others: number }>(
  {
    code: 'BL6007',
    slug: 'empty-cell',
    severity: 'error',
    explain:
      'A cell that a data declaration needs is empty. A missing value is never filled in silently: drop the row, or fill it in where the file is made, so that the choice can be seen.',
    example: ridgePage('data y: [n] from "y.csv" column 1   // y.csv: 1,,3'),
  },
  {
    message: ({ data, row, column, header, others }) =>
      `${quote(data)}: the cell in row ${row}, ${columnText(column, header)} is empty${more(others, 'empty cell')}`,
    hints: () => ['drop the row or fill the value in: missing values are not guessed'],
  },
);

export const dataNotFinite = defineDiagnostic<{ data: string; where: string; value: string; others: number }>(
  {
    code: 'BL6008',
    slug: 'data-not-finite',
    severity: 'error',
    explain:
      'Data are finite numbers. A NaN or an infinity would spread to the losses and every derivative, and the place where it came from would be lost, so it is refused where it enters. Drop these rows, or replace the values where the file is made.',
    example: ridgePage('data y: [n] from "y.csv"   // y.csv: 1.5, then a line that says: nan'),
  },
  {
    message: ({ data, where, value, others }) => `${quote(data)} is not finite: ${where} is ${value}${more(others, 'such value')}`,
    hints: () => ['drop these rows or replace the values where the file is made'],
  },
);

export const malformedFile = defineDiagnostic<{ data: string; file: string; format: string; reason: string }>(
  {
    code: 'BL6009',
    slug: 'malformed-file',
    severity: 'error',
    explain:
      'The content of a file is not what its ending says: an open quote in a table, a slip in JSON’s syntax, a file that is not an NPY array or a ZIP archive, or one that ends too early. The reason names the first thing that could not be read.',
    example: ridgePage('data y: [n] from "y.json"   // y.json: [1, 2'),
  },
  { message: ({ data, file, format, reason }) => `${quote(data)}: ${file} is not readable as ${format}: ${reason}` },
);

export const missingArray = defineDiagnostic<{
  data: string;
  file: string;
  key?: string | undefined;
  keys: readonly string[];
  closest?: string | undefined;
}>(
  {
    code: 'BL6010',
    slug: 'missing-array',
    severity: 'error',
    explain:
      'An NPZ file and a JSON object hold arrays under names. `array NAME` in the declaration, or `--data NAME=FILE:KEY`, says which one is meant; it can be left out only where the file holds a single array.',
    example: ridgePage('data y: [n] from "study.npz" array target'),
  },
  {
    message: ({ data, file, key, keys }) =>
      key === undefined
        ? `${quote(data)} does not say which array of ${file} it is; the file holds ${list(keys)}`
        : keys.length === 0
          ? `${quote(data)} asks for the array ${quote(key)}, but ${file} holds no named arrays`
          : `${quote(data)} asks for the array ${quote(key)}, which ${file} does not hold; it holds ${list(keys)}`,
    hints: ({ closest, key, keys, file, data }) => [
      ...didYouMean(closest),
      ...(key === undefined && keys[0] !== undefined ? [`write \`from "${file}" array ${keys.includes(data) ? data : keys[0]}\``] : []),
    ],
  },
);

export const wrongRank = defineDiagnostic<{
  data: string;
  declared: string;
  file: string;
  actual: readonly number[];
  what: string;
  hint?: string | undefined;
}>(
  {
    code: 'BL6011',
    slug: 'data-wrong-rank',
    severity: 'error',
    explain:
      'The array in the file does not have as many axes as the declaration. A table is a matrix; a vector may be one column or one row of it, a scalar a table of one cell. Arrays of more axes are kept in JSON, NPY or NPZ. Nothing is flattened or stretched silently.',
    example: ridgePage('data y: [n] from "X.csv"   // X.csv: 1,2 then 3,4'),
  },
  {
    message: ({ data, declared, file, actual, what }) =>
      `\`${data}: ${declared}\` is declared with ${plural(declaredRank(declared), 'axis', 'axes')}, but ${what} in ${file} is ${shapeText(actual)}`,
    hints: ({ hint }) => (hint === undefined ? [] : [hint]),
  },
);
const declaredRank = (declared: string): number => (declared === '[]' ? 0 : declared.split(',').length);

export const shapeDisagrees = defineDiagnostic<{
  data: string;
  declared: string;
  file: string;
  expected: readonly number[];
  actual: readonly number[];
  because: string;
}>(
  {
    code: 'BL6012',
    slug: 'data-shape-mismatch',
    severity: 'error',
    explain:
      'Every declared shape is checked against the data when the problem is bound. A dim with a declared value must have it in the data, and a polynomial such as `2 * d` must come out as the size that the data have. Correct the declaration, or select other columns, or bind another file.',
    example: `problem p {
  dim n, d = 10
  data X: [n, d] from "X.csv"   // X.csv has 9 columns
  data y: [n] from "y.csv"
  hyper penalty: positive
  param w: [d]
  inner minimize mean((X @ w - y)^2) + penalty * sum(w^2)
  outer minimize mean((X @ w - y)^2)
}`,
  },
  {
    message: ({ data, declared, file, expected, actual, because }) =>
      `\`${data}: ${declared}\` should be ${shapeText(expected)}, but ${file} holds ${shapeText(actual)}: ${because}`,
  },
);

export const dimsDisagree = defineDiagnostic<{
  dim: string;
  first: { data: string; declared: string; file: string; actual: readonly number[]; size: number };
  second: { data: string; declared: string; file: string; actual: readonly number[]; size: number };
}>(
  {
    code: 'BL6013',
    slug: 'dims-disagree',
    severity: 'error',
    explain:
      'Two data share a dim but have different sizes along it. Which of them is right cannot be known, so both are named with their files and shapes. Often one of the files has lost rows, or has a header that was read as a row.',
    example: `problem p {
  dim n
  data x: [n] from "x.csv"   // 100 rows
  data y: [n] from "y.csv"   // 99 rows
  hyper penalty: positive
  param w: []
  inner minimize mean((w * x - y)^2) + penalty * w^2
  outer minimize mean((w * x - y)^2)
}`,
  },
  {
    message: ({ dim, first, second }) =>
      `two data disagree about ${quote(dim)}: it is ${first.size} in \`${first.data}: ${first.declared}\` (${first.file}, ${shapeText(first.actual)}) ` +
      `and ${second.size} in \`${second.data}: ${second.declared}\` (${second.file}, ${shapeText(second.actual)})`,
    hints: ({ first, second }) => [
      `bind another file, \`--data ${second.data}=FILE\`, or give \`${first.data}\` and \`${second.data}\` dims of their own`,
    ],
  },
);

export const unboundDim = defineDiagnostic<{ dim: string; couldFix: readonly { data: string; declared: string }[] }>(
  {
    code: 'BL6014',
    slug: 'unbound-dim',
    severity: 'error',
    explain:
      'A dim gets its size from a data declaration in whose shape it stands alone, or from its own declaration, `dim d = 10`. Nothing fixes this one. In a polynomial such as `2 * d` a dim is used, not fixed.',
    example: `problem p {
  dim n, d
  data y: [n] from "y.csv"
  hyper penalty: positive
  param w: [d]
  inner minimize mean((sum(w) - y)^2) + penalty * sum(w^2)
  outer minimize mean((sum(w) - y)^2)
}`,
  },
  {
    message: ({ dim, couldFix }) =>
      couldFix.length === 0
        ? `nothing fixes the size of ${quote(dim)}: no data have it in their shape`
        : `nothing fixes the size of ${quote(dim)}; data that could are ${couldFix.map((c) => `\`${c.data}: ${c.declared}\``).join(', ')}`,
    hints: ({ dim, couldFix }) =>
      couldFix.length === 0
        ? [`write \`dim ${dim} = …\`, or declare data with ${dim} alone on an axis`]
        : [`write \`dim ${dim} = …\`, or let ${dim} stand alone on an axis of data`],
  },
);

export const outsideKind = defineDiagnostic<{ data: string; type: string; where: string; value: string; others: number; rule: string }>(
  {
    code: 'BL6015',
    slug: 'data-outside-kind',
    severity: 'error',
    explain:
      'Data are checked against their declared kind and interval: `positive` is above 0, `nonnegative` at least 0, `unit` between 0 and 1 and neither, `simplex` adds to 1 along the last axis, `int` is whole, and an interval holds its ends. A value outside means that the declaration or the file is wrong.',
    example: ridgePage('data y: positive[n] from "y.csv"   // y.csv has a 0'),
  },
  {
    message: ({ data, type, where, value, others, rule }) =>
      `\`${data}: ${type}\` ${rule}, but ${where} is ${value}${more(others, 'such value')}`,
  },
);

export const dataWithoutSource = defineDiagnostic<{ data: string; declared: string }>(
  {
    code: 'BL6016',
    slug: 'data-without-source',
    severity: 'error',
    explain:
      'A data declaration without `from` is bound by the caller: on the command line with `--data NAME=FILE`, in a program by passing a value. None was given.',
    example: ridgePage('data y: [n]'),
  },
  {
    message: ({ data, declared }) => `\`${data}: ${declared}\` has no file, and no data were given for it`,
    hints: ({ data }) => [`pass --data ${data}=FILE, or write \`from "FILE"\` in its declaration`],
  },
);

export const unknownName = defineDiagnostic<{
  what: 'data' | 'hyper';
  name: string;
  known: readonly string[];
  closest?: string | undefined;
}>(
  {
    code: 'BL6017',
    slug: 'unknown-bound-name',
    severity: 'error',
    explain:
      'A caller bound or set a name that the problem does not declare as data, or as a hyper. The names that it does declare are listed.',
    example: 'bilevel gradient ridge.bilevel --set penaltyy=0.1',
  },
  {
    message: ({ what, name, known }) => `the problem has no ${what} ${quote(name)}; it has ${known.length === 0 ? 'none' : list(known)}`,
    hints: ({ closest }) => didYouMean(closest),
  },
);

export const emptyIndexSet = defineDiagnostic<{ set: string; dim: string; size: number; percent: number }>(
  {
    code: 'BL6018',
    slug: 'empty-index-set',
    severity: 'error',
    explain:
      'A split cuts the order of a dim at round(n · cumulative share). With few rows or a small share a set may come out empty, and a mean over it would have no meaning. Give it a larger share, or use more rows.',
    example: `problem p {
  dim n = 2
  data y: [n] from "y.csv"
  split n into train 90%, valid 10%, seed 1
  hyper penalty: positive
  param w: []
  inner minimize mean((w - y[train])^2) + penalty * w^2
  outer minimize mean((w - y[valid])^2)
}`,
  },
  { message: ({ set, dim, size, percent }) => `the index set ${quote(set)} is empty: ${percent}% of ${quote(dim)} = ${size} holds no row` },
);

export const startOutsideKind = defineDiagnostic<{
  name: string;
  type: string;
  where: string;
  value: string;
  rule: string;
  boundary: boolean;
}>(
  {
    code: 'BL6019',
    slug: 'start-outside-kind',
    severity: 'error',
    explain:
      'A start, or a value given with `--set`, lies outside the kind of its hyper, or on the boundary of an open kind. `positive` is searched in log space, `unit` in logistic and `simplex` in softmax space: there the boundary is infinitely far away, so nothing can start from it. If 0 is a meaningful value, declare the hyper `nonnegative`, which is searched by projection.',
    example: 'bilevel gradient ridge.bilevel --set penalty=0',
  },
  {
    message: ({ name, type, where, value, rule, boundary }) =>
      `\`${name}: ${type}\` ${rule}, but ${where} is ${value}${boundary ? ', on the boundary of an open kind' : ''}`,
    hints: ({ boundary, type }) =>
      boundary
        ? [type.startsWith('positive') ? 'start inside, or declare it `nonnegative`, where 0 is allowed' : 'start strictly inside']
        : [],
  },
);

export const startShape = defineDiagnostic<{ name: string; declared: string; expected: readonly number[]; actual: readonly number[] }>(
  {
    code: 'BL6020',
    slug: 'start-shape-mismatch',
    severity: 'error',
    explain: 'A value given for a hyper, with `--set` or by a program, does not have the shape that the hyper has with these data.',
    example: 'bilevel gradient ridge.bilevel --set penalty=[1,2]',
  },
  {
    message: ({ name, declared, expected, actual }) =>
      `\`${name}: ${declared}\` is ${shapeText(expected)} with these data, but the given value is ${shapeText(actual)}`,
  },
);

export const arrayType = defineDiagnostic<{ data: string; file: string; dtype: string; reason: string }>(
  {
    code: 'BL6021',
    slug: 'array-type',
    severity: 'error',
    explain:
      'An NPY array is read if its elements are floats of 4 or 8 bytes, integers of 1 to 8 bytes, or booleans, in either byte order. Complex numbers, strings, records and objects are not, and neither is an integer that a float64 cannot hold exactly.',
    example: ridgePage('data y: [n] from "labels.npy"   // an array of strings'),
  },
  { message: ({ data, file, dtype, reason }) => `${quote(data)}: the elements of ${file} (${quote(dtype)}) cannot be read: ${reason}` },
);

export const emptyFile = defineDiagnostic<{ data: string; file: string; headerOnly: boolean }>(
  {
    code: 'BL6022',
    slug: 'empty-file',
    severity: 'error',
    explain: 'A file holds no rows, or an array no elements. A problem over no data has no meaning, so this is taken for a mistake.',
    example: ridgePage('data y: [n] from "empty.csv"'),
  },
  {
    message: ({ data, file, headerOnly }) =>
      headerOnly ? `${quote(data)}: ${file} holds a header and no rows` : `${quote(data)}: ${file} holds no data`,
  },
);

export const malformedTensor = defineDiagnostic<{ data: string; reason: string }>(
  {
    code: 'BL6023',
    slug: 'malformed-value',
    severity: 'error',
    explain:
      'A value given by a caller is not a number or a regular array of numbers: its rows have different lengths, or an element is no number, or its shape does not fit its elements.',
    example: 'bilevel gradient ridge.bilevel --set penalty=[[1,2],[3]]',
  },
  { message: ({ data, reason }) => `the value given for ${quote(data)} is not a regular array of numbers: ${reason}` },
);

export const badDraw = defineDiagnostic<{ name: string; distribution: string; reason: string }>(
  {
    code: 'BL6024',
    slug: 'distribution-arguments',
    severity: 'error',
    explain:
      'A param that starts at random has a distribution whose arguments make sense: `normal(mean, sd)` with sd at least 0, `uniform(lo, hi)` with lo below hi.',
    example: 'param w: [d] ~ uniform(1, 0)',
  },
  { message: ({ name, distribution, reason }) => `${quote(name)} is drawn from ${distribution}: ${reason}` },
);

export const selectionOfOther = defineDiagnostic<{ data: string; file: string; selected: 'columns' | 'array' }>(
  {
    code: 'BL6025',
    slug: 'selection-of-other-format',
    severity: 'error',
    explain:
      'Tables (CSV, TSV) have columns, selected with `column` or `columns`; JSON, NPY and NPZ files hold arrays, of which JSON and NPZ have several, selected with `array`. A selection that the format of the file does not have is never ignored: the whole file would be read in its place.',
    example: ridgePage('data y: [n] from "y.npy" column target'),
  },
  {
    message: ({ data, file, selected }) =>
      `${quote(data)} selects ${selected === 'array' ? 'an array' : 'columns'} of ${file}, which has ${selected === 'array' ? 'columns' : 'no columns'}`,
    hints: ({ file, selected }) =>
      selected === 'array'
        ? [`write \`from "${file}" column …\``]
        : ['leave the selection out for the whole array, or pick columns of a matrix on the page: `X[:, 0 .. 3]`'],
  },
);

/** Every reporter of this family, for the catalogue. */
export const dataDiagnostics = [
  missingFile,
  unreadableFile,
  unknownFormat,
  missingColumn,
  textCell,
  raggedRow,
  emptyCell,
  dataNotFinite,
  malformedFile,
  missingArray,
  wrongRank,
  shapeDisagrees,
  dimsDisagree,
  unboundDim,
  outsideKind,
  dataWithoutSource,
  unknownName,
  emptyIndexSet,
  startOutsideKind,
  startShape,
  arrayType,
  emptyFile,
  malformedTensor,
  badDraw,
  selectionOfOther,
] as const;
