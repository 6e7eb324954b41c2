/**
 * Ridge regression on the diabetes study: learn the penalty that predicts held-out patients best.
 *
 * Compiled by bilevel 0.1.0 from ridge.bilevel: change that page, and compile it again.
 */
import type { Matrix, Problem, Tensor, Vector } from 'bilevel/runtime';

/** What the problem is bound to. */
export interface Data {
  /** `[n, d]` */
  readonly X: Matrix;
  /** `[n]` */
  readonly y: Vector;
}

/** What the outer problem chooses, and derivatives in it. */
export interface Hyper {
  /** `positive` */
  readonly penalty: number;
}

/** What the inner problem chooses. */
export interface Param {
  /** `[d]` */
  readonly w: Tensor<1>;
  /** `real` */
  readonly b: number;
}

/** What is reported at the solution. */
export interface Report {
  /** `real` */
  readonly rmse: number;
}

/** The problem as data: declarations, plan, the page’s digest, the compiler’s version. */
export declare const describe: Problem<Data, Hyper, Param, Report>['describe'];

/** What is chosen at sizes such as `{ n: 442 }`, and the verdict on every candidate. */
export declare const plan: Problem<Data, Hyper, Param, Report>['plan'];

/** Checks and copies data, and keeps what depends on them alone from one call to the next, until `close`. */
export declare const bind: Problem<Data, Hyper, Param, Report>['bind'];

/** Solves the problem. Rejects with `ProblemError`; an aborted signal is one of its statuses. */
export declare const solve: Problem<Data, Hyper, Param, Report>['solve'];

/** Criterion and hypergradient at the declared starts, or at the hypers given, with an estimate of its error. */
export declare const hypergradient: Problem<Data, Hyper, Param, Report>['hypergradient'];

/** The criterion, params and reports at the declared starts, or at the hypers given. */
export declare const evaluate: Problem<Data, Hyper, Param, Report>['evaluate'];

/** Compares every strategy that the module carries, and finite differences. */
export declare const verify: Problem<Data, Hyper, Param, Report>['verify'];

declare const compiled: Problem<Data, Hyper, Param, Report>;
export default compiled;
