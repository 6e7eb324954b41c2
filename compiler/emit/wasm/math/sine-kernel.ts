/** sin or cos of an angle of at most an eighth of a turn, by the quarter that it was reduced by. */
import type { Local } from '../assembler.ts';
import { v128, type V128 } from '../instructions.ts';
import type { Precision } from '../../../../plan/kernels.ts';
import { byHalves, type Kit } from './kit.ts';

interface Sine {
  /** sin r = r + r·z·(…), z = r². */
  readonly sine: readonly number[];
  /** cos r = 1 − z/2 + z²·(…). */
  readonly cosine: readonly number[];
}

const tables: Readonly<Record<Precision, Sine>> = {
  f64: {
    // Relative error 2^-57.9.
    sine: [
      -0.1666666666666663, 0.00833333333332184, -0.00019841269829358528, 2.755731353851415e-6, -2.5050734389214103e-8,
      1.589543328407737e-10,
    ],
    // Relative error 2^-63.9.
    cosine: [
      0.041666666666666595, -0.0013888888888873333, 2.4801587288992887e-5, -2.7557314213561727e-7, 2.0875704834483118e-9,
      -1.1358716349905203e-11,
    ],
  },
  f32: {
    // Relative error 2^-27.9.
    sine: [-0.16666655242443085, 0.008332189172506332, -0.00019518277258612216],
    // Relative error 2^-33.0.
    cosine: [0.04166664555668831, -0.0013887309469282627, 2.4432327336398885e-5],
  },
};

/**
 * sin(r − s + quarters·π/2) for |r| ≤ π/4: s is what r was rounded up by, where that is known; `quarters` are whole numbers in the low
 * two bits of the lanes. Both functions are computed, for lanes differ.
 */
export function sineOrCosine(kit: Kit, r: Local<'v128'>, s: V128 | undefined, quarters: Local<'v128'>): V128 {
  const { add, sub, mul, number, keep } = kit;
  const table = tables[kit.precision];
  const rest = s === undefined ? undefined : keep(s);
  const z = keep(mul(r, r));
  const half = keep(mul(z, number(0.5)));
  const rough = keep(sub(number(1), half));
  // A difference from what is rather 0 than −0: in this order sin(−0) is −0.
  const bend = mul(mul(r, z), byHalves(kit, z, table.sine));
  const sine = sub(r, sub(rest === undefined ? number(0) : mul(rest, rough), bend));
  const lost = sub(sub(number(1), rough), half);
  const series = mul(mul(z, z), byHalves(kit, z, table.cosine));
  const cosine = add(rough, add(lost, rest === undefined ? series : add(series, mul(r, rest))));
  const isOdd = kit.subBits(kit.bits(0n), v128.and(quarters, kit.bits(1n)));
  const sign = v128.and(kit.shiftLeft(quarters, kit.signShift - 1), kit.signBit);
  return v128.xor(v128.bitselect(cosine, sine, isOdd), sign);
}
