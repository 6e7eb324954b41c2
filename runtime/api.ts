/** What an emitted module imports, and an application that is given one: the public interface of the runtime. */
export type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
export type { Verdict } from '../plan/decide.ts';
export type { Status } from '../plan/status.ts';
export type { Arithmetic, ExecutorDescription, Plan, ProblemDescription } from '../plan/types.ts';
export type {
  BindOptions,
  Bound,
  CallOptions,
  Evaluation,
  Hypergradient,
  HypergradientOptions,
  Matrix,
  ModuleCode,
  ModuleDescription,
  Problem,
  Shaped,
  Solution,
  SolveOptions,
  Some,
  Step,
  Tensor,
  Vector,
  Verification,
  VerificationRow,
  VerifyOptions,
} from './module.ts';
export { weigh } from '../plan/predict.ts';
export { freeLogits, logits, softmax } from './curved-kinds.ts';
export { brokenSolve } from './broken-solves.ts';
export { byDifferences } from './by-differences.ts';
export { certify } from './certify.ts';
export { inFloat32 } from './in-float32.ts';
export { drawnStart } from './drawn-start.ts';
export { dataDoubts } from './data-doubts.ts';
export { checkDemands } from './demands.ts';
export { labelDoubts } from './label-doubts.ts';
export { approximations, givenWay, movedStarts, nearKinks, shortRecipes, shortSolves } from './doubts.ts';
export { drawAll } from './draws.ts';
export { crossValidation } from './folds/cross-validation.ts';
export { iterative } from './iterative.ts';
export { otherBackends } from './other-backends.ts';
export { otherPrecisions } from './other-link.ts';
export { adam } from './outer/adam.ts';
export { adaptive } from './outer/adaptive.ts';
export { gd, sgd } from './outer/gd.ts';
export { heavyBall as heavy_ball } from './outer/heavy-ball.ts';
export { lbfgs } from './outer/lbfgs.ts';
export { nesterov } from './outer/nesterov.ts';
export { rmsprop } from './outer/rmsprop.ts';
export { trustRegion as trust_region } from './outer/trust-region.ts';
export { bindOf, describeOf, evaluateOf, hypergradientOf, planOf, solveOf, verifyOf } from './problem.ts';
export { ProblemError } from './problem-error.ts';
export type { ErrorReport, InnerReport, Spent, Whole } from './types.ts';
export { resampled } from './resampled.ts';
export { shortOfMemory } from './short-of-memory.ts';
export { unpack, unpackCalls } from './unpack.ts';
export { wholeOf } from './whole.ts';
