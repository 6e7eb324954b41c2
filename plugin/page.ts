/**
 * A page as something to import: the JavaScript of each module that it gives, and its declarations. Texts in, texts out; compiled once,
 * whatever is asked of it. Knows no bundler and no file system.
 *
 * A page with one problem is the module of that problem. A page with several exports each under its name, from modules of their own:
 * the page's name with a query, `./pages.bilevel?problem=ridge`, so that an application carries only what it uses.
 */
import { safeInComment } from '../compiler/emit/module/interfaces.ts';
import { printSourceMap } from '../compiler/emit/module/source-map.ts';
import { compile, type CompiledProblem } from '../compiler/pipeline.ts';
import { hasErrors, type Diagnostic, type Result } from '../diagnostics/diagnostic.ts';
import { whichProblem, wrongUsage } from '../diagnostics/usage.ts';
import { canAskFor, strategiesOf } from '../library/asked.ts';
import { moduleOf, type NamedPage } from '../library/module.ts';
import { version } from '../library/version.ts';
import { knownSizes } from '../plan/splits.ts';
import { noneChosen } from '../runtime/open.ts';
import { shortOfMemory } from '../runtime/short-of-memory.ts';
import { closestName } from '../runtime/tensor.ts';
import type { CarriedOptions } from './options.ts';

/** JavaScript to load in the place of a page. */
export interface PageModule {
  readonly code: string;
  /** The source map, as JSON, from a page that is called so. */
  readonly map: (page: string) => string;
}

export interface ImportedPage {
  readonly page: NamedPage;
  /** The pages that its functions come from, by their names as seen from its own, with the texts that were found. */
  readonly imports: ReadonlyMap<string, string | undefined>;
  /** Nothing is wrong with it, and it holds no problem: functions only, say. */
  readonly isWithoutProblem: boolean;
  /** Of all its problems, by their names. */
  readonly dims: readonly string[];
  /** Of one problem, or of the page as a whole. Undefined, and more diagnostics, where there is none. */
  module(problem?: string): Result<PageModule | undefined>;
  /** The types of what the page exports, whatever the options. Undefined, and more diagnostics, where there is none. */
  declarations(): Result<string | undefined>;
}

/** What an import names: a page's file, and one of its problems. */
export interface PagePlace {
  readonly file: string;
  readonly problem: string | undefined;
}

