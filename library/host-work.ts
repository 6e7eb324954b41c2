/** What of a candidate a library of kernels leaves to the host, for people: read off its calls. Pure. */
import type { Call, CallList, CandidateCalls } from '../plan/calls.ts';

export interface HostWork {
  /** Ops that the host computes, in float64. */
  readonly ops: readonly string[];
  /** How often a hypergradient goes there and back, besides what loops do in every step. */
  readonly trips: number;
  /** Loops that do so in every step. */
  readonly loops: readonly string[];
}

export function hostWork({ stages }: CandidateCalls): HostWork {
  const found = { ops: new Set<string>(), trips: 0, loops: new Set<string>() };
  const look = ({ calls }: CallList, loop: string | undefined): void => {
    for (const call of calls) {
      for (const inner of bodiesOf(call)) look(inner, 'name' in call ? call.name : loop);
      if (call.is !== 'host') continue;
      for (const op of call.ops) found.ops.add(op);
      if (loop === undefined) found.trips += 1;
      else found.loops.add(loop);
    }
  };
  if (stages.hypergradient !== undefined) look(stages.hypergradient, undefined);
  return { ops: [...found.ops], trips: found.trips, loops: [...found.loops] };
}

const bodiesOf = (call: Call): readonly CallList[] =>
  call.is === 'scan' ? [call.body] : call.is === 'iterate' ? [call.test, call.body] : [];

/** `cholesky and triangular_solve on the host: 1 trip a hypergradient, and one in every step of newton`. */
export function hostText({ ops, trips, loops }: HostWork): string {
  if (ops.length === 0) return 'nothing: all of it runs on the device';
  const when = [
    ...(trips === 0 ? [] : [`${trips} ${trips === 1 ? 'trip' : 'trips'} a hypergradient`]),
    ...(loops.length === 0 ? [] : [`one in every step of ${loops.join(', ')}`]),
  ];
  return `${ops.join(', ')}; ${when.join(', and ')}`;
}
