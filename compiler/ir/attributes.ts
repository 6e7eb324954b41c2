/** Small questions about nodes that rows, rules and printers share. */
import { InternalError } from '../../diagnostics/internal-error.ts';
import { literal } from './dims.ts';
import type { Attributes, Graph, Value } from './graph.ts';

/** Attributes as text, in one order; graphs by the name that `graphName` gives. */
export function printAttributes(attributes: Attributes, graphName: (graph: Graph) => string): string {
  const parts: string[] = [];
  for (const key of Object.keys(attributes).sort() as (keyof Attributes)[]) {
    const value = attributes[key];
    if (value === undefined) continue;
    parts.push(`${key}=${printAttribute(value, graphName)}`);
  }
  return parts.length === 0 ? '' : `{${parts.join(', ')}}`;
}

function printAttribute(value: NonNullable<Attributes[keyof Attributes]>, graphName: (graph: Graph) => string): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'boolean' || typeof value === 'string') return String(value);
  if ('nodes' in value) return graphName(value);
  if ('terms' in value) return value.key;
  return `[${value.map((v) => (typeof v === 'number' ? String(v) : printAttribute(v, graphName))).join(', ')}]`;
}

export const isConstant = (v: Value, value: number): boolean => constantOf(v) === value;

/**
 * The number that every element of `v` is known to be, through broadcasts and reshapes; `undefined` if it is not known, or depends on
 * the precision.
 */
export function constantOf(v: Value): number | undefined {
  const { op, inputs, attributes } = v.node;
  if (op === 'constant') return attributes.single === undefined ? attributes.value : undefined;
  if (op === 'dim_size' && attributes.dim !== undefined) return literal(attributes.dim);
  const [first] = inputs;
  if ((op === 'broadcast_in_dim' || op === 'reshape') && first !== undefined) return constantOf(first);
  return undefined;
}

/** Exact in few binary digits: as it was written, in every precision. */
export const isShort = (value: number): boolean => Number.isInteger(64 * value) && Math.abs(value) <= 2 ** 17;

/** Of a number that was written in decimals, or computed from such in a step or two. */
const USUAL_ROUNDINGS = 4;

/** How many units of rounding the number that every element of `v` is known to be (`constantOf`) may be off. */
export function roundingsOf(v: Value): number {
  const { op, inputs, attributes } = v.node;
  if (op !== 'constant') return inputs[0] === undefined ? 0 : roundingsOf(inputs[0]);
  return attributes.roundings ?? usualRoundings(given(attributes.value));
}

const usualRoundings = (value: number): number => (isShort(value) ? 0 : USUAL_ROUNDINGS);

/** What a constant says of its roundings: nothing where they are no more than usual. */
export const toldRoundings = (value: number, roundings: number): number | undefined =>
  roundings <= usualRoundings(value) ? undefined : roundings;

/** A value that an earlier check made sure of; its absence is our bug. */
export function given<T>(value: T | undefined, what = 'a value'): T {
  if (value === undefined) throw new InternalError('graph', `${what} is missing`);
  return value;
}
