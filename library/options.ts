/** The options that the functions of the interface share, and what is refused of them before a page is looked at. */
import { beside } from '../compiler/paths.ts';
import type { Sources } from '../diagnostics/render.ts';
import type { Precision } from '../plan/kernels.ts';
import type { Arithmetic } from '../plan/types.ts';
import { libraries, type Library } from '../plan/placement.ts';
import type { NamedPage } from './module.ts';
import type { Sizes } from './asked.ts';
import { UsageError, nothingOfThatName } from './usage-error.ts';

/** Options of every function that reads a page. */
export interface PageOptions {
  /** How diagnostics and modules name the page; nothing is read. Default `page.bilevel`. */
  readonly file?: string;
}

/** Options of `format`. */
export interface FormatOptions extends PageOptions {
  /** How many characters a line may have where it can be broken; `Infinity` breaks none for its length. Default 100. */
  readonly width?: number | undefined;
}

/** Options of every function that compiles a page. */
export interface ImportOptions extends PageOptions {
  /**
   * The texts of the pages that it imports, and of those that they import, each by its path from the page, such as
   * `{ './kernels.bilevel': text }`. Nothing is read.
   */
  readonly imports?: Readonly<Record<string, string>>;
}

/** Options of every function that is about one problem of a page. */
export interface ProblemOptions extends ImportOptions {
  /** The problem that is meant, where the page holds several. */
  readonly problem?: string;
  /** Sizes of dims that are known now, such as `{ n: 442 }`. A size that no dim has is a `UsageError`. */
  readonly sizes?: Sizes;
  /** A strategy by its name, or a candidate by its id; `auto` leaves it to the plan, whatever the page asks for. */
  readonly strategy?: string;
}

/** Options of what solves a problem, or is compiled to. */
export interface SolvingOptions extends ProblemOptions {
  /** Whether the errors of hypergradients are proved, or a warning says why they cannot be. Default `false`: they are estimated. */
  readonly certify?: boolean;
}

export const pageOptions = ['file'] as const satisfies readonly (keyof PageOptions)[];
export const formatOptions = [...pageOptions, 'width'] as const satisfies readonly (keyof FormatOptions)[];
export const importOptions = [...pageOptions, 'imports'] as const satisfies readonly (keyof ImportOptions)[];
export const problemOptions = [
  ...pageOptions,
  'problem',
  'sizes',
  'strategy',
  'imports',
] as const satisfies readonly (keyof ProblemOptions)[];
export const solvingOptions = [...problemOptions, 'certify'] as const satisfies readonly (keyof SolvingOptions)[];

export const precisions: readonly Precision[] = ['f64', 'f32'];
/** What a module may carry the kernels of. */
export const arithmetics: readonly Arithmetic[] = [...precisions, 'mixed'];

/** The page that a call speaks of. Throws a `UsageError` where the text is none, or the options are not what they can be. */
export function pageOf(call: string, text: string, options: ImportOptions, known: readonly string[]): NamedPage {
  if (typeof text !== 'string') throw new UsageError(`\`${call}\` reads the text of a page, and was given ${kindOf(text)}`);
  demandOptions(`\`${call}\``, options, known);
  const { file: name = 'page.bilevel', imports } = options;
  return { name, text, imports: imports && sourcesFrom(name, imports) };
}

function sourcesFrom(page: string, imports: Readonly<Record<string, string>>): Sources {
  const texts = new Map(Object.entries(imports).map(([path, text]) => [beside(page, path), text]));
  return (file) => texts.get(file);
}

/** Those of a function or of the plugin, `subject`: an object with no other names than those `known`, and what several have in common. */
export function demandOptions(subject: string, options: object, known: readonly string[]): void {
  if (!isRecord(options)) throw new UsageError(`${subject} takes its options as an object, and was given ${kindOf(options)}`);
  for (const name of Object.keys(options)) if (!known.includes(name)) throw nothingOfThatName(`${subject} has no option`, name, known);
  const { file, imports, problem, strategy, sizes, certify } = options;
  demandName('file', file, 'ridge.bilevel');
  if (typeof file === 'string' && namesNoPage.test(file))
    throw new UsageError(`\`file\` is the name of a file, such as 'ridge.bilevel', and not '${file}'`);
  demandName('problem', problem, 'ridge');
  demandName('strategy', strategy, 'implicit');
  demandImports(imports);
  demandSizes(sizes);
  if (certify !== undefined && typeof certify !== 'boolean')
    throw new UsageError(`\`certify\` is true or false, and was ${kindOf(certify)}`);
}

/** A folder, nothing, or an ending alone. */
const namesNoPage = /(?:^|[/\\])(?:\.bilevel)?$/u;

function demandName(option: string, given: unknown, such: string): void {
  if (given !== undefined && typeof given !== 'string')
    throw new UsageError(`\`${option}\` is a name, such as '${such}', and was ${kindOf(given)}`);
}

function demandImports(imports: unknown): void {
  if (imports === undefined) return;
  if (!isRecord(imports)) throw new UsageError(`\`imports\` is an object, such as { './lib.bilevel': text }, and was ${kindOf(imports)}`);
  for (const [path, text] of Object.entries(imports))
    if (typeof text !== 'string') throw new UsageError(`\`imports\`: the text of '${path}' is a text, and was ${kindOf(text)}`);
}

function demandSizes(sizes: unknown): void {
  if (sizes === undefined) return;
  if (!isRecord(sizes)) throw new UsageError(`\`sizes\` is an object, such as { n: 442 }, and was ${kindOf(sizes)}`);
  for (const [dim, size] of Object.entries(sizes))
    if (!Number.isSafeInteger(size) || Number(size) < 0)
      throw new UsageError(`\`sizes\`: the size of \`${dim}\` is a whole number, 0 or more; write { ${dim}: 100 }, say`);
}

export function demandWidth(width: unknown): void {
  if (width !== undefined && width !== Infinity && !(Number.isSafeInteger(width) && Number(width) > 0))
    throw new UsageError(
      `\`width\` is a whole number of characters, 1 or more, and was ${typeof width === 'number' ? width : kindOf(width)}`,
    );
}

/** An option that is one of a few words. */
export function demandOneOf<Word extends string>(option: string, given: Word, known: readonly Word[]): void {
  if (typeof given !== 'string') throw new UsageError(`\`${option}\` is a word, such as '${known[0] ?? ''}', and was ${kindOf(given)}`);
  if (!known.includes(given)) throw nothingOfThatName(`\`${option}\` cannot be`, given, known);
}

/** In an order of their own, so that a module does not depend on the caller's. */
export function precisionsOf(given: readonly Arithmetic[] = ['f64']): readonly Arithmetic[] {
  if (!Array.isArray(given) || given.length === 0)
    throw new UsageError(`\`precisions\` is a list, such as ['f64', 'f32'], and was ${Array.isArray(given) ? 'empty' : kindOf(given)}`);
  for (const asked of given) demandOneOf('precisions', asked, arithmetics);
  return arithmetics.filter((name) => given.includes(name));
}

/** Libraries of kernels, in an order of their own. */
export function librariesOf(given: readonly Library[] = []): readonly Library[] {
  if (!Array.isArray(given)) throw new UsageError(`\`libraries\` is a list, such as ['tfjs'], and was ${kindOf(given)}`);
  for (const asked of given) demandOneOf('libraries', asked, libraries);
  return libraries.filter((name) => given.includes(name));
}

/** Names with values: no list, map or array. */
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !(Symbol.iterator in value);

/** A value that is not what was wanted, in words and never by its content. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object') return `a ${typeof value}`;
  return isRecord(value) ? 'an object' : 'a collection';
}
