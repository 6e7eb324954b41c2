/**
 * What relaxed hypers become when the outer loop has ended: of a `choice` the function with the greatest logit, of an `int` the nearest
 * whole number of its interval; and the inner problem solved again there, from its declared start (decision 021). Handed in where a
 * problem has such hypers.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import { brokenTie } from '../diagnostics/numerics.ts';
import type { Kind, Tensor } from '../plan/types.ts';
import { evaluationResult } from './evaluate.ts';
import type { Block } from './kinds.ts';
import type { Opened } from './open.ts';
import { evaluateStage } from './session.ts';
import type { Chosen, Failure, Point, RunResult } from './types.ts';

/** The logit of a function that was not chosen: at any temperature its exponential is 0, and nothing is subtracted from infinity. */
const never = -1e12;

/** What is chosen, and the point at which a graph computes with that. */
interface WholePoint {
  readonly point: Point;
  readonly chosen: Chosen;
  readonly warnings: readonly Diagnostic[];
}

export interface MadeWhole {
  readonly ok: true;
  /** What a result says of the whole solution. */
  readonly result: Required<Pick<RunResult, 'whole' | 'chosen'>> & Pick<RunResult, 'param' | 'report' | 'refit'>;
  readonly warnings: readonly Diagnostic[];
  /** Why there is no refit, though one was wanted. */
  readonly failure?: Failure;
}

/** Gives the whole solution beside a relaxed point; `refits`: whether a problem with folds is fitted once more. */
type Solve = (relaxed: Point, refits: boolean) => Promise<MadeWhole | Failure>;

/** How the whole solution is found; undefined where no hyper is relaxed. */
export const wholeOf = (opened: Opened): Solve | undefined =>
  opened.space.blocks.some(({ description: { kind } }) => make[kind] !== undefined)
    ? (relaxed, refits) => solveWhole(opened, relaxed, refits)
    : undefined;

async function solveWhole({ session, space, start }: Opened, relaxed: Point, refits: boolean): Promise<MadeWhole | Failure> {
  const { point, chosen, warnings } = wholePoint(space.blocks, relaxed);
  const moment = { when: 'at the whole hypers', lastGood: relaxed };
  const at = await evaluateStage(session, 'value', point, start, undefined, moment);
  if (!at.ok) return at;
  const { result, ...found } = await evaluationResult(session, at, { refits });
  const { status, outer, inner, inners, param } = result;
  const whole = { status, outer, inner, ...(inners === undefined ? {} : { inners }) };
  const { failure, ...reported } = found;
  return {
    ok: true,
    result: { whole, chosen, param, ...reported },
    warnings: [...warnings, ...result.warnings],
    ...(failure === undefined ? {} : { failure }),
  };
}

export type WholeOf = typeof wholeOf;

function wholePoint(blocks: readonly Block[], relaxed: Point): WholePoint {
  const point: Record<string, Tensor> = { ...relaxed };
  const chosen: Record<string, Chosen[string]> = {};
  const warnings: Diagnostic[] = [];
  for (const block of blocks) {
    const { name } = block;
    const tensor = relaxed[name];
    if (tensor === undefined) throw new InternalError('whole', `no value of ${name}`);
    const made = make[block.description.kind]?.(block, tensor);
    if (made === undefined) continue;
    point[name] = made.tensor;
    chosen[name] = made.is;
    warnings.push(...made.warnings);
  }
  return { point, chosen, warnings };
}

interface Made {
  readonly tensor: Tensor;
  readonly is: Chosen[string];
  readonly warnings: readonly Diagnostic[];
}

/** Of functions that are as likely as each other the first. */
function mostLikely({ name, description: { alternatives = [], span } }: Block, { shape, data }: Tensor): Made {
  const greatest = Math.max(...data);
  const tied = alternatives.filter((_, i) => data[i] === greatest);
  const [is = ''] = tied;
  return {
    tensor: { shape, data: data.map((_, i) => (alternatives[i] === is ? 0 : never)) },
    is,
    warnings: tied.length < 2 ? [] : [brokenTie({ span }, { hyper: name, between: tied, taken: is })],
  };
}

/** Half-way between two whole numbers the greater one. */
function nearest({ name, description: { span } }: Block, { shape, data }: Tensor): Made {
  // The bounds are whole numbers themselves; −0 is 0.
  const rounded = data.map((x) => Math.round(x) + 0);
  const tie = data.findIndex((x, i) => Math.abs(x - (rounded[i] ?? x)) === 0.5);
  const [at, taken] = [data, rounded].map((of) => of[tie] ?? Number.NaN) as [number, number];
  const between = [at - 0.5, at + 0.5].map(String);
  const [only] = rounded;
  return {
    tensor: { shape, data: rounded },
    is: shape.length === 0 && only !== undefined ? only : { shape, data: rounded },
    warnings: tie < 0 ? [] : [brokenTie({ span }, { hyper: name, between, taken: String(taken) })],
  };
}

const make: Readonly<Partial<Record<Kind, (block: Block, relaxed: Tensor) => Made>>> = { choice: mostLikely, int: nearest };
