/**
 * The error function: an odd function near x up to 27/32, beyond 1 − e^(−x²)·A(x)/B(x). What is lost when x² is rounded does not show
 * there, for the complement is small. Both are computed for all lanes.
 *
 * Approximations: minimax by Remez's algorithm (test/wasm/math/coefficients.py), of the errors in erf, not in its complement.
 * Source: Cody (1969), Rational Chebyshev approximations for the error function, Math. Comp. 23 (the forms).
 */
import type { FunctionBuilder } from '../assembler.ts';
import { v128, type V128 } from '../instructions.ts';
import { errorFunction as single } from '../../../../plan/error-function.ts';
import type { Precision } from '../../../../plan/kernels.ts';
import type { Lanes } from '../lanes.ts';
import { reduce, tanhOfHalf } from './exponential.ts';
import { byHalves, horner, kitOf, monic, mulAdd, withSignOf, type Kit } from './kit.ts';

interface ErrorFunction {
  /** erf(x) = x + x·near(x²), for x up to 27/32. */
  readonly near: (kit: Kit, square: V128) => V128;
  /** The complement is e^(−x²)·A(x)/B(x) from there on, B with 1 before its highest power. */
  readonly far: readonly [readonly number[], readonly number[]];
  /** From here on erf is 1. */
  readonly one: number;
}

const tables: Readonly<Record<Precision, ErrorFunction>> = {
  f64: {
    // Relative error 2^-57.9.
    near: (kit, square) =>
      kit.div(
        byHalves(
          kit,
          square,
          [0.12837916709551256, -0.3250331604926165, -0.02850441708460043, -0.00577223706829216, -2.4108059193223613e-5],
        ),
        byHalves(
          kit,
          square,
          [1, 0.3979869140388415, 0.06504986170417236, 0.0050856297212047204, 0.00013278898103525016, -3.955676574785488e-6],
        ),
      ),
    // Error in erf 2^-57.2.
    far: quotient(
      [0.9999999590178392, 1.3683953961085253, 0.9221607715531775, 0.35736771760552954, 0.07921827780295834, 0.0081692752507354],
      [1, 2.496774090790393, 2.739471221371156, 1.7039997344181865, 0.6407321457677768, 0.14040563756058794],
      0.014479830957191598,
    ),
    one: 6,
  },
  f32: {
    near: (kit, square) => byHalves(kit, square, single.near),
    far: quotient(single.far.top, single.far.bottom.slice(0, -1), single.far.bottom[3]),
    one: single.one,
  },
};

/** Both polynomials divided by the last coefficient of the second. */
function quotient(top: readonly number[], bottom: readonly number[], last: number): readonly [readonly number[], readonly number[]] {
  return [top.map((c) => c / last), bottom.map((c) => c / last)];
}

/** erf x. Error: below 2 units in the last place (1.82 was seen). */
export function erf(f: FunctionBuilder, lanes: Lanes, operand: V128): V128 {
  const kit = kitOf(f, lanes);
  const { add, sub, mul, div, number, keep } = kit;
  const table = tables[kit.precision];
  const argument = keep(operand);
  const size = keep(kit.atMost(kit.abs(argument), number(table.one)));
  const square = keep(mul(size, size));
  const near = mulAdd(kit, table.near(kit, square), size, size);
  // e^(−x²) = s·(Q − P)/(Q + P).
  const { shifted, r } = reduce(kit, square, kit.bias, -1);
  const { p, q } = tanhOfHalf(kit, r);
  const top = mul(mul(sub(q, p), kit.shiftLeft(shifted, kit.mantissa)), horner(kit, size, table.far[0]));
  const far = sub(number(1), div(top, mul(add(q, p), monic(kit, size, table.far[1]))));
  return withSignOf(kit, v128.bitselect(near, far, kit.lt(size, number(27 / 32))), argument);
}
