/** βm + (1 − β)g: what a method remembers of gradients, an exponential moving average. */
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';

export const movingAverage = (b: Builder, beta: Value, average: Value, news: Value): Value =>
  b.add(b.mul(beta, average), b.mul(b.sub(b.constant(1), beta), news));
