/** Search coordinates of kinds that only some problems have, handed in where they do: `unit` by its logit, `simplex` by a softmax, a `choice`. */
import { exp, log, log1p } from '../plan/elementary.ts';
import { clip, type Coordinates, curvedStepLimit, logLimit, same } from './kinds.ts';
import { dot } from './tensor.ts';

/** Beyond it the logistic function is 1 in float64. */
const logitHigh = 36;

const logit = (x: number): number => log(x) - log1p(-x);
const sigmoid = (z: number): number => (z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z)));

export const logits: Coordinates = {
  box: ({ low, high }) => [low <= 0 ? -logLimit : logit(low), high >= 1 ? logitHigh : logit(high)],
  isBoxed: ({ low, high }) => low > 0 && high < 1,
  of: (values) => values.map(logit),
  at: (z, { low, high }) => z.map((x) => clip(sigmoid(x), Math.max(low, Number.MIN_VALUE), high)),
  pullBack: (theta, g) => theta.map((t, i) => t * (1 - t) * (g[i] ?? 0)),
  stepLimit: curvedStepLimit,
};

export const softmax: Coordinates = {
  box: () => [-logLimit, logLimit],
  isBoxed: () => false,
  of: (values) => {
    const all = values.map(log);
    const mean = all.reduce((a, b) => a + b, 0) / all.length;
    return all.map((x) => x - mean);
  },
  at: (z) => {
    const largest = z.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const total = z.reduce((sum, x) => sum + exp(x - largest), 0);
    return z.map((x) => exp(x - largest) / total);
  },
  pullBack: (theta, g) => {
    const along = dot(theta, g);
    return theta.map((t, i) => t * ((g[i] ?? 0) - along));
  },
  stepLimit: curvedStepLimit,
};

/** The logits of a choice are searched as they are. */
export const freeLogits: Coordinates = { ...same, stepLimit: curvedStepLimit };

/** For who may be given any problem. */
export const curvedKinds = { unit: logits, simplex: softmax, choice: freeLogits };
