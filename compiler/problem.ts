/**
 * A problem in vector form: all params as one vector x of R^d, and h, f and their derivatives at any x, as values. What solvers
 * and strategies are written against; they see no declarations and no syntax.
 *
 * Notation (../docs, mathematics): inner h(x, θ), outer f(x, θ), H = ∇²_xx h, J = ∇²_xθ h.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { structureOf, type Composite } from './composite/composite.ts';
import { split } from './composite/recognise.ts';
import type { Builder } from './ir/builder.ts';
import type { Value } from './ir/graph.ts';
import { Objective, ParamVector } from './objective.ts';
import type { Program } from './program.ts';
import type { Near } from './solvers/preconditioner.ts';

export { Objective, pack, ParamVector } from './objective.ts';

export interface Problem {
  readonly program: Program;
  readonly b: Builder;
  readonly params: ParamVector;
  readonly inner: Objective;
  /** What a step of a recipe descends: the inner loss, or that of the step's batch. */
  readonly stepLoss: Objective;
  readonly outer: Objective;
  /** θ, as inputs. */
  readonly hypers: readonly Value[];
  /** The declared start x₀, all params as one vector (of data, draws and, in a recipe, hypers). */
  readonly declaredStart: Value;
  /** Present where h is smooth but for terms with a proximal map, or params may not go everywhere. */
  readonly composite?: Composite;
  /** What solvers by products precondition with, in the variant of a problem that has it (`solvers/preconditioner.ts`). */
  readonly near?: Near;
  /** Why terms of h that are not smooth have no proximal map here. */
  readonly notProximable: readonly Diagnostic[];
}

export function problemOf(program: Program): Problem {
  const b = program.builder;
  const params = new ParamVector(
    b,
    program.params.map((p) => p.value),
  );
  const { loss, composite, refused } = structureOf(program, params);
  const inner = new Objective(b, params, loss);
  return {
    program,
    b,
    params,
    inner,
    stepLoss: program.batches === undefined ? inner : new Objective(b, params, split(b, program.batches.value, params.values).loss),
    outer: new Objective(b, params, program.outer.value),
    hypers: program.hypers.map((h) => h.value),
    declaredStart: params.pack(program.params.map((p) => p.init)),
    ...(composite === undefined ? {} : { composite }),
    notProximable: refused,
  };
}

/**
 * What vanishes at a minimiser, at x: ∇h; for a composite problem the generalised gradient x − prox(x − ∇s(x)). `[d]`
 * Source: Nesterov (2013), "Gradient methods for minimizing composite functions", §2.
 */
export function stationarityAt({ b, inner, composite }: Problem, x: Value): Value {
  return composite === undefined ? inner.gradientAt(x) : b.sub(x, composite.prox(b.sub(x, composite.smooth.gradientAt(x)), b.constant(1)));
}
