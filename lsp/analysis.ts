/**
 * What the compiler says of one text of one page. Each part is made when it is first asked for, and kept: a request for names never waits
 * for shapes, and one for shapes never for derivatives. What has not changed since an earlier text of the page is taken from there.
 */
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { TensorType } from '../compiler/ir/graph.ts';
import { checkParsed, compileProgram, type CheckedPage, type CompiledProblem } from '../compiler/pipeline.ts';
import type { Program } from '../compiler/program.ts';
import type { Result, Span } from '../diagnostics/diagnostic.ts';
import { moved } from '../diagnostics/moved.ts';
import type { Sources } from '../diagnostics/render.ts';
import type { ProblemNode } from '../grammar/ast.ts';
import { namesOf, type DeclaredName, type PageNames, type UsedName } from '../grammar/names.ts';
import { parse, type Parsed } from '../grammar/parse.ts';
import { wordsOf, type Word } from '../grammar/words.ts';
import type { Sizes } from '../library/asked.ts';
import type { DataFacts } from '../library/data-facts.ts';
import type { PlanDocument } from '../library/plan-document.ts';

export interface Analysis {
  readonly uri: string;
  readonly document: TextDocument;
  /** The tree. */
  readonly parsed: Part<Parsed>;
  readonly names: Part<PageNames>;
  /** Words and signs, as they are meant in their place. */
  readonly words: Part<readonly Word[]>;
  /** Syntax, names, kinds and shapes. */
  readonly checked: Part<CheckedPage>;
  readonly problems: Part<readonly ProblemAnalysis[]>;
  /** What a longer look has found of problems that some text of the page had. */
  readonly insights: WeakMap<CompiledProblem, Insight>;
  /** Texts of other pages that have been looked at so far, under their URIs. */
  readonly imports: ReadonlyMap<string, string | undefined>;
  /** For a later text of the page. */
  readonly kept: () => Kept;
}

/** One problem of a page. */
export interface ProblemAnalysis {
  readonly node: ProblemNode;
  readonly program: Program | undefined;
  /** From the places that the program knows to those of the page. */
  readonly move: (span: Span) => Span;
  /** Levels, curvature, strategies, and what is wrong with them, with places of the page; of a problem with other mistakes nothing. */
  readonly compiled: Part<Result<CompiledProblem | undefined>>;
}

/** What data say of a problem, and how it would be solved with them. */
export interface Insight {
  readonly data: DataFacts;
  /** All that are known. */
  readonly sizes: Sizes;
  readonly plan: PlanDocument;
}

/** Made when it is first asked for. */
export interface Part<T> {
  (): T;
  /** Whether it has been made, so that asking takes no time. */
  readonly isMade: () => boolean;
}

/** What was last known of a page. */
export interface Kept {
  readonly parsed?: Parsed | undefined;
  readonly checked?: CheckedPage | undefined;
  /** Of programs that a page still has. */
  readonly compiled: WeakMap<Program, Part<Result<CompiledProblem | undefined>>>;
  readonly insights: Analysis['insights'];
}

const newcomer = (): Kept => ({ compiled: new WeakMap(), insights: new WeakMap() });

export function analyse(document: TextDocument, sources: Sources, kept = newcomer()): Analysis {
  const { uri } = document;
  const { insights } = kept;
  const imports = new Map<string, string | undefined>();
  const look: Sources = (file) => {
    const text = sources(file);
    imports.set(file, text);
    return text;
  };
  const parsed = once(() => parse(document.getText(), uri, kept.parsed));
  const checked = once(() => checkParsed(parsed(), look, kept.checked));
  const compiledOf = (program: Program): Part<Result<CompiledProblem | undefined>> => {
    const known = kept.compiled.get(program) ?? once(() => compileProgram(program, checked().imports));
    kept.compiled.set(program, known);
    return known;
  };
  return {
    uri,
    document,
    imports,
    insights,
    parsed,
    names: once(() => namesOf(parsed().value)),
    words: once(() => wordsOf(parsed())),
    checked,
    problems: once(() =>
      checked().problems.map(({ node, program, move, isRight }): ProblemAnalysis => {
        if (program === undefined || !isRight) return { node, program, move, compiled: once(() => nothing) };
        const compiled = compiledOf(program);
        const here = (): Result<CompiledProblem | undefined> => {
          const { value, diagnostics } = compiled();
          return { value, diagnostics: moved(diagnostics, move) };
        };
        return { node, program, move, compiled: Object.assign(here, { isMade: compiled.isMade }) };
      }),
    ),
    kept: () => ({
      parsed: parsed.isMade() ? parsed() : kept.parsed,
      checked: checked.isMade() ? checked() : kept.checked,
      compiled: kept.compiled,
      insights,
    }),
  };
}

const nothing: Result<undefined> = { value: undefined, diagnostics: [] };

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
