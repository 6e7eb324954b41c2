/**
 * The plugin of every bundler: `import … from './ridge.bilevel'` gives the module of the page. Owns what bundlers are told, and in which
 * form; what a page becomes is `page.ts`.
 */
import { basename } from 'node:path';
import type { Plugin as RollupPlugin } from 'rollup';
import { createUnplugin, type SourceMapCompact, type UnpluginBuildContext, type UnpluginContext, type UnpluginContextMeta } from 'unplugin';
import type { EnvironmentModuleNode, HotUpdateOptions, Plugin as VitePlugin } from 'vite';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { nothingOfThatName } from '../library/usage-error.ts';
import { writeDeclarations } from './declarations.ts';
import { PageMistake, inBytes, shownAt, type ShownPage } from './mistakes.ts';
import { readOptions, type BilevelOptions } from './options.ts';
import { pagePattern, placeOf, type ImportedPage } from './page.ts';
import { importedFile, openPages } from './pages.ts';

type Framework = UnpluginContextMeta['framework'];

/**
 * Of the package, in applications. Found only when the first page is loaded, they would be bundled then, and the application loaded again;
 * and those that are bundled apart from each other would have an error class each.
 */
const entries = [
  'bilevel/runtime',
  'bilevel/data',
  'bilevel/data/csv',
  'bilevel/data/json',
  'bilevel/data/npy',
  'bilevel/data/npz',
  'bilevel/data/parquet',
] as const;

export const plugin = createUnplugin<BilevelOptions | undefined, false>((given, { framework }) => {
  const options = readOptions(given);
  const pages = openPages(options);
  const warned = new Set<ImportedPage>();

  /** For the end of a build that met pages. */
  const sizesOfNone = (): readonly string[] => {
    const dims = pages.all().flatMap((page) => page.dims);
    const unknown = pages.all().length === 0 ? [] : Object.keys(options.sizes).filter((name) => !dims.includes(name));
    return unknown.map((name) => nothingOfThatName("the plugin's option `sizes`: no page has a dim", name, dims).message);
  };

  return {
    name: 'bilevel',
    buildStart: () => warned.clear(),
    load: {
      filter: { id: pagePattern },
      async handler(id) {
        const { file, problem } = placeOf(id);
        // Vite and webpack know which file is behind a query; the others watch only what they have read themselves.
        if (framework !== 'vite' && framework !== 'webpack') this.addWatchFile(file);
        const page = await pages.at(file);
        for (const name of page.imports.keys()) this.addWatchFile(importedFile(file, name));
        const shown = shownAt(file, page);
        const { value, diagnostics } = page.module(problem);
        if (value === undefined) {
          refuse(framework, this, new PageMistake(diagnostics, shown, showsMessagesOnly(framework)), shown);
          return '';
        }
        if (!warned.has(page)) {
          warned.add(page);
          const found = [...diagnostics, ...(options.types ? typesOf(file, page) : [])];
          for (const diagnostic of found) warn(framework, this, new PageMistake([diagnostic], shown, showsMessagesOnly(framework)), shown);
        }
        // Sources are relative to the module; webpack wants to know the file.
        const map = value.map(framework === 'webpack' ? file : basename(file));
        return { code: value.code, map: JSON.parse(map) as SourceMapCompact };
      },
    },
    // Read by Go, which knows no flags.
    esbuild: {
      onLoadFilter: /\.bilevel$/,
      config(this: UnpluginBuildContext) {
        const native = this.getNativeBuildContext?.();
        if (native?.framework === 'esbuild')
          native.build.onEnd(({ errors }) => ({ warnings: errors.length > 0 ? [] : sizesOfNone().map((text) => ({ text })) }));
      },
    },
    rollup: {
      resolveId: resolveQuery,
      buildEnd(error) {
        if (error === undefined) for (const words of sizesOfNone()) this.warn(words);
      },
    },
    webpack: (compiler) => {
      compiler.hooks.thisCompilation.tap('bilevel', (compilation) => {
        compilation.hooks.finishModules.tap('bilevel', (modules) => {
          // A page that webpack took from its cache was not read: nobody knows its dims.
          const files = [...modules].flatMap((module) => ('resource' in module ? [String(module.resource)] : []));
          const isAllRead = files.filter((file) => pagePattern.test(file)).every((file) => pages.kept(placeOf(file).file) !== undefined);
          if (isAllRead) compilation.warnings.push(...sizesOfNone().map((words) => new compiler.webpack.WebpackError(words)));
        });
      });
    },
    vite: {
      buildEnd(error) {
        // A server ends too, before it was asked for all pages.
        if (error === undefined && this.environment.mode === 'build') for (const words of sizesOfNone()) this.warn(words);
      },
      config: () => ({ optimizeDeps: { include: [...entries] } }),
      hotUpdate: updateOf((file) => pages.kept(file)),
    },
  };
});

/** Writes the declarations of a page, but not into somebody else's package. */
function typesOf(file: string, page: ImportedPage): readonly Diagnostic[] {
  const declarations = /[\\/]node_modules[\\/]/u.test(file) ? undefined : page.declarations().value;
  const written = declarations === undefined ? undefined : writeDeclarations(file, declarations);
  return written?.state === 'not-written' ? [written.diagnostic] : [];
}

/** Of an error webpack prints the message, esbuild the message and the place; Rollup and Vite have a place for the frame. */
const showsMessagesOnly = (framework: Framework): boolean => framework === 'webpack' || framework === 'esbuild';

function refuse(framework: Framework, context: UnpluginContext, mistake: PageMistake, page: ShownPage): void {
  // An error that webpack is only told of leaves it with a module to go on with.
  if (framework === 'webpack') throw mistake;
  context.error(framework === 'esbuild' ? forEsbuild(mistake, page) : mistake);
}

function warn(framework: Framework, context: UnpluginContext, mistake: PageMistake, page: ShownPage): void {
  context.warn(framework === 'esbuild' ? forEsbuild(mistake, page) : mistake);
}

const forEsbuild = ({ message, id, loc, shownFile }: PageMistake, { sources }: ShownPage) => ({
  message,
  id,
  loc: { ...inBytes(loc, sources(shownFile) ?? ''), file: shownFile },
});

/** Rollup looks for a file of the whole name, with its query. */
const resolveQuery: NonNullable<RollupPlugin['resolveId']> = async function (source, importer, { attributes, isEntry }) {
  const at = source.indexOf('?problem=');
  if (!pagePattern.test(source) || at < 0) return null;
  const resolved = await this.resolve(source.slice(0, at), importer, { attributes, isEntry });
  return resolved === null || resolved.external !== false ? resolved : { ...resolved, id: resolved.id + source.slice(at) };
};

/** What Vite's server does when a page changes: what it does for every module, but for two cases. */
function updateOf(pageOf: (file: string) => ImportedPage | undefined): NonNullable<VitePlugin['hotUpdate']> {
  return async function ({ file, type, modules, read }: HotUpdateOptions): Promise<EnvironmentModuleNode[] | undefined> {
    if (type !== 'update' || !pagePattern.test(file)) return undefined;
    // The same text gives the same module.
    if (pageOf(file)?.page.text === (await read())) return [];
    // Whoever imports a page that was wrong when it was first loaded waits for it, and Vite does not know that.
    if (modules.some((module) => module.isSelfAccepting === undefined)) {
      for (const module of modules) this.environment.moduleGraph.invalidateModule(module);
      this.environment.hot.send({ type: 'full-reload' });
      return [];
    }
    return undefined;
  };
}
