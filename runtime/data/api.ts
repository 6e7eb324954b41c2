/**
 * The entry `bilevel/data`: the data of a compiled problem from the files that its page names, or from others, as `bilevel run` binds
 * them. Where files come from and which formats are read is for the application to say, and it ships no other.
 */
import { checkOptions, object, type RulesOf } from '../call-options.ts';
import type { ModuleDescription, Tensor } from '../module.ts';
import { ProblemError } from '../problem-error.ts';
import type { TensorLike } from '../values.ts';
import { bindData, type FileOverride, type Files } from './files.ts';
import type { Format } from './format.ts';

export { FileError, type FileOverride, type Files } from './files.ts';
export type { ArrayOrNot, ArrayRequest, DataArray, DataFile, Located } from './array.ts';
export type { Format } from './format.ts';
export { fromUrl, type Fetch } from './url.ts';

type Call<Data> = (data: Data, ...more: never[]) => unknown;

/**
 * A compiled module, by its default export, or as much of it as an application uses: its description, and a call that says by its type
 * what its data are.
 */
export interface Readable<Data> {
  readonly describe: ModuleDescription;
  readonly bind?: Call<Data>;
  readonly solve?: Call<Data>;
  readonly hypergradient?: Call<Data>;
  readonly evaluate?: Call<Data>;
  readonly verify?: Call<Data>;
}

/** From where and how data are read. */
export interface ReadOptions<Data> {
  /** Those of `fromFolder`, of `fromUrl`, or of a function of one’s own. */
  readonly files: Files;
  /** Of the files that are read, by their endings: `csv`, `json`, `npy`, `npz`, `parquet` of the entries of those names. */
  readonly formats: readonly Format[];
  /** By the data’s names, over what the page says: another file, or a value. */
  readonly overrides?: { readonly [Name in keyof Data]?: FileOverride | Data[Name] };
}

/** Data that were read; those whose file holds words in place of numbers know them. */
export interface ReadTensor extends Tensor {
  /** What the numbers 0, 1, … stand for. */
  readonly labels?: readonly string[];
}

/** Fit to be given to the problem as its `Data`. */
export type ReadData<Data> = { readonly [Name in keyof Data]: Data[Name] extends number ? number : ReadTensor };

const isReader = (value: unknown, call: string): boolean =>
  typeof value === 'object' && value !== null && typeof (value as Readonly<Record<string, unknown>>)[call] === 'function';

const readRules = {
  files: ['`fromFolder(…)`, `fromUrl(…)`, or an object with a function `read`', (value) => isReader(value, 'read'), 'needed'],
  formats: [
    'a list of formats, such as `[csv]`',
    (value) => Array.isArray(value) && value.every((format) => isReader(format, 'open')),
    'needed',
  ],
  overrides: object,
} satisfies RulesOf<ReadOptions<object>>;

/**
 * Reads every file that the page names, once, and checks what is in it as a call with these data would.
 * Fails: rejects with `ProblemError`, all that is wrong at once, each with its place in the file or in the page.
 */
export async function readData<Data extends object>({ describe }: Readable<Data>, options: ReadOptions<Data>): Promise<ReadData<Data>> {
  checkOptions(describe.source, options, readRules);
  const { files, formats, overrides } = options;
  const { bound, diagnostics } = await bindData(describe, {
    ...files,
    formats,
    ...(overrides === undefined ? {} : { overrides: { ...overrides } as Readonly<Record<string, FileOverride | TensorLike>> }),
  });
  if (bound === undefined) throw new ProblemError(describe.source, { status: 'not-started', diagnostics });
  const words = new Map(Object.entries(bound.labels ?? {}));
  const values = describe.data.map(({ name }): readonly [string, number | ReadTensor] => {
    const { shape, data } = bound.slots[`data:${name}`] as Tensor;
    const labels = words.get(name);
    return [name, shape.length === 0 ? (data[0] ?? Number.NaN) : { shape, data, ...(labels === undefined ? {} : { labels }) }];
  });
  return Object.fromEntries(values) as ReadData<Data>;
}
