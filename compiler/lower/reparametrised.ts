/** Params of open kinds: solvers move a free u, and the page’s name means a function of it. `positive` is exp(u), `unit` the logistic of u. */
import type { Kind } from '../../plan/types.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';

export interface Reparametrisation {
  /** What the name means, of u. */
  readonly declared: (b: Builder, u: Value) => Value;
  /** u, of what the name means. */
  readonly free: (b: Builder, x: Value) => Value;
}

const reparametrisations: Partial<Readonly<Record<Kind, Reparametrisation>>> = {
  positive: { declared: (b, u) => b.unary('exp', u), free: (b, x) => b.unary('log', x) },
  unit: {
    declared: (b, u) => b.unary('sigmoid', u),
    free: (b, x) => b.sub(b.unary('log', x), b.unary('log1p', b.neg(x))),
  },
};

/** Undefined for kinds that are solved in as they are declared. */
export const reparametrisationOf = (kind: Kind): Reparametrisation | undefined => reparametrisations[kind];
