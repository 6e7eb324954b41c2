/** Every way of differentiating one problem, or of solving it: the candidates of its page, however the page may name its methods. */
import { type CompiledProblem, compile } from '../../compiler/pipeline.ts';
import { choose } from '../../plan/choose.ts';
import { holdsAll } from '../../plan/decide.ts';
import { evaluate } from '../../plan/evaluate.ts';
import { environmentOf } from '../../plan/predict.ts';
import type { Candidate, ProblemDescription } from '../../plan/types.ts';
import { compiledPage, withMethods, words } from '../page.ts';
import type { Numbers } from '../rows.ts';
import { type Arguments, minimisers, optimisers, strategyCalls } from './methods.ts';

export interface Way {
  /** The candidate's id, and what besides the page says in numbers. */
  readonly name: string;
  readonly candidate: Candidate;
  readonly problem: CompiledProblem;
  /** The whole problem is solved, and not differentiated once. */
  readonly isWhole?: true;
}

/** A strategy or a solver that does not accept the problem. */
export interface Refusal {
  readonly name: string;
  readonly because: string;
}

export interface Ways {
  readonly ways: readonly Way[];
  readonly refusals: readonly Refusal[];
}

/** How a page names its methods; what it does not say is left to the plan. */
interface Setting {
  readonly inner?: string | undefined;
  readonly strategy?: string;
}

/** A strategy with numbers that no table has, and what is said of them. */
export interface Numbered {
  readonly strategy: string;
  readonly note: string;
}

/** With more hypers than this a hypergradient by differences is no way of finding one. */
const mostDifferences = 40;

/** Which candidates of a page are wanted; the plan's choice is the first of them. */
type Pick = (problem: CompiledProblem) => readonly Candidate[];

class Collected {
  readonly ways = new Map<string, Way>();
  private readonly text: string;
  private readonly file: string;
  private readonly sizes: Numbers;

  constructor(text: string, file: string, sizes: Numbers) {
    this.text = text;
    this.file = file;
    this.sizes = sizes;
  }

  /** Nothing of a page that is refused; then, why. */
  take(setting: Setting, pick: Pick, note?: string): string | undefined {
    const { value, diagnostics } = compile(this.textOf(setting), this.file);
    for (const problem of value) {
      const { description, plan } = problem.module;
      for (const candidate of pick(problem)) {
        const isMuch = candidate.drive === 'differences' && hyperCount(description, this.sizes) > mostDifferences;
        const { holds } = holdsAll(candidate.conditions, environmentOf(plan, this.sizes));
        const name = note === undefined ? candidate.id : `${candidate.id}, ${note}`;
        if (holds !== false && !isMuch && !this.ways.has(name)) this.ways.set(name, { name, candidate, problem });
      }
    }
    return value.length === 0 ? words(diagnostics) : undefined;
  }

  readonly chosen: Pick = ({ module }) => {
    const { chosen } = choose(module.plan, this.sizes);
    return chosen === undefined ? [] : [chosen];
  };

  has(strategy: string): boolean {
    return [...this.ways.values()].some(({ candidate }) => candidate.strategy === strategy);
  }

  /** With why the page as it is, or with one inner solver, is refused by what accepts it nowhere. */
  ended(setting: Setting): Ways {
    const { refusals } = compiledPage(this.textOf(setting), this.file).module.plan;
    const own = refusals.filter(({ strategy }) => !this.has(strategy));
    return { ways: [...this.ways.values()], refusals: own.map(({ strategy, because }) => ({ name: strategy, because })) };
  }

  private textOf({ inner, strategy }: Setting): string {
    const statements = [inner && `solve inner with ${inner}`, strategy && `differentiate with ${strategy}`];
    return withMethods(
      this.text,
      statements.filter((statement) => statement !== undefined),
    );
  }
}

const hyperCount = ({ hypers }: ProblemDescription, sizes: Numbers): number =>
  hypers.reduce((sum, { shape }) => sum + shape.reduce((count: number, dim) => count * (evaluate(dim, sizes) ?? 1), 1), 0);

const all: Pick = ({ module }) => module.plan.candidates;
const of =
  (strategy: string): Pick =>
  (problem) =>
    all(problem).filter((candidate) => candidate.strategy === strategy);

/**
 * At a minimiser: every strategy with the inner solvers that the plan offers, with each word that it can be narrowed by and what the plan
 * then chooses, every other inner solver under what the plan chooses for it, and a strategy that needs an inner solver by name under each that
 * it accepts.
 */
export function waysToMinimiser(text: string, file: string, sizes: Numbers, given: Arguments, also: readonly Numbered[]): Ways {
  const collected = new Collected(text, file, sizes);
  for (const [plain, ...narrowed] of strategyCalls.values()) {
    collected.take({ strategy: plain }, all);
    for (const strategy of narrowed) collected.take({ strategy }, collected.chosen);
  }
  for (const { strategy, note } of also) collected.take({ strategy }, collected.chosen, note);
  const refused = minimisers(given, { rated: false }).flatMap((inner): readonly Refusal[] => {
    const because = collected.take({ inner }, collected.chosen);
    // The solver's name stands before it already.
    return because === undefined ? [] : [{ name: inner.replace(/\(.*/u, ''), because: because.replace(/^`\w+` [^:]*: /u, '') }];
  });
  const homeless = [...strategyCalls.keys()].filter((strategy) => strategy !== 'auto' && !collected.has(strategy));
  for (const inner of minimisers(given, { rated: true }))
    for (const strategy of homeless) collected.take({ inner, strategy }, of(strategy));
  const { ways, refusals } = collected.ended({});
  return { ways, refusals: [...refusals, ...refused] };
}

/** Of a recipe, which is its inner solver: every strategy. Linear solvers are compared at minimisers. */
export function waysThroughRecipe(text: string, file: string, sizes: Numbers, inner: string, also: readonly Numbered[]): Ways {
  const collected = new Collected(text, file, sizes);
  for (const [strategy] of strategyCalls.values()) collected.take({ inner, strategy }, all);
  for (const { strategy, note } of also) collected.take({ inner, strategy }, collected.chosen, note);
  return collected.ended({ inner });
}

/** To the optimum, with every outer solver; a hypergradient is found as the plan chooses. */
export function waysToOptimum(text: string, file: string, sizes: Numbers, given: Arguments): Ways {
  const ways = [...optimisers(given)].flatMap(([name, outer]): readonly Way[] => {
    const problem = compiledPage(withMethods(text, [`solve outer with ${outer}`]), file);
    const { chosen } = choose(problem.module.plan, sizes);
    return chosen === undefined ? [] : [{ name, candidate: chosen, problem, isWhole: true }];
  });
  return { ways, refusals: [] };
}
