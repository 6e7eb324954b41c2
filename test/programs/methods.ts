/** The methods that a random page names. */
import type { Draw } from './drawing.ts';
import type { Writer } from './writer.ts';

/** What the inner problem is: its minimiser, of losses of several kinds, or some steps. */
export type Family = 'quadratic' | 'convex' | 'free' | 'composite' | 'recipe';

export interface InnerMethod {
  readonly text?: string;
  /** Declarations that it needs. */
  readonly before?: readonly string[];
  readonly steps?: number;
  readonly hasBatches?: boolean;
}

/** `w` writes expressions of hypers; `rows` is the set that the inner loss is about. */
export function innerMethodOf(draw: Draw, family: Family, w: Writer, rows: string, isFolded: boolean): InnerMethod {
  if (family === 'recipe') return recipeOf(draw, w, rows, isFolded);
  const smooth = ['newton(tolerance = 1e-11)', 'lbfgs(tolerance = 1e-11, memory = 5)', 'newton'];
  const proximal = ['fista(tolerance = 1e-10)', 'proximal_gradient(tolerance = 1e-10)'];
  if (!draw.chance(0.3)) return {};
  return { text: draw.pick(family === 'composite' ? proximal : family === 'quadratic' ? [...smooth, 'closed_form'] : smooth) };
}

function recipeOf(draw: Draw, w: Writer, rows: string, isFolded: boolean): InnerMethod {
  const steps = draw.whole(1, 4);
  const rate = draw.pick([
    draw.figure(0.05, 0.25),
    `0.2 * sigmoid(${w.operand([])})`,
    '0.2 / (1 + step)',
    `0.1 * ${w.weight()}`,
    'eta',
    'eta[step]',
  ]);
  const isSchedule = rate.startsWith('eta');
  const before = isSchedule ? [`dim T = ${steps}`, `hyper eta: positive[T] = ${draw.figure(0.05, 0.2)}`] : [];
  const momentum = draw.pick(['', `, momentum = ${draw.figure(0.2, 0.8)}`, `, momentum = 0.8 * sigmoid(${w.operand([])})`]);
  // The rows of a fold may be too few for a batch.
  const hasBatches = draw.chance(0.2) && !isFolded;
  const tail = `, steps = ${isSchedule ? 'T' : steps}${hasBatches ? `, batch = 2, over = ${rows}` : ''}`;
  const solver = draw.pick([
    `gd(rate = ${rate}${momentum}`,
    `sgd(rate = ${rate}`,
    `gd(rate = ${rate}, momentum = 0.5, nesterov = true`,
    `heavy_ball(rate = ${rate}${momentum}`,
    `nesterov(rate = ${rate}${momentum}`,
    `adam(rate = ${rate}, epsilon = 1e-3`,
    `adam(rate = ${rate}, beta1 = 0.5 * sigmoid(${w.operand([])}), epsilon = 1e-3`,
    `rmsprop(rate = ${rate}, epsilon = 1e-2`,
  ]);
  return { text: `${solver}${tail})`, steps, hasBatches, before };
}

export const outerMethodOf = (draw: Draw): string | undefined =>
  draw.chance(0.3)
    ? draw.pick([
        'adam(rate = 0.05, steps = 10)',
        'lbfgs(starts = 2)',
        'trust_region(memory = 5)',
        'gd(rate = 0.1, momentum = 0.5, steps = 5)',
        'rmsprop',
      ])
    : undefined;

export function strategyOf(draw: Draw, family: Family, { text, steps, hasBatches }: InnerMethod, isFolded: boolean): string | undefined {
  if (!draw.chance(0.35)) return undefined;
  if (family === 'recipe') {
    const cut = `unrolled(truncate = ${(steps ?? 1) + 1})`;
    return draw.pick(['unrolled(mode = forward)', 'unrolled(mode = reverse)', 'auto', ...(hasBatches === true || isFolded ? [] : [cut])]);
  }
  const linear = ['cg', 'minres', 'gmres', 'neumann', 'cholesky'].map((solver) => `implicit(solver = ${solver})`);
  return draw.pick(family === 'quadratic' && text === undefined ? [...linear, 'closed_form', 'auto'] : linear);
}
