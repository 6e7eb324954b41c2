/** What each statement is, in a sentence, and how it is written: capitals and what stands in quotes are to be replaced, brackets `⟨…⟩` may be left out. */
import type { Declaration, Page } from '../../grammar/ast.ts';

type Statement = Declaration['kind'] | Page['items'][number]['kind'];

export interface StatementWords {
  readonly form: string;
  readonly says: string;
}

export const statementWords: Readonly<Record<Statement, StatementWords>> = {
  problem: { form: 'problem NAME { … }', says: 'A bilevel problem. A page may have several.' },
  import: { form: 'import { NAME, … } from "FILE.bilevel"', says: 'Functions of another page, whose path is relative to this one.' },
  dim: { form: 'dim NAME ⟨= SIZE⟩, …', says: 'The name of a size, which the data tell or the page says.' },
  data: {
    form: 'data NAME: TYPE ⟨from "FILE" ⟨column COLUMN | columns COLUMN, … | array KEY⟩⟩',
    says: 'What is known: from a file, or bound by who runs the page.',
  },
  split: {
    form: 'split DIM into NAME ⟨60%⟩, … ⟨by K folds | by groups DATA | by leave_one_out⟩ ⟨, seed K⟩ ⟨, stratified by DATA⟩ ⟨, unshuffled⟩',
    says: 'Disjoint index sets of a dim: shares, or folds.',
  },
  hyper: { form: 'hyper NAME: TYPE ⟨= START⟩ ⟨by search⟩', says: 'A hyper: the outer problem chooses it.' },
  param: {
    form: 'param NAME: TYPE ⟨= START | ~ DISTRIBUTION⟩',
    says: 'A param: the inner problem chooses it, for each value of the hypers.',
  },
  random: {
    form: 'random NAME: TYPE ~ DISTRIBUTION',
    says: 'Noise: a function of the run’s seed, its name, its place and, in a recipe, the step.',
  },
  let: { form: 'let NAME = EXPRESSION', says: 'A name for a value; `let (a, b) = …` takes several.' },
  fn: { form: 'fn NAME(NAME: TYPE ⟨= DEFAULT⟩, …): TYPE = EXPRESSION', says: 'A name for an expression with parameters.' },
  inner: { form: 'inner minimize EXPRESSION', says: 'The inner loss, which the params minimise: a number, exactly one in a problem.' },
  outer: {
    form: 'outer minimize EXPRESSION',
    says: 'The criterion, which the hypers minimise, or `maximize`: a number, exactly one in a problem.',
  },
  report: { form: 'report NAME = EXPRESSION', says: 'A result that is evaluated when all is done, and never differentiated.' },
  'solve-inner': {
    form: 'solve inner with SOLVER(…)',
    says: 'How the inner problem is solved. With `steps` and no `tolerance` a stepwise solver is a recipe.',
  },
  'solve-outer': { form: 'solve outer with SOLVER(…)', says: 'How the hypers are searched.' },
  differentiate: {
    form: 'differentiate with STRATEGY(…)',
    says: 'How the criterion is differentiated; without it, the way of the least predicted time.',
  },
};
