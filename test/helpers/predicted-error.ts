/** What a candidate predicts of its error, with the condition number that is really there, beside the true error at a reference problem's point. */
import { compile } from '../../compiler/pipeline.ts';
import { predictedError } from '../../library/why.ts';
import { wasmLink } from '../../runtime/backends/wasm/backend.ts';
import { bindData } from '../../runtime/data/files.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import { drawAll } from '../../runtime/draws.ts';
import { everyPart } from '../../runtime/every-part.ts';
import { hypergradientAt } from '../../runtime/evaluate.ts';
import { crossValidation } from '../../runtime/folds/cross-validation.ts';
import { opened } from '../../runtime/open.ts';
import { float64 } from '../../runtime/rounding.ts';
import type { Tensor } from '../../plan/types.ts';
import { flat, flatAll, type Numbers } from './cli.ts';
import { pageWith, type ReferenceCase } from './reference.ts';

export interface BothErrors {
  readonly at: string;
  readonly id: string;
  readonly condition: number;
  /** Both as shares of the hypergradient; undefined: the solves did not converge, or nothing is predicted. */
  readonly predicted: number | undefined;
  readonly actual: number | undefined;
}

const shapeOf = (value: Numbers): readonly number[] =>
  typeof value === 'number' ? [] : [value.length, ...(value[0] === undefined ? [] : shapeOf(value[0]))];
const tensorOf = (value: Numbers): Tensor => ({ shape: shapeOf(value), data: Float64Array.from(flat(value)) });

/** Of each exact candidate of the page with some more statements, at each point. */
export async function bothErrors(reference: ReferenceCase, statements: string): Promise<readonly BothErrors[]> {
  const [problem] = compile(pageWith(reference, statements), reference.page).value;
  if (problem === undefined) throw new Error(`${reference.case} does not compile with ${statements}`);
  const { plan } = problem.module;
  const module = { ...problem.module, link: wasmLink((id) => problem.code(id, 'f64'), { threads: 1, fused: false }) };
  const { bound } = await bindData(module.description, nodeSources(), 0, { crossValidation, drawAll });
  if (bound === undefined) throw new Error(`${reference.case} has no data`);
  const found: BothErrors[] = [];
  for (const candidate of plan.candidates.filter(({ checkingOnly }) => !checkingOnly)) {
    for (const { id, hyper, hypergradient, inner_hessian_condition: condition = Number.NaN } of reference.points) {
      const point = Object.fromEntries(Object.entries(hyper).map(([name, value]) => [name, tensorOf(value)]));
      const there = await opened(module, bound, candidate, { ...everyPart, hyper: point }, ({ session, point, start }) =>
        hypergradientAt(session, point, start, undefined, { when: 'at a reference point' }),
      );
      const exact = flatAll(hypergradient);
      const isThere = there.ok && 'hypergradient' in there && there.status === 'converged';
      const given = isThere ? Object.keys(hypergradient).flatMap((name) => [...(there.hypergradient[name]?.data ?? [])]) : undefined;
      const { share } = predictedError(plan, candidate, problem.errorParts(candidate.id), float64, { κ: condition });
      found.push({
        at: `${reference.case} ${id}`,
        id: candidate.id,
        condition,
        predicted: share,
        actual: given && Math.hypot(...given.map((x, i) => x - (exact[i] ?? Number.NaN))) / Math.hypot(...exact),
      });
    }
  }
  return found;
}
