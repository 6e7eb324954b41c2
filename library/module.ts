/**
 * From a compiled problem to the files of its module: what `bilevel compile`, the plugins of bundlers and the programmatic interface
 * emit alike. Texts in, texts out.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { emitModule, type EmittedFile, type StandaloneRuntime, type Target } from '../compiler/emit/module/module.ts';
import { carriedCode, type CarryOptions } from '../compiler/emit/module/request.ts';
import { printSourceMap } from '../compiler/emit/module/source-map.ts';
import { beside } from '../compiler/paths.ts';
import { compile, type CompiledProblem } from '../compiler/pipeline.ts';
import type { Result } from '../diagnostics/diagnostic.ts';
import type { Sources } from '../diagnostics/render.ts';
import { noneChosen } from '../runtime/open.ts';
import { shortOfMemory } from '../runtime/short-of-memory.ts';
import { version } from './version.ts';

export interface ModuleOptions extends CarryOptions {
  readonly target: Target;
  /** For a module that imports nothing: the target is JavaScript then. */
  readonly standalone?: StandaloneRuntime | undefined;
}

/** A page as its module knows it: a name without a folder, so that the module is the same wherever the page stands. */
export interface NamedPage {
  readonly name: string;
  readonly text: string;
  /** The texts of pages that it may import, under names as seen from where its own is. */
  readonly imports?: Sources | undefined;
}

export interface CompiledModule {
  /** Ids of the candidates that it carries, in the order of decision. */
  readonly candidates: readonly string[];
  readonly files: readonly ModuleFile[];
}

export interface ModuleFile {
  /** What stands behind the module's name: `.ts`, `.js`, `.d.ts`. */
  readonly ending: string;
  readonly text: string;
  /** Its lines, each with what of the page it speaks of. */
  readonly lines: EmittedFile['lines'];
  /** The source map of the file under that name, from the page as seen from it. */
  readonly map: (file: string, page: string) => string;
}

/** `problem` was compiled from `page`, under the page's name. Undefined where no candidate is valid at the sizes given. */
export function moduleOf(
  problem: CompiledProblem,
  page: NamedPage,
  { target, standalone, ...carry }: ModuleOptions,
): CompiledModule | undefined {
  const carried = carriedCode(problem, { ...carry, small: true });
  if (carried === undefined) return undefined;
  const emitted = emitModule({
    ...carried,
    source: { file: page.name, text: page.text, sha256: digestOf(page, problem) },
    compiler: version,
    target,
    runtime: standalone ?? { from: 'bilevel/runtime' },
  });
  return {
    candidates: carried.candidates,
    files: emitted.map(({ ending, lines }) => ({
      ending,
      text: textOf(lines),
      lines,
      map: (file, source) => printSourceMap({ lines, file, source, text: page.text }),
    })),
  };
}

/** The page's file, without the folder that it stands in. */
export const ownName = ({ name }: NamedPage): string => name.replace(/^.*[/\\]/su, '');

/**
 * The module of a problem, which was compiled from `page` under a name that may hold a folder: the same bytes wherever the page stands.
 * Undefined, with a diagnostic that says why, where no candidate is valid at the sizes given.
 */
export function compiledModule(problem: CompiledProblem, page: NamedPage, options: ModuleOptions): Result<CompiledModule | undefined> {
  const named: NamedPage = {
    name: ownName(page),
    text: page.text,
    imports: (file) => page.imports?.(beside(page.name, file)),
  };
  const isSame = ({ module }: CompiledProblem): boolean => module.description.name === problem.module.description.name;
  // The name stands in what the compiler makes, so what it made under another is not used.
  const own = named.name === page.name ? problem : compile(named.text, named.name, named.imports).value.find(isSame);
  const value = own && moduleOf(own, named, options);
  return { value, diagnostics: value === undefined ? [noneChosen(problem.module, options.sizes, options.strategy, shortOfMemory)] : [] };
}

/** Of the page's text, in UTF-8, and of what it imports: what tells one version of a module's sources from another. */
export function digestOf({ text }: NamedPage, { imports }: Pick<CompiledProblem, 'imports'>): string {
  const texts = imports.size === 0 ? text : JSON.stringify([text, ...imports]);
  return bytesToHex(sha256(utf8ToBytes(texts)));
}

/** A file as it is to be written, with its source map. */
export interface WrittenFile {
  readonly name: string;
  readonly text: string;
  /** The source map, as JSON, to be written beside it under the same name with `.map` behind it. */
  readonly map: string;
}

/** The files under a name, each saying where its map is. `pageFrom`: the page as seen from a file. */
export const writtenFiles = ({ files }: CompiledModule, name: string, pageFrom: (file: string) => string): readonly WrittenFile[] =>
  files.map(({ ending, text, map }) => {
    const file = name + ending;
    const base = file.replace(/^.*[/\\]/su, '');
    return { name: file, text: `${text}//# sourceMappingURL=${base}.map\n`, map: map(base, pageFrom(file)) };
  });

const textOf = (lines: EmittedFile['lines']): string => lines.map((line) => line.text).join('\n');
