/**
 * Where a run ended with a criterion that is monotone in a hyper: every number of it at a bound of its interval, with a slope out of it; or
 * far on its way to an end of its kind, and no worse when it goes on. The latter is tried: one inner solve more.
 */
import { criterionMonotone, type Edge } from '../diagnostics/numerics.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { log } from '../plan/elementary.ts';
import { type Block, type Domain, pack, project, unpack } from './kinds.ts';
import type { Opened } from './open.ts';
import type { Good } from './outer/method.ts';
import { type Differentiated, evaluateStage } from './session.ts';
import { figure } from './tensor.ts';
import type { OuterStep } from './types.ts';

/** A factor that a start is not off by, and how much further is tried, in search coordinates. */
const far = log(1e3);
const further = log(1e2);
/** Beside the root of the unit of rounding, and what was gained from start to end: a loss that is none. */
const slight = 0.01;

/** The sign is −1 for a criterion that is maximised; values and gradients are of what is minimised. */
export interface Ending extends Opened {
  readonly sign: 1 | -1;
  readonly first: OuterStep;
  readonly last: Good<Differentiated>;
}

export async function outerDoubts(ending: Ending): Promise<readonly Diagnostic[]> {
  const { space, session, first, last } = ending;
  const { direction } = session.module.description;
  const { z: began = last.z } = pack(space, first.hyper);
  const found: Diagnostic[] = [];
  for (const block of space.blocks) {
    const { span, name, kind } = block.description;
    const way = kind === 'int' || kind === 'simplex' ? undefined : wayOf(block, began, last);
    if (way === undefined || (!way.isAt && !(await staysGood(ending, block, way.sign)))) continue;
    const [from = '', to = ''] = [first.hyper, last.payload.evaluation.point].map((point) => figure(point[name]?.data[0] ?? Number.NaN));
    const bound = way.end === Number.POSITIVE_INFINITY ? 'infinity' : figure(way.end);
    const edge: Edge = { hyper: name, side: way.sign < 0 ? 'least' : 'most', bound, isAt: way.isAt, from, to };
    found.push(criterionMonotone({ span }, { ...edge, direction }));
  }
  return found;
}

interface Way {
  readonly sign: 1 | -1;
  readonly end: number;
  /** At a bound that the page gives, or on the way to an end of the kind. */
  readonly isAt: boolean;
}

/** Where all numbers of a block went, if that is one way to an end, down the slope. */
function wayOf({ offset, size, coordinates, domain }: Block, start: Float64Array, { z, gradient }: Good<unknown>): Way | undefined {
  const [low = 0, high = 0] = coordinates.box(domain);
  const ways = Array.from({ length: size }, (_, k): Way | undefined => {
    const [here = 0, slope = 0, began = 0] = [z, gradient, start].map((of) => of[offset + k]);
    const sign = slope > 0 ? -1 : 1;
    const end = sign < 0 ? domain.low : domain.high;
    if (isOpen(domain, end)) return sign * (here - began) > far ? { sign, end, isAt: false } : undefined;
    return slope !== 0 && here === (sign < 0 ? low : high) ? { sign, end, isAt: true } : undefined;
  });
  const [one] = ways;
  return one !== undefined && ways.every((way) => way?.sign === one.sign && way.isAt === one.isAt) ? one : undefined;
}

/** An end of a kind that it never reaches, of those that are searched by a logarithm. */
const isOpen = ({ kind }: Domain, end: number): boolean =>
  (kind === 'positive' && (end === 0 || end === Number.POSITIVE_INFINITY)) || (kind === 'unit' && (end === 0 || end === 1));

/** Whether the criterion is no worse when a block goes on the way that it went. */
async function staysGood({ session, space, start, first, last, sign }: Ending, { offset, size }: Block, way: 1 | -1): Promise<boolean> {
  const beyond = project(
    space,
    last.z.map((z, i) => (i >= offset && i < offset + size ? z + way * further : z)),
  );
  const judged = await evaluateStage(session, 'value', unpack(space, beyond), start, last.payload.evaluation, { when: 'beyond the end' });
  const gained = Math.abs(sign * first.outer - last.value);
  return judged.ok && sign * judged.evaluation.outer <= last.value + slight * Math.sqrt(session.rounding.unit) * gained;
}

export type OuterDoubts = typeof outerDoubts;
