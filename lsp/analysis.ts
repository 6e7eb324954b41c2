/**
 * What the compiler says of one text of one page. Each part is made when it is first asked for, and kept: a request for names never waits
 * for shapes, and one for shapes never for derivatives.
 */
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { checkParsed, compileProgram, type CheckedPage, type CompiledProblem } from '../compiler/pipeline.ts';
import type { TensorType } from '../compiler/ir/graph.ts';
import { hasErrors, type Diagnostic, type Result, type Span } from '../diagnostics/diagnostic.ts';
import type { Sources } from '../diagnostics/render.ts';
import type { Page } from '../grammar/ast.ts';
import { namesOf, type DeclaredName, type PageNames, type UsedName } from '../grammar/names.ts';
import { parse } from '../grammar/parse.ts';
import { wordsOf, type Word } from '../grammar/words.ts';

export interface Analysis {
  readonly uri: string;
  readonly document: TextDocument;
  /** The tree. */
  readonly parsed: Part<Result<Page>>;
  readonly names: Part<PageNames>;
  /** Words and signs, as they are meant in their place. */
  readonly words: Part<readonly Word[]>;
  /** Syntax, names, kinds and shapes. */
  readonly checked: Part<CheckedPage>;
  /** Levels, curvature, strategies; of a page with errors nothing. */
  readonly compiled: Part<CompiledAnalysis>;
  /** Texts of other pages that have been looked at so far, under their URIs. */
  readonly imports: ReadonlyMap<string, string | undefined>;
}

/** Made when it is first asked for. */
export interface Part<T> {
  (): T;
  /** Whether it has been made, so that asking takes no time. */
  readonly isMade: () => boolean;
}

export interface CompiledAnalysis {
  readonly problems: readonly CompiledProblem[];
  readonly diagnostics: readonly Diagnostic[];
}

export function analyse(document: TextDocument, sources: Sources): Analysis {
  const { uri } = document;
  const imports = new Map<string, string | undefined>();
  const look: Sources = (file) => {
    const text = sources(file);
    imports.set(file, text);
    return text;
  };
  const parsed = once(() => parse(document.getText(), uri));
  const checked = once(() => checkParsed(parsed(), look));
  return {
    uri,
    document,
    imports,
    parsed,
    names: once(() => namesOf(parsed().value)),
    words: once(() => wordsOf(parsed().outlined, uri)),
    checked,
    compiled: once(() => {
      if (hasErrors(checked().diagnostics)) return { problems: [], diagnostics: [] };
      const { value, imports } = checked();
      const results = value.map((program) => compileProgram(program, imports));
      return { problems: results.flatMap(({ value }) => value ?? []), diagnostics: results.flatMap(({ diagnostics }) => diagnostics) };
    }),
  };
}

function once<T>(make: () => T): Part<T> {
  let made: { readonly value: T } | undefined;
  return Object.assign(() => (made ??= { value: make() }).value, { isMade: () => made !== undefined });
}

/** A name at a place, and the declaration that it belongs to, if the page has it. */
export interface Named {
  readonly span: Span;
  readonly name: string;
  readonly use?: UsedName;
  readonly declared?: DeclaredName;
}

/** The name that the offset touches, its end included, so that a cursor behind a name still means it. */
export function nameAt({ names }: Analysis, offset: number): Named | undefined {
  const touches = ({ span }: { readonly span: Span }): boolean => span.start <= offset && offset <= span.end;
  const { declared, used } = names();
  const declaration = declared.find(touches);
  if (declaration !== undefined) return { span: declaration.span, name: declaration.name, declared: declaration };
  const use = used.find(touches);
  if (use === undefined) return undefined;
  return { span: use.span, name: use.name, use, ...(use.of === undefined ? {} : { declared: use.of }) };
}

/** Where a declared name stands on its page, its declaration first. */
export const placesOf = ({ names }: Analysis, declared: DeclaredName): readonly Span[] => [
  declared.span,
  ...names()
    .used.filter(({ of }) => of === declared)
    .map(({ span }) => span),
];

/** What stands at a place, if it is an expression, or a name that stands for one. */
export const typeAt = ({ checked, uri }: Analysis, { start, end }: Span): TensorType | undefined =>
  checked().expressionTypes.find(({ span }) => span.file === uri && span.start === start && span.end === end)?.type;

export const rangeOf = ({ document }: Pick<Analysis, 'document'>, { start, end }: Span) => ({
  start: document.positionAt(start),
  end: document.positionAt(end),
});
