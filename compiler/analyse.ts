/**
 * What the compiler finds out about a lowered problem: degree and curvature of both levels in x, and through what each hyper
 * reaches the criterion. Works on graphs, with the facts of the op rows; says "cannot prove", never "is not".
 */
import { hasErrors, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { innerNotConvex, innerWithoutMinimiser, quadraticHidden } from '../diagnostics/strategy.ts';
import type { HyperDescription } from '../plan/types.ts';
import { innerMethods } from './check/methods.ts';
import { declaredFacts, factsIn } from './facts.ts';
import { kinksIn } from './kinks.ts';
import type { Facts } from './ops/spec.ts';
import type { Problem } from './problem.ts';
import type { HyperInfo, MethodInfo } from './program.ts';
import { actsOf } from './warn/acts.ts';
import { featuresOf, type Features } from './warn/features.ts';
import { determined, type BentByRows, type Determined } from './warn/not-unique.ts';
import { ownTerms } from './warn/own-terms.ts';
import { hasOwnPace } from './warn/pace.ts';
import { onTrainingData } from './warn/training-data.ts';

export interface Analysis {
  readonly meaning: 'minimiser' | 'recipe';
  readonly innerFacts: Facts;
  readonly outerFacts: Facts;
  readonly curvature: { readonly word: 'proved' | 'verified here' | 'unknown'; readonly why: string };
  readonly acts: ReadonlyMap<HyperInfo, HyperDescription['acts']>;
  /** Ops of the inner loss whose derivative in the params jumps somewhere. */
  readonly kinks: readonly string[];
  /** Params that only rows of data determine, where there may be too few of them. */
  readonly bentByRows?: BentByRows | undefined;
  readonly features: readonly Features[];
  /** A recipe of which it can be told whether its steps come near a minimiser, and should. */
  readonly mayFallShort: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export function analyse(problem: Problem): Analysis {
  const { program, params } = problem;
  const known = declaredFacts(program);
  // Penalties and sets are convex, so the curvature is that of the smooth part.
  const innerFacts = factsIn(problem.b, problem.composite?.smooth.value ?? program.inner.value, params.values, known);
  const outerFacts = factsIn(problem.b, program.outer.value, params.values, known);
  const method = program.innerMethod;
  const recipe =
    method !== undefined && innerMethods[method.name]?.stepwise === true && method.options.has('steps') && !method.options.has('tolerance');
  const { acts, diagnostics: unreached } = actsOf(problem, recipe);
  const diagnostics: Diagnostic[] = [...unreached, ...onTrainingData(problem, acts)];
  if (!recipe && innerFacts.degree <= 1 && problem.composite === undefined)
    diagnostics.push(innerWithoutMinimiser({ span: program.inner.span }, { degree: innerFacts.degree }));
  else if (!recipe && innerFacts.curvature === 'concave')
    diagnostics.push(innerNotConvex({ span: program.inner.span }, { why: 'by the rules of convex composition' }));
  diagnostics.push(...hiddenQuadratic(problem));
  if (!(recipe && isFree(problem) && !isProximal(method))) diagnostics.push(...problem.notProximable);
  const kinks = kinksIn(problem.b, (problem.composite?.smooth ?? problem.inner).value, params.values);
  const isSmooth = !recipe && kinks.length === 0 && problem.composite === undefined && !hasErrors(diagnostics);
  const own = ownTerms(problem, problem.inner.value);
  const { bentByRows, diagnostics: flat }: Determined = isSmooth ? determined(problem, own) : { diagnostics: [] };
  diagnostics.push(...flat);
  return {
    meaning: recipe ? 'recipe' : 'minimiser',
    innerFacts,
    outerFacts,
    curvature: curvatureWords(innerFacts),
    acts,
    kinks,
    mayFallShort: recipe && (innerFacts.curvature === 'convex' || innerFacts.degree <= 2) && hasOwnPace(problem, acts),
    bentByRows,
    features: hasErrors(diagnostics) ? [] : featuresOf(problem, own),
    diagnostics,
  };
}

function curvatureWords(facts: Facts): Analysis['curvature'] {
  if (facts.curvature === 'convex')
    return {
      word: 'proved',
      why: 'the inner loss is convex in its params by the rules of convex composition; that its Hessian is nonsingular is verified by the factorisation at each point',
    };
  if (facts.degree <= 2)
    return {
      word: 'verified here',
      why: 'the inner loss is quadratic; its Hessian is shown positive definite by the Cholesky factorisation at each point',
    };
  return {
    word: 'unknown',
    why: 'cannot prove that the inner loss is convex; a positive definite Hessian is verified at each point, so what is found is a local minimiser',
  };
}

/** A loss that is quadratic in what the page declares, and not in what solvers move. */
function hiddenQuadratic({ b, program }: Problem): readonly Diagnostic[] {
  const moved = program.params.find((p) => p.declared !== p.value);
  if (moved === undefined) return [];
  const declared = program.params.map((p) => p.declared);
  const { degree } = factsIn(b, program.inner.value, declared, declaredFacts(program));
  return degree <= 2 ? [quadraticHidden({ span: moved.span }, { param: moved.name, kind: moved.kind, kindSpan: moved.kindSpan })] : [];
}

const isFree = ({ program }: Problem): boolean =>
  program.params.every((p) => p.declared !== p.value || (p.kind === 'real' && p.interval === undefined));

const isProximal = (method: MethodInfo | undefined): boolean => innerMethods[method?.name ?? '']?.proximal === true;
