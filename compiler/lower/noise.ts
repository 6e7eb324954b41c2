/**
 * Noise as values: standard draws of a key and a step, by the formulas of `runtime/random.ts`. Knows no declaration; whoever wants noise
 * (`random`, a choice with Gumbel noise) asks here.
 */
import type { Span } from '../../diagnostics/diagnostic.ts';
import type { Builder } from '../ir/builder.ts';
import { number, one, type Shape } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { DistributionName, NoiseInfo } from '../program.ts';
import { replaceOne } from '../transform/replace.ts';

/** What noise is drawn by: its key, int `[4]`, and the number of the step, an int scalar. */
export interface Stream {
  readonly key: Value;
  readonly step: Value;
}

/** The stream of a name, which the runtime keys by the run's seed. */
export const noiseInfo = (b: Builder, name: string, span: Span): NoiseInfo => ({
  name,
  span,
  key: b.input(`noise:${name}`, 'noise', { dtype: 'int', shape: [number(4)] }),
});

/**
 * Independent standard draws: normal (mean 0, standard deviation 1), uniform in (0, 1), Gumbel and logistic (location 0, scale 1). At step 0
 * those that a param of this name and shape would begin at, but for rounding.
 * Source: Box & Muller (1958) for the normal one; the others by their inverse distribution functions.
 */
export function standardNoise(b: Builder, name: DistributionName, { key, step }: Stream, shape: Shape): Value {
  const pairs = b.one('random_uniform', [key, step, b.integer(0)], { shape });
  const [u, v] = ([0, 1] as const).map((half) => b.reshape(b.slice(pairs, 0, number(half), one), shape)) as [Value, Value];
  const log = (x: Value): Value => b.unary('log', x);
  switch (name) {
    case 'uniform':
      return u;
    case 'normal':
      return b.mul(b.sqrt(b.scale(log(u), -2)), b.unary('cos', b.scale(v, 2 * Math.PI)));
    case 'gumbel':
      return b.neg(log(b.neg(log(u))));
    case 'logistic':
      return b.sub(log(u), b.unary('log1p', b.neg(u)));
  }
}

/** What speaks of the step, as it is where there are no steps: noise is that of step 0. */
export const frozen = (b: Builder, value: Value, step: Value): Value => replaceOne(b, value, new Map([[step, b.integer(0)]]));