/** What ends so is a page; other queries, such as `?raw`, are not for us. */
export const pagePattern = /\.bilevel(?:\?problem=[^&#]*)?$/u;

export function placeOf(id: string): PagePlace {
  const at = id.lastIndexOf('?problem=');
  return at < 0 ? { file: id, problem: undefined } : { file: id.slice(0, at), problem: decodedName(id.slice(at + '?problem='.length)) };
}

/** A query that no encoder wrote is a name as it stands. */
function decodedName(query: string): string {
  try {
    return decodeURIComponent(query);
  } catch {
    return query;
  }
}

/** The page's name is its file's, without a folder. */
export function importPage(page: NamedPage, options: CarriedOptions = {}): ImportedPage {
  const { value, diagnostics, imports } = compile(page.text, page.name, page.imports);
  const compiled: CompiledPage = { ...page, value, diagnostics };
  const modules = new Map<string | undefined, Result<PageModule | undefined>>();
  return {
    page,
    imports,
    isWithoutProblem: compiled.value.length === 0 && !hasErrors(compiled.diagnostics),
    dims: compiled.value.flatMap(({ module }) => module.description.dims.map(({ name }) => name)),
    module: (problem) => {
      const made = modules.get(problem) ?? pageModule(compiled, problem, options);
      modules.set(problem, made);
      return made;
    },
    declarations: () => pageDeclarations(compiled),
  };
}

interface CompiledPage extends NamedPage, Result<readonly CompiledProblem[]> {}

const nameOf = (problem: CompiledProblem): string => problem.module.description.name;

const nothing = (...diagnostics: readonly Diagnostic[]): Result<undefined> => ({ value: undefined, diagnostics });

/** Of a page without that problem, or without any. */
function missing({ name, value: problems }: CompiledPage, asked?: string): Diagnostic {
  const names = problems.map(nameOf);
  const suggestion = asked === undefined ? undefined : closestName(asked, names);
  const span = problems[0]?.program.span ?? { file: name, start: 0, end: 0 };
  return whichProblem({ span }, { file: name, asked, problems: names, suggestion });
}

function pageModule(page: CompiledPage, asked: string | undefined, options: CarriedOptions): Result<PageModule | undefined> {
  const { value: problems, diagnostics } = page;
  if (hasErrors(diagnostics)) return nothing(...diagnostics);
  if (asked === undefined && problems.length > 1) return { value: indexModule(page), diagnostics };
  const problem = asked === undefined ? problems[0] : problems.find((p) => nameOf(p) === asked);
  if (problem === undefined) return nothing(...diagnostics, missing(page, asked));
  const { value, diagnostics: chosen } = problemModule(page, problem, options);
  return { value, diagnostics: [...diagnostics, ...chosen] };
}

function problemModule(page: NamedPage, problem: CompiledProblem, options: CarriedOptions): Result<PageModule | undefined> {
  const { strategy, sizes: given = {}, precisions = ['f64'], libraries } = options;
  const refused = refusedOption(page, problem, options);
  if (refused !== undefined) return nothing(refused);
  const { description } = problem.module;
  // A page's own sizes stand; given ones are for all pages, and fill what one leaves open.
  const open = description.dims.filter(({ name, fixed }) => fixed === undefined && given[name] !== undefined);
  const sizes = knownSizes(description, Object.fromEntries(open.map(({ name }) => [name, given[name] ?? 0])));
  const file = moduleOf(problem, page, { target: 'js', precisions, libraries, sizes, strategy })?.files.find(
    ({ ending }) => ending === '.js',
  );
  if (file === undefined) return nothing(noneChosen(problem.module, sizes, strategy, shortOfMemory));
  return { value: { code: file.text, map: (source) => file.map(`${page.name}.js`, source) }, diagnostics: [] };
}

/** An option that a problem cannot follow: a mistake of the build, told at the problem that it does not suit. */
function refusedOption(page: NamedPage, problem: CompiledProblem, { strategy, sizes = {} }: CarriedOptions): Diagnostic | undefined {
  const { description, plan } = problem.module;
  const refuse = (message: string, suggestion?: string): Diagnostic =>
    wrongUsage(
      { span: problem.program.span },
      { message: `the plugin's option ${message}`, suggestion, help: `bilevel plan ${page.name}` },
    );
  if (strategy !== undefined && !canAskFor(plan, strategy))
    return refuse(`\`strategy\`: \`${nameOf(problem)}\` has no strategy \`${strategy}\``, closestName(strategy, strategiesOf(plan)));
  const other = description.dims.find(({ name, fixed }) => fixed !== undefined && Object.hasOwn(sizes, name) && sizes[name] !== fixed);
  return other && refuse(`\`sizes\`: \`${other.name}\` is ${sizes[other.name]} there, and the page says that it is ${other.fixed}`);
}

/** Each problem under its name. */
function indexModule({ name, text, value: problems }: CompiledPage): PageModule {
  const lines = problems.map((problem) => ({
    text: `export * as ${nameOf(problem)} from ${JSON.stringify(`./${name}?problem=${encodeURIComponent(nameOf(problem))}`)};`,
    from: problem.program.span,
  }));
  return {
    code: `${lines.map((line) => line.text).join('\n')}\n`,
    map: (source) => printSourceMap({ lines, file: `${name}.js`, source, text }),
  };
}

/** A module's declarations hang on the problem alone, and on no kernels: none is emitted for them. */
function problemDeclarations(page: NamedPage, problem: CompiledProblem): string {
  const module = moduleOf(problem, page, { target: 'js', precisions: [], sizes: {} });
  return module?.files.find(({ ending }) => ending === '.d.ts')?.text ?? '';
}

function pageDeclarations(page: CompiledPage): Result<string | undefined> {
  const { value: problems, diagnostics } = page;
  if (hasErrors(diagnostics)) return nothing(...diagnostics);
  const [first, ...others] = problems;
  if (first === undefined) return nothing(...diagnostics, missing(page));
  return { value: others.length === 0 ? problemDeclarations(page, first) : namedDeclarations(page, problems), diagnostics };
}

/** Of several problems, each a namespace. */
function namedDeclarations(page: NamedPage, problems: readonly CompiledProblem[]): string {
  const imported = new Set<string>();
  const spaces = problems.map((problem) => {
    const [, types = '', body = ''] = importLine.exec(problemDeclarations(page, problem)) ?? [];
    for (const type of types.split(', ')) imported.add(type);
    return namespaceOf(problem, body);
  });
  return [
    '/**',
    ` * Compiled by bilevel ${version} from ${safeInComment(page.name)}: change that page, and compile it again.`,
    ' */',
    `import type { ${[...imported].sort().join(', ')} } from 'bilevel/runtime';`,
    ...spaces,
    '',
  ].join('\n');
}

const importLine = /^import type \{ (.*) \} from 'bilevel\/runtime';\n([\s\S]*)$/mu;

/** The declarations of a module within a namespace, where all is declared anyway. Its own name is no word of TypeScript, whatever the problem's. */
function namespaceOf(problem: CompiledProblem, body: string): string {
  const name = nameOf(problem);
  const { doc } = problem.module.description;
  const lines = body
    .replaceAll(/^export declare const/gmu, 'export const')
    .replace(/^declare const compiled/mu, 'const compiled')
    .replace(/^export default compiled;$/mu, 'export { compiled as default };')
    .trim()
    .split('\n');
  return [
    '',
    ...(doc === undefined ? [] : [`/** ${safeInComment(doc).replaceAll('\n', '\n * ')} */`]),
    `declare namespace problem_${name} {`,
    ...lines.map((line) => (line === '' ? '' : `  ${line}`)),
    '}',
    `export { problem_${name} as ${name} };`,
  ].join('\n');
}
