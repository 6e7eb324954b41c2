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
/** Who binds data, and so the way out that is theirs: flags, options of `readData`, or values in a call of a module. */
export type Binder = 'flags' | 'readData' | 'editor' | 'call';

export const missingFile = /* @__PURE__ */ defineDiagnostic<{
  data: string;
  file: string;
  closest?: string | undefined;
  by: Binder;
}>(
  {
    code: 'BL6001',
    slug: 'missing-file',
    severity: 'error',
  },
  {
    message: ({ data, file }) => `the file of ${quote(data)} does not exist: ${file}`,
    hints: ({ data, closest, by }) => [
      ...didYouMean(closest),
      by === 'flags'
        ? `a path in a page is relative to the page; another file is bound with --data ${data}=FILE`
        : by === 'editor'
          ? 'a path in a page is relative to the page; another file is bound with `Bilevel: Choose Data Files…`'
          : `its path is relative to the folder that \`files\` is made for; \`overrides: { ${data}: { file: 'FILE' } }\` reads another`,
    ],
  },
);

export const unreadableFile = /* @__PURE__ */ defineDiagnostic<{ data: string; file: string; reason: string }>(
  {
    code: 'BL6002',
    slug: 'unreadable-file',
    severity: 'error',
  },
  { message: ({ data, file, reason }) => `the file of ${quote(data)} cannot be read: ${file} (${reason})` },
);

export const unknownFormat = /* @__PURE__ */ defineDiagnostic<{
  data: string;
  file: string;
  ending: string;
  known: readonly string[];
  /** The format that reads it, where the program has brought others only. */
  notGiven?: string | undefined;
}>(
  {
    code: 'BL6003',
    slug: 'unknown-format',
    severity: 'error',
  },
  {
    message: ({ data, file, ending, notGiven }) =>
      notGiven !== undefined
        ? `${quote(data)} is in a format that this program was not given: ${file}`
        : `${quote(data)} is in a file whose format is not known: ${file} (${ending === '' ? 'no ending' : `ending ${ending}`})`,
    hints: ({ known, notGiven }) => [
      ...(notGiven === undefined ? [] : [`give \`${notGiven}\` of bilevel/data/${notGiven} to \`formats\``]),
      `files are read by their ending: ${known.join(', ')}`,
    ],
  },
);

export const missingColumn = /* @__PURE__ */ defineDiagnostic<{
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

export const textCell = /* @__PURE__ */ defineDiagnostic<{
  data: string;
  file: string;
  row: number;
  column: number;
  header?: string | undefined;
  text: string;
  others: number;
  why?: string | undefined;
  /** The type that would admit it. */
  offer?: string | undefined;
}>(
  {
    code: 'BL6005',
    slug: 'text-cell',
    severity: 'error',
  },
  {
    message: ({ data, row, column, header, text, others, why }) =>
      `${quote(data)}: the cell in row ${row}, ${columnText(column, header)} is not a number: ${JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)}${why === undefined ? '' : ` (${why})`}${more(others, 'such cell')}`,
    hints: ({ data, offer }) => [
      offer === undefined
        ? 'only the columns selected with `column` or `columns` have to be numbers; a column of labels is declared `int`'
        : `all of it is text: \`data ${data}: ${offer}\` numbers its words 0, 1, … in sorted order`,
    ],
  },
);

export const raggedRow = /* @__PURE__ */ defineDiagnostic<{
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
  },
  {
    message: ({ data, row, cells, expected, others }) =>
      `${quote(data)}: row ${row} has ${plural(cells, 'cell')}, the first row has ${expected}${more(others, 'such row')}`,
    hints: ({ delimiterHint }) => [delimiterHint ?? 'give every row as many cells; a cell that holds the separator stands in quotes'],
  },
);

export const emptyCell = /* @__PURE__ */ defineDiagnostic<{
  data: string;
  row: number;
  column: number;
  header?: string | undefined;
  others: number;
}>(
  {
    code: 'BL6007',
    slug: 'empty-cell',
    severity: 'error',
  },
  {
    message: ({ data, row, column, header, others }) =>
      `${quote(data)}: the cell in row ${row}, ${columnText(column, header)} is empty${more(others, 'empty cell')}`,
    hints: () => ['drop the row or fill the value in: missing values are not guessed'],
  },
);

