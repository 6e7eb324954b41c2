/**
 * Binding times: what depends on data alone is computed once. Every value has the latest time of its operands; the values that
 * cross from `data` to later are the results of the stage `once`.
 */
import type { Role, Value } from '../ir/graph.ts';
import { ancestors } from './reach.ts';

const order: readonly (Role | 'nothing')[] = ['nothing', 'data', 'hyper', 'noise', 'state'];
export type BindingTime = (typeof order)[number];

/** When each value that `outputs` need can be known. Noise is known like data, unless it is drawn anew (`resamples`). */
export function bindingTimes(outputs: readonly Value[], resamples = false): (v: Value) => BindingTime {
  const timeOf = (role: Role): number => order.indexOf(role === 'noise' && !resamples ? 'data' : role);
  const times = new Map<Value, number>();
  for (const node of ancestors(outputs)) {
    const time = node.op === 'input' ? timeOf(node.attributes.role ?? 'state') : Math.max(0, ...node.inputs.map((v) => times.get(v) ?? 0));
    for (const o of node.outputs) times.set(o, time);
  }
  return (v) => order[times.get(v) ?? 0] ?? 'state';
}

/** A view that costs less to make again than to keep: it reads what it is made of. */
function isView(v: Value): boolean {
  const { op } = v.node;
  return (
    op === 'broadcast_in_dim' ||
    op === 'reshape' ||
    op === 'input' ||
    op === 'constant' ||
    op === 'dim_size' ||
    op === 'iota' ||
    op === 'eye'
  );
}

/** The values that depend on data alone and that something later needs: what the stage `once` keeps. */
export const onceValues = (outputs: readonly Value[], resamples = false): readonly Value[] => valuesKnownAt('data', outputs, resamples);

/** The values that are known at a time and that something later needs. Views of them are made again where they are used. */
export function valuesKnownAt(time: BindingTime, outputs: readonly Value[], resamples = false): readonly Value[] {
  const timeOf = bindingTimes(outputs, resamples);
  const early = (v: Value): boolean => order.indexOf(timeOf(v)) <= order.indexOf(time);
  const kept = new Set<Value>();
  const keep = (v: Value): void => {
    if (!early(v)) return;
    if (isView(v)) v.node.inputs.forEach(keep);
    else kept.add(v);
  };
  outputs.forEach(keep);
  for (const node of ancestors(outputs)) if (node.outputs.some((o) => !early(o))) node.inputs.forEach(keep);
  return [...kept].sort((a, b) => a.id - b.id);
}
