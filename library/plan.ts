/** How a problem would be solved, without data. */
import type { Precision } from '../plan/kernels.ts';
import { chosenProblem } from './chosen.ts';
import { located, type LocatedDiagnostic } from './located.ts';
import { demandOneOf, pageOf, precisions, problemOptions, type ProblemOptions } from './options.ts';
import { planDocument, planFacts, type PlanDocument } from './plan-document.ts';

/** Options of `plan`. */
export interface PlanOptions extends ProblemOptions {
  /** Of the numbers, for the memory that is planned. Default `f64`. */
  readonly precision?: Precision;
}

/** What `plan` answers. `plan` is there where `ok` is true. That no candidate can be chosen at the sizes given is an answer: `plan.chosen` is null. */
export type Planned =
  | { readonly ok: true; readonly diagnostics: readonly LocatedDiagnostic[]; readonly plan: PlanDocument }
  | { readonly ok: false; readonly diagnostics: readonly LocatedDiagnostic[]; readonly plan?: undefined };

/**
 * Every strategy with its verdict, its costs and the choice at the sizes that are known: what `bilevel plan --json` prints. Costs are
 * formulas in the sizes, and numbers where all sizes are known.
 *
 * ```js
 * import { plan } from 'bilevel';
 *
 * const text = 'problem p {\n  dim n, d\n  data X: [n, d]\n  hyper a: positive\n  param w: [d]\n' +
 *   '  inner minimize sum((X @ w - 1)^2) + a * sum(w^2)\n  outer minimize sum(w^2)\n}\n';
 * const planned = plan(text, { sizes: { n: 442, d: 10 } });
 * console.log(planned.plan?.chosen);
 * // closed_form+cholesky
 * ```
 */
export function plan(text: string, options: PlanOptions = {}): Planned {
  const page = pageOf('plan', text, options, [...problemOptions, 'precision']);
  const { precision = 'f64', strategy } = options;
  demandOneOf('precision', precision, precisions);
  const { value, diagnostics: found } = chosenProblem(page, options);
  const diagnostics = located(found, page);
  if (value === undefined) return { ok: false, diagnostics };
  return { ok: true, diagnostics, plan: planDocument(planFacts(value.problem, value.sizes, { strategy, backend: 'wasm', precision })) };
}
