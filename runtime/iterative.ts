/**
 * What candidates need whose solves stop at tolerances, handed in where there are such: what is put for them, and what their stages say of
 * how far they went.
 */
import type { Slots, Tensor } from '../plan/types.ts';
import type { Begin, Evaluation, Session } from './session.ts';

const scalar = (value: number): Tensor => ({ shape: [], data: Float64Array.of(value) });

export const iterative = {
  /** Solves go as far as the candidate says, unless less is asked for; the linear one begins at the adjoint of the point before. */
  put({ candidate: { tolerances = {} }, rounding, accuracy = 0 }: Session, start: Begin | undefined, from: Begin | undefined): Slots {
    const { inner = rounding.inner, linear = rounding.linear } = tolerances;
    return {
      'tolerance:inner': scalar(Math.max(inner, accuracy)),
      'tolerance:linear': scalar(Math.max(linear, accuracy)),
      ...(start?.v === undefined ? {} : { 'v:start': from?.v ?? start.v }),
    };
  },
  /** Of the results of `value` or `hypergradient`. */
  read(slots: Slots): Pick<Evaluation, 'corrected' | 'reached'> {
    const [corrected, relative, residual = 0] = ['outer:corrected', 'inner:relative', 'linear:residual'].map(
      (name) => slots[name]?.data[0],
    );
    return {
      ...(corrected === undefined ? {} : { corrected }),
      ...(relative === undefined ? {} : { reached: Math.max(relative, residual) }),
    };
  },
};

export type Iterative = typeof iterative;
