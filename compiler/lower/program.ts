/**
 * From a page to its programs: the entry of this folder. Every mistake of the page is reported in one run; a problem with mistakes
 * still gives as much of a program as could be made.
 */
import { hasErrors, type Diagnostic, type Result } from '../../diagnostics/diagnostic.ts';
import type { Move } from '../../diagnostics/moved.ts';
import type { Sources } from '../../diagnostics/render.ts';
import type { Identifier, Page, ProblemNode } from '../../grammar/ast.ts';
import type { Parsed } from '../../grammar/parse.ts';
import type { ExpressionType, Program } from '../program.ts';
import { Pages, duplicate } from './pages.ts';
import { lowerProblem, makeContext } from './problem.ts';
import { Units, type Finding, type KeptUnit } from './units.ts';

export interface LoweredPage extends Result<readonly Program[]> {
  /** Each file that its imports speak of, with the text that was found there. */
  readonly imports: ReadonlyMap<string, string | undefined>;
  /** As far as they could be told, whatever else is wrong. */
  readonly expressionTypes: readonly ExpressionType[];
  readonly problems: readonly LoweredProblem[];
  /** What the next lowering of the page may take over. */
  readonly kept: Kept;
}

/** A problem of a page, and what it was lowered to, now or when it stood elsewhere. */
export interface LoweredProblem {
  readonly node: ProblemNode;
  readonly program?: Program | undefined;
  /** From the places that the program knows to those of the page. */
  readonly move: Move;
  /** Nothing is wrong with it, nor with what the page has besides problems. */
  readonly isRight: boolean;
}

export interface Kept {
  readonly units: ReadonlyMap<string, KeptUnit>;
  /** Pages that are imported, under their files' names. */
  readonly pages: ReadonlyMap<string, Parsed>;
}

/** How an earlier version of the page may help: what it had, and what this one is made of. */
export interface Earlier {
  readonly sections: Parsed['sections'];
  readonly kept?: Kept | undefined;
}

/**
 * Checks every problem of a page and lowers it to values of a builder of its own, in the page's order. Never throws for a
 * mistake of the page. A problem without a valid inner or outer criterion has no program; one with any error must not be run.
 * `sources` has the texts of the pages that may be imported, under names as seen from where the page's own is. What is said does not
 * depend on `earlier`, but for the places in programs, which are those that they were lowered with.
 */
export function lowerPage(page: Page, sources?: Sources, { sections, kept }: Earlier = { sections: [] }): LoweredPage {
  const found = new Map<string, Diagnostic>();
  const tell = (diagnostic: Diagnostic): void => {
    const { code, span, message } = diagnostic;
    const key = `${code} ${span?.file} ${span?.start} ${span?.end} ${message}`;
    if (!found.has(key)) found.set(key, diagnostic);
  };
  const pages = new Pages(sources, tell, kept?.pages);
  const { scope, own, imported } = pages.open(page);
  const problems = new Map<string, Identifier>();
  for (const item of page.items) {
    if (item.kind !== 'problem') continue;
    const before = problems.get(item.name.name);
    if (before !== undefined) tell(duplicate(item.name, before.span, 'the problem'));
    problems.set(item.name.name, before ?? item.name);
  }
  const areNamesRight = !hasErrors([...found.values()]);
  const units = new Units(page, sections, pages.texts, kept?.units);
  const shared = new Notes(pages);
  const { fns } = makeContext(shared.report, new Map(), shared.types, page);
  const functions = units.functions(() => {
    for (const fn of [...imported, ...own]) fns.check(fn);
    return shared;
  });
  const lowered = page.items.flatMap((node) => {
    if (node.kind !== 'problem') return [];
    return {
      node,
      ...units.problem(node, () => {
        const notes = new Notes(pages);
        return { ...notes, program: lowerProblem(node, scope, fns, notes.types, notes.report) };
      }),
    };
  });
  for (const { diagnostics } of [functions, ...lowered]) diagnostics.forEach(tell);
  const files = [page.file, ...pages.texts.keys()];
  const placeOf = ({ span }: Diagnostic): number => (span === undefined ? 0 : files.indexOf(span.file));
  const diagnostics = [...found.values()].sort((a, b) => placeOf(a) - placeOf(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0));
  const isSharedRight = areNamesRight && !hasErrors(functions.diagnostics);
  return {
    value: lowered.flatMap(({ program }) => program ?? []),
    diagnostics,
    imports: pages.texts,
    expressionTypes: [functions, ...lowered].flatMap(({ types }) => types),
    problems: lowered.map((each) => ({ ...each, isRight: isSharedRight && units.isWhole(each.node) && !hasErrors(each.diagnostics) })),
    kept: { units: units.kept, pages: pages.parsed },
  };
}

/** Takes down what is found out about one unit. */
class Notes implements Finding {
  readonly diagnostics: Diagnostic[] = [];
  readonly types: ExpressionType[] = [];
  readonly report: (diagnostic: Diagnostic) => void;

  constructor(pages: Pages) {
    this.report = (diagnostic) => void this.diagnostics.push(pages.told(diagnostic));
  }
}
