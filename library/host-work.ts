/** What of a candidate a library of kernels leaves to the host, for people: read off its calls. Pure. */
import type { Call, CallList, CandidateCalls } from '../plan/calls.ts';
import { hostOps, type Library } from '../plan/placement.ts';

export interface HostWork {
  /** Ops that the library leaves to the host, which computes them in float64. */
  readonly ops: readonly string[];
  /** Ops of light work that the host does beside them, lest it or the device wait for the other. */
  readonly beside: readonly string[];
  /** How often the host waits for the device in a hypergradient, besides what loops do in every step and for its results. */
  readonly trips: number;
  /** Loops that do so in every step. */
  readonly loops: readonly string[];
}

export function hostWork({ stages }: CandidateCalls, library: Library): HostWork {
  const leftOut: readonly string[] = hostOps[library];
  const found = { ops: new Set<string>(), trips: 0, loops: new Set<string>() };
  const look = ({ calls }: CallList, loop: string | undefined): void => {
    for (const call of calls) {
      for (const inner of bodiesOf(call)) look(inner, 'name' in call ? call.name : loop);
      if (call.is !== 'host') continue;
      for (const op of call.ops) found.ops.add(op);
      if (!call.waits) continue;
      if (loop === undefined) found.trips += 1;
      else found.loops.add(loop);
    }
  };
  if (stages.hypergradient !== undefined) look(stages.hypergradient, undefined);
  const all = [...found.ops];
  return {
    ops: all.filter((op) => leftOut.includes(op)),
    beside: all.filter((op) => !leftOut.includes(op)),
    trips: found.trips,
    loops: [...found.loops],
  };
}

const bodiesOf = (call: Call): readonly CallList[] =>
  call.is === 'scan' ? [call.body] : call.is === 'iterate' ? [call.test, call.body] : [];

/** `cholesky, triangular_solve, with light work beside them; 1 trip a hypergradient, and one in every step of newton`. */
export function hostText({ ops, beside, trips, loops }: HostWork): string {
  if (ops.length === 0) return 'nothing: all of it runs on the device';
  const what = `${ops.join(', ')}${beside.length === 0 ? '' : `, with light work beside ${ops.length === 1 ? 'it' : 'them'}`}`;
  const when = [
    ...(trips === 0 ? [] : [`${trips} ${trips === 1 ? 'trip' : 'trips'} a hypergradient`]),
    ...(loops.length === 0 ? [] : [`one in every step of ${loops.join(', ')}`]),
  ];
  return `${what}; ${when.length === 0 ? 'no trips, as what it takes is read back once' : when.join(', and ')}`;
}
