/** What one product with the Hessian costs inside a linear solve: the point is fixed, so all that depends on it alone stands outside. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Graph, Node } from '../../compiler/ir/graph.ts';
import { analyse } from '../../compiler/analyse.ts';
import { buildCandidates } from '../../compiler/module.ts';
import { compile } from '../../compiler/pipeline.ts';
import { problemOf } from '../../compiler/problem.ts';
import { schedule } from '../../compiler/transform/fuse.ts';

/** The body of the linear solve behind the hypergradient: the last loop of that name. */
function bodyOf(name: string, candidate: string, loop: string): { readonly body: Graph; readonly fixed: ReadonlyMap<string, number> } {
  const page = join(import.meta.dirname, '..', 'reference', name, `${name}.bilevel`);
  const { value } = compile(readFileSync(page, 'utf8'), page);
  const program = value[0]?.program;
  if (program === undefined) throw new Error(name);
  const problem = problemOf(program);
  const stages = buildCandidates(problem, analyse(problem)).stages.get(candidate)?.();
  if (stages === undefined) throw new Error(candidate);
  const found: Graph[] = [];
  const visit = (graph: Graph): void => {
    for (const { attributes } of graph.nodes)
      for (const inside of [attributes.body, attributes.test]) if (inside !== undefined) visit(inside);
    if (graph.name === loop) found.push(graph);
  };
  visit(stages.hypergradient.graph);
  const body = found.at(-1);
  if (body === undefined) throw new Error(`no loop ${loop}`);
  return { body, fixed: problem.b.fixed };
}

/** A product that reads data: an operand whose first axis is the rows `n` and that has another. */
const readsData = ({ inputs }: Node): boolean =>
  inputs.some((v) => v.node.op === 'input' && v.type.shape.length > 1 && v.type.shape[0]?.key === 'n');

/** Ops that have no place in a linear map of v but at v's own size: what depends on the point has been computed outside. */
const curved = new Set(['exp', 'log', 'sigmoid', 'softplus', 'tanh', 'reduce_max', 'pow', 'log1p', 'expm1']);

describe.each(['logistic_l2', 'multinomial_wine', 'hypercleaning_digits', 'poisson_exposure', 'pseudo_huber'])(
  'a step of conjugate gradients on %s',
  (name) => {
    const { body, fixed } = bodyOf(name, 'implicit+cg+lbfgs', 'cg');
    it('has two products with the data, and nothing of the point', () => {
      expect(body.nodes.filter((n) => n.op === 'dot_general' && readsData(n))).toHaveLength(2);
      expect(body.nodes.map((n) => n.op).filter((op) => curved.has(op))).toEqual([]);
    });
    it('reads the data once: both products are parts of one loop over rows', () => {
      const { steps } = schedule(body, fixed);
      const values = new Set(body.nodes.filter(readsData).flatMap((n) => n.outputs));
      const reading = steps.map((step) =>
        step.kind === 'group' ? step.parts.filter((part) => part.kind === 'product' && values.has(part.value)).length : 0,
      );
      expect(reading.filter((count) => count > 0)).toEqual([2]);
    });
  },
);