export const dataNotFinite = /* @__PURE__ */ defineDiagnostic<{ data: string; where: string; value: string; others: number }>(
  {
    code: 'BL6008',
    slug: 'data-not-finite',
    severity: 'error',
  },
  {
    message: ({ data, where, value, others }) => `${quote(data)} is not finite: ${where} is ${value}${more(others, 'such value')}`,
    hints: () => ['drop these rows or replace the values where the file is made'],
  },
);

export const malformedFile = /* @__PURE__ */ defineDiagnostic<{ data: string; file: string; format: string; reason: string }>(
  {
    code: 'BL6009',
    slug: 'malformed-file',
    severity: 'error',
  },
  { message: ({ data, file, format, reason }) => `${quote(data)}: ${file} is not readable as ${format}: ${reason}` },
);

export const missingArray = /* @__PURE__ */ defineDiagnostic<{
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

export const wrongRank = /* @__PURE__ */ defineDiagnostic<{
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
  },
  {
    message: ({ data, declared, file, actual, what }) =>
      `\`${data}: ${declared}\` is declared with ${plural(declaredRank(declared), 'axis', 'axes')}, but ${what} in ${file} is ${shapeText(actual)}`,
    hints: ({ hint }) => (hint === undefined ? [] : [hint]),
  },
);
const declaredRank = (declared: string): number => (declared === '[]' ? 0 : declared.split(',').length);

export const shapeDisagrees = /* @__PURE__ */ defineDiagnostic<{
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
  },
  {
    message: ({ data, declared, file, expected, actual, because }) =>
      `\`${data}: ${declared}\` should be ${shapeText(expected)}, but ${file} holds ${shapeText(actual)}: ${because}`,
  },
);

export const dimsDisagree = /* @__PURE__ */ defineDiagnostic<{
  dim: string;
  first: { data: string; declared: string; file: string; actual: readonly number[]; size: number };
  second: { data: string; declared: string; file: string; actual: readonly number[]; size: number };
}>(
  {
    code: 'BL6013',
    slug: 'dims-disagree',
    severity: 'error',
  },
  {
    message: ({ dim, first, second }) =>
      `two data disagree about ${quote(dim)}: it is ${first.size} in \`${first.data}: ${first.declared}\` (${first.file}, ${shapeText(first.actual)}) ` +
      `and ${second.size} in \`${second.data}: ${second.declared}\` (${second.file}, ${shapeText(second.actual)})`,
    hints: ({ first, second }) => [
      `bind other data to \`${second.data}\` (\`--data ${second.data}=FILE\`), or give \`${first.data}\` and \`${second.data}\` dims of their own`,
    ],
  },
);

