/**
 * Which labels are wrong? Learn how far to trust each of 200 training digits, 60 of which were labelled wrongly on purpose.
 *
 * Compiled by bilevel 0.1.0 from hyper-cleaning.bilevel: change that page, and compile it again.
 */
import type { Matrix, Problem, Tensor, Vector } from 'bilevel/runtime';

/** What the problem is bound to. */
export interface Data {
  /** `[n, pixels] in [0, 16]` */
  readonly X: Matrix;
  /** `int[n] in [0, classes - 1]` */
  readonly y: Vector;
  /** `[m, pixels] in [0, 16]` */
  readonly X_valid: Matrix;
  /** `int[m] in [0, classes - 1]` */
  readonly y_valid: Vector;
  /** `[q, pixels] in [0, 16]` */
  readonly X_test: Matrix;
  /** `int[q] in [0, classes - 1]` */
  readonly y_test: Vector;
}

/** What the outer problem chooses, and derivatives in it. */
export interface Hyper {
  /** `unit[n]` */
  readonly weight: Tensor<1>;
}

/** What the inner problem chooses. */
export interface Param {
  /** `[classes, pixels + 1]` */
  readonly W: Tensor<2>;
}

/** What is reported at the solution. */
export interface Report {
  /** `real` */
  readonly distrusted: number;
  /** `real` */
  readonly test_accuracy: number;
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
