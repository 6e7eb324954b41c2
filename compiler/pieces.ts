/**
 * What the work of a hypergradient is made of, from which strategies and solvers say what they cost: values and derivatives of h and f,
 * each made once a problem and when it is first asked for, as far as it moves with x, the direction or the hypers. What depends on data
 * alone is done once, and is no part of it.
 */
import { given } from './ir/attributes.ts';
import { add, size, zero, type Dim, type Poly } from './ir/dims.ts';
import type { Node, Value } from './ir/graph.ts';
import type { Objective } from './objective.ts';
import type { Problem } from './problem.ts';
import type { Near } from './solvers/preconditioner.ts';
import type { InnerSolver } from './solvers/solver.ts';
import { jvp } from './transform/jvp.ts';
import { reach } from './transform/reach.ts';
import { sum, workOf, type Work } from './work.ts';

export class Pieces {
  private readonly problem: Problem;
  private readonly made = new Map<string, Work>();
  /** d, the number of params, and p, that of hypers. */
  readonly d: Dim;
  readonly p: Poly;

  constructor(problem: Problem) {
    this.problem = problem;
    this.d = problem.params.dimension;
    this.p = add(zero, ...problem.hypers.map((h) => size(h.type.shape)));
  }

  /** h and ∇h at a point. */
  get both(): Work {
    const { inner } = this.problem;
    return this.once('both', () => this.moving([inner.value, ...inner.gradientBlocks]));
  }
  /** ∇h at a point; of a composite problem that of its smooth part, with a proximal step. */
  get gradient(): Work {
    return this.once('gradient', () => this.moving(this.smooth.gradientBlocks));
  }
  /** The gradient of a recipe’s step, which may see a mini-batch. */
  get step(): Work {
    return this.once('step', () => this.moving(this.problem.stepLoss.gradientBlocks));
  }
  /** One Hessian product at a point. */
  get product(): Work {
    return this.once('product', () => this.tangents(this.problem.inner).along);
  }
  /** What all Hessian products at a point share. */
  get linearised(): Work {
    return this.once('linearised', () => this.tangents(this.problem.inner).shared);
  }
  /** A tangent of a recipe’s step in the params and in the hypers. */
  get stepTangent(): Work {
    const { stepLoss } = this.problem;
    return this.once('stepTangent', () => {
      const { along, shared } = this.tangents(stepLoss);
      return sum(along, shared, this.crossOf(stepLoss));
    });
  }
  /** The Hessian assembled at a point: what of it moves with x. */
  get hessian(): Work {
    return this.once('hessian', () => this.assembled().moving);
  }
  /** What of the assembled Hessian moves with the hypers alone: once a hypergradient. */
  get hessianOfHypers(): Work {
    return this.once('hessianOfHypers', () => this.assembled().fixed);
  }
  /** Jᵀv. */
  get cross(): Work {
    return this.once('cross', () => this.crossOf(this.problem.inner));
  }
  /** f, ∇_x f and ∇_θ f at a point. */
  get criterion(): Work {
    const { outer } = this.problem;
    return this.once('criterion', () => this.moving([outer.value, ...outer.gradientBlocks]));
  }
  /** Of one inner solve, of those that several ways share. */
  solve(solver: InnerSolver, near?: Near): Work {
    return this.once(`solve ${solver.name}${near === undefined ? '' : ', preconditioned'}`, () => solver.work(this, near));
  }
  /** What of some values moves with the hypers alone. */
  ofHypers(values: readonly Value[]): Work {
    return this.of(reach(values, this.problem.hypers).nodes);
  }

  private get smooth(): Objective {
    return this.problem.composite?.smooth ?? this.problem.inner;
  }
  /** Made once under a name. */
  once(name: string, make: () => Work): Work {
    const there = this.made.get(name) ?? make();
    this.made.set(name, there);
    return there;
  }
  private of(nodes: readonly Node[]): Work {
    return workOf(this.problem.b, nodes);
  }
  private moving(values: readonly Value[]): Work {
    return this.of(reach(values, this.problem.params.values).nodes);
  }
  private tangents({ gradientBlocks }: Objective): { readonly along: Work; readonly shared: Work } {
    const { b, params } = this.problem;
    const directions = params.values.map((v) => b.input('direction', 'state', v.type));
    const tangents = jvp(b, gradientBlocks, new Map(params.values.map((v, i) => [v, given(directions[i])]))).filter((t) => t !== undefined);
    const along = reach(tangents, directions).nodes;
    const shared = reach(tangents, params.values).nodes.filter((node) => !along.includes(node));
    return { along: this.of(along), shared: this.of(shared) };
  }
  private crossOf(objective: Objective): Work {
    const { b, params, hypers } = this.problem;
    const x = b.input('x', 'state', { dtype: 'real', shape: [params.dimension] });
    const v = b.input('v', 'state', x.type);
    const through = objective.crossProduct(x, v, hypers).filter((t) => t !== undefined);
    return this.of(reach(through, [x, v]).nodes);
  }
  private assembled(): { readonly moving: Work; readonly fixed: Work } {
    const { b, params, inner, hypers } = this.problem;
    const x = b.input('x', 'state', { dtype: 'real', shape: [params.dimension] });
    const matrix = inner.hessianAt(x);
    const moving = reach([matrix], [x]);
    const fixed = reach([matrix], hypers).nodes.filter(({ outputs }) => !outputs.some((v) => moving.depends(v)));
    return { moving: this.of(moving.nodes), fixed: this.of(fixed) };
  }
}