export const unboundDim = /* @__PURE__ */ defineDiagnostic<{ dim: string; couldFix: readonly { data: string; declared: string }[] }>(
  {
    code: 'BL6014',
    slug: 'unbound-dim',
    severity: 'error',
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

export const outsideKind = /* @__PURE__ */ defineDiagnostic<{
  data: string;
  type: string;
  where: string;
  value: string;
  others: number;
  rule: string;
}>(
  {
    code: 'BL6015',
    slug: 'data-outside-kind',
    severity: 'error',
  },
  {
    message: ({ data, type, where, value, others, rule }) =>
      `\`${data}: ${type}\` ${rule}, but ${where} is ${value}${more(others, 'such value')}`,
  },
);

export const dataWithoutSource = /* @__PURE__ */ defineDiagnostic<{
  data: string;
  declared: string;
  /** Whether the page names a file, which a call of a module does not read. */
  hasFile: boolean;
  by: Binder;
}>(
  {
    code: 'BL6016',
    slug: 'data-without-source',
    severity: 'error',
  },
  {
    message: ({ data, declared, by }) =>
      by === 'call'
        ? `no data were given for \`${data}: ${declared}\``
        : `\`${data}: ${declared}\` has no file, and no data were given for it`,
    hints: ({ data, hasFile, by }) => [
      by === 'call'
        ? `give \`${data}\` among the data of the call${hasFile ? '; `readData` of bilevel/data reads the file that the page names' : ''}`
        : `give it: ${by === 'flags' ? `\`--data ${data}=FILE\`` : by === 'editor' ? '`Bilevel: Choose Data Files…`' : `\`overrides: { ${data}: … }\`, a file or a value`}; or write \`from "FILE"\` in its declaration`,
    ],
  },
);

export const unknownName = /* @__PURE__ */ defineDiagnostic<{
  what: 'data' | 'hyper';
  name: string;
  known: readonly string[];
  closest?: string | undefined;
}>(
  {
    code: 'BL6017',
    slug: 'unknown-bound-name',
    severity: 'error',
  },
  {
    message: ({ what, name, known }) => `the problem has no ${what} ${quote(name)}; it has ${known.length === 0 ? 'none' : list(known)}`,
    hints: ({ closest }) => didYouMean(closest),
  },
);

export const batchTooLarge = /* @__PURE__ */ defineDiagnostic<{ batch: number; set: string; size: number }>(
  {
    code: 'BL6032',
    slug: 'batch-too-large',
    severity: 'error',
  },
  {
    message: ({ batch, set, size }) => `a batch of ${batch} is more than there is: ${quote(set)} is ${size}`,
    hints: () => ['a smaller `batch`; without one every step sees all of it'],
  },
);

export const startOutsideKind = /* @__PURE__ */ defineDiagnostic<{
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

export const startShape = /* @__PURE__ */ defineDiagnostic<{
  name: string;
  declared: string;
  expected: readonly number[];
  actual: readonly number[];
}>(
  {
    code: 'BL6020',
    slug: 'start-shape-mismatch',
    severity: 'error',
  },
  {
    message: ({ name, declared, expected, actual }) =>
      `\`${name}: ${declared}\` is ${shapeText(expected)} with these data, but the given value is ${shapeText(actual)}`,
  },
);

export const arrayType = /* @__PURE__ */ defineDiagnostic<{
  data: string;
  file: string;
  /** Of a file that has a type for each column. */
  column?: string;
  dtype: string;
  reason: string;
}>(
  {
    code: 'BL6021',
    slug: 'array-type',
    severity: 'error',
  },
  {
    message: ({ data, file, column, dtype, reason }) =>
      `${quote(data)}: ${column === undefined ? 'the elements' : `the column ${quote(column)}`} of ${file} (${quote(dtype)}) cannot be read: ${reason}`,
  },
);

export const emptyFile = /* @__PURE__ */ defineDiagnostic<{ data: string; file: string; headerOnly: boolean }>(
  {
    code: 'BL6022',
    slug: 'empty-file',
    severity: 'error',
  },
  {
    message: ({ data, file, headerOnly }) =>
      headerOnly ? `${quote(data)}: ${file} holds a header and no rows` : `${quote(data)}: ${file} holds no data`,
  },
);

export const malformedTensor = /* @__PURE__ */ defineDiagnostic<{ data: string; reason: string }>(
  {
    code: 'BL6023',
    slug: 'malformed-value',
    severity: 'error',
  },
  { message: ({ data, reason }) => `the value given for ${quote(data)} is not a regular array of numbers: ${reason}` },
);

export const badDraw = /* @__PURE__ */ defineDiagnostic<{ name: string; distribution: string; reason: string }>(
  {
    code: 'BL6024',
    slug: 'distribution-arguments',
    severity: 'error',
  },
  { message: ({ name, distribution, reason }) => `${quote(name)} is drawn from ${distribution}: ${reason}` },
);

export const selectionOfOther = /* @__PURE__ */ defineDiagnostic<{ data: string; file: string; selected: 'columns' | 'array' }>(
  {
    code: 'BL6025',
    slug: 'selection-of-other-format',
    severity: 'error',
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
  batchTooLarge,
  startOutsideKind,
  startShape,
  arrayType,
  emptyFile,
  malformedTensor,
  badDraw,
  selectionOfOther,
] as const;

/** A column, or a row, of a matrix, and its standard deviation. */
interface Scale {
  readonly column: number;
  readonly scale: number;
}

export const unscaledFeatures = /* @__PURE__ */ defineDiagnostic<{
  data: string;
  /** Along which the features lie. */
  axis: number;
  param: string;
  small: Scale;
  large: Scale;
}>(
  {
    code: 'BL6033',
    slug: 'unscaled-features',
    severity: 'warning',
  },
  {
    message: ({ data, axis, param, small, large }) => {
      const name = ({ column, scale }: Scale): string =>
        `\`${data}[${axis === 1 ? `:, ${column}` : column}]\` has deviation ${Number(scale.toPrecision(3))}`;
      return `${name(small)} and ${name(large)}, and one penalty weighs all of \`${param}\`: it forbids the one what it does not notice in the other`;
    },
    hints: ({ data, axis, param }) => [
      `bring them to one scale: \`standardize(${data}${axis === 1 ? '' : '.T'})\` in the place of \`${data}${axis === 1 ? '' : '.T'}\`, with \`by = ${data}[train]\` where rows are held out`,
      `or give each a penalty of its own: a hyper of the shape of \`${param}\``,
    ],
  },
);
