/**
 * What the compiler finds out about a lowered problem: degree and curvature of both levels in x, and through what each hyper
 * reaches the criterion. Works on graphs, with the facts of the op rows; says "cannot prove", never "is not".
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { criterionIgnoresParams, hyperReachesNothing, rateAtMinimiser } from '../diagnostics/dependence.ts';
import { innerNotConvex, innerWithoutMinimiser, quadraticHidden } from '../diagnostics/strategy.ts';
import type { HyperDescription } from '../plan/types.ts';
import { innerMethods } from './check/methods.ts';
import { declaredFacts, factsIn } from './facts.ts';
import type { Value } from './ir/graph.ts';
import type { OpName } from './ops/names.ts';
import type { Facts } from './ops/spec.ts';
import type { Problem } from './problem.ts';
import type { HyperInfo, MethodInfo } from './program.ts';
import { reach } from './transform/reach.ts';

export interface Analysis {
  readonly meaning: 'minimiser' | 'recipe';
  readonly innerFacts: Facts;
  readonly outerFacts: Facts;
  readonly curvature: { readonly word: 'proved' | 'verified here' | 'unknown'; readonly why: string };
  readonly acts: ReadonlyMap<HyperInfo, HyperDescription['acts']>;
  /** Ops of the inner loss whose derivative in the params jumps somewhere. */
  readonly kinks: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export function analyse(problem: Problem): Analysis {
  const { program, params, inner } = problem;
  const known = declaredFacts(program);
  // Penalties and sets are convex, so the curvature is that of the smooth part.
  const innerFacts = factsIn(problem.b, problem.composite?.smooth.value ?? program.inner.value, params.values, known);
  const outerFacts = factsIn(problem.b, program.outer.value, params.values, known);
  const method = program.innerMethod;
  const recipe =
    method !== undefined && innerMethods[method.name]?.stepwise === true && method.options.has('steps') && !method.options.has('tolerance');
  const diagnostics: Diagnostic[] = [];

  const solverValues = [...(method?.options.entries() ?? [])].flatMap(([name, o]) =>
    o.kind === 'value' ? [{ name, value: o.value, span: o.span }] : [],
  );
  const acts = new Map<HyperInfo, HyperDescription['acts']>();
  for (const hyper of program.hypers) {
    const reaches = (values: readonly Value[]): boolean => values.some((v) => reach([v], [hyper.value]).depends(v));
    const throughLoss = reaches(inner.gradientBlocks);
    const inStart = program.params.find((p) => reaches([p.init]));
    const inOption = solverValues.find((o) => reaches([o.value]));
    const ways: ('directly' | 'through the inner loss' | 'through the solver’s steps')[] = [];
    if (reaches([program.outer.value])) ways.push('directly');
    if (throughLoss) ways.push('through the inner loss');
    if (recipe && (inStart ?? inOption) !== undefined) ways.push('through the solver’s steps');
    acts.set(hyper, ways);
    if (!recipe && inOption !== undefined) {
      diagnostics.push(
        rateAtMinimiser({ span: inOption.span }, { hyper: hyper.name, place: `\`${inOption.name}\``, solver: method?.name ?? '' }),
      );
    } else if (!recipe && inStart !== undefined) {
      diagnostics.push(
        rateAtMinimiser(
          { span: inStart.span },
          { hyper: hyper.name, place: `the start of \`${inStart.name}\``, solver: method?.name ?? '' },
        ),
      );
    } else if (ways.length === 0) {
      diagnostics.push(hyperReachesNothing({ span: hyper.span }, { hyper: hyper.name }));
    }
  }
  if (!reach([program.outer.value], params.values).depends(program.outer.value))
    diagnostics.push(criterionIgnoresParams({ span: program.outer.span }, {}));
  if (!recipe && innerFacts.degree <= 1 && problem.composite === undefined)
    diagnostics.push(innerWithoutMinimiser({ span: program.inner.span }, { degree: innerFacts.degree }));
  else if (!recipe && innerFacts.curvature === 'concave')
    diagnostics.push(innerNotConvex({ span: program.inner.span }, { why: 'by the rules of convex composition' }));
  diagnostics.push(...hiddenQuadratic(problem));
  if (!(recipe && isFree(problem) && !isProximal(method))) diagnostics.push(...problem.notProximable);
  return {
    meaning: recipe ? 'recipe' : 'minimiser',
    innerFacts,
    outerFacts,
    curvature: curvatureWords(innerFacts),
    acts,
    kinks: kinksOf(problem),
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
  return degree <= 2 ? [quadraticHidden({ span: moved.span }, { param: moved.name, kind: moved.kind })] : [];
}

const isFree = ({ program }: Problem): boolean =>
  program.params.every((p) => p.declared !== p.value || (p.kind === 'real' && p.interval === undefined));

const isProximal = (method: MethodInfo | undefined): boolean => innerMethods[method?.name ?? '']?.proximal === true;

/** How a page writes an op, where that is not its name. */
const kinkWords: Readonly<Partial<Record<OpName, string>>> = { select: 'if', reduce_max: 'max' };

/** Kinked ops through which the inner loss depends on its params with a derivative. */
function kinksOf({ b, params, inner, composite }: Problem): readonly string[] {
  const { value } = composite?.smooth ?? inner;
  const { depends } = reach([value], params.values);
  const found = new Set<string>();
  const seen = new Set<Value>();
  const stack = [value];
  for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
    if (seen.has(v) || !depends(v)) continue;
    seen.add(v);
    const row = b.row(v.node.op);
    const [condition] = v.node.inputs;
    if (row.kinked === true || (row.kinked !== undefined && condition !== undefined && depends(condition)))
      found.add(kinkWords[v.node.op] ?? v.node.op);
    // What is held fixed (the shift of a logsumexp) brings no kink with it.
    if (row.derivative.kind === 'zero') continue;
    stack.push(...v.node.inputs);
  }
  return [...found].sort();
}
