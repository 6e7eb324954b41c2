/**
 * sin and cos. The angle is reduced by quarter turns: x = n·π/2 + r, with π/2 in parts so short that their products with n are exact. That
 * holds up to 2^20; lanes beyond are done one by one (`large-angles.ts`).
 *
 * Source: Cody & Waite (1980), Software manual for the elementary functions, ch. 8; FreeBSD msun, e_rem_pio2.c, k_sin.c, k_cos.c.
 */
import type { FunctionBuilder, FunctionRef, Local, ModuleBuilder } from '../assembler.ts';
import { constant, f32, f32x4, f64, f64x2, i32, v128, type F64, type V128 } from '../instructions.ts';
import { lanesOf, type Lanes } from '../lanes.ts';
import { kitOf, type Kit } from './kit.ts';
import { ofLargeAngle } from './large-angles.ts';
import { sineOrCosine } from './sine-kernel.ts';

/** π/2: 33 bits, the 33 that follow, and what remains. The nearest that r comes to 0 is n·2^-65, the error n·2^-121. */
const parts = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21] as const;
/** What the two last are together. */
const secondPart = 6.077100506506192e-11;
const LARGE = 2 ** 20;

interface Turned {
  /** n + quarter in the low bits. */
  readonly quarters: Local<'v128'>;
  readonly n: Local<'v128'>;
}

function quartersOf(kit: Kit, x: V128, quarter: number): Turned {
  const rounder = kit.number(kit.rounder + quarter);
  const quarters = kit.keep(kit.add(kit.mul(x, kit.number(2 / Math.PI)), rounder));
  return { quarters, n: kit.keep(kit.sub(quarters, rounder)) };
}

function inFloat64(kit: Kit, x: V128, quarter: number): V128 {
  const { sub, mul, number, keep } = kit;
  const { quarters, n } = quartersOf(kit, x, quarter);
  const first = keep(sub(x, mul(n, number(parts[0]))));
  const step = keep(mul(n, number(parts[1])));
  const second = keep(sub(first, step));
  const lost = sub(sub(first, second), step);
  const rest = keep(sub(mul(n, number(parts[2])), lost));
  const r = keep(sub(second, rest));
  return sineOrCosine(kit, r, sub(rest, sub(second, r)), quarters);
}

/** Reduced in float64, where two parts of π/2 are enough; the rest in float32. */
function inFloat32(f: FunctionBuilder, kit: Kit, x: Local<'v128'>, quarter: number): V128 {
  const wide = kitOf(f, lanesOf('f64'));
  const { sub, mul, number, keep } = wide;
  const reduced = (pair: V128): { readonly quarters: V128; readonly r: V128 } => {
    const angle = keep(f64x2.promoteLowF32(pair));
    const { quarters, n } = quartersOf(wide, angle, quarter);
    return { quarters, r: f32x4.demoteF64Zero(sub(sub(angle, mul(n, number(parts[0]))), mul(n, number(secondPart)))) };
  };
  const [low, high] = [reduced(x), reduced(v128.shuffle(x, x, bytes(2, 3, 2, 3)))];
  const r = keep(v128.shuffle(low.r, high.r, bytes(0, 1, 4, 5)));
  const quarters = keep(v128.shuffle(low.quarters, high.quarters, bytes(0, 2, 4, 6)));
  return sineOrCosine(kit, r, undefined, quarters);
}

/** The bytes of four words, of those of two vectors. */
const bytes = (...words: readonly number[]): readonly number[] => words.flatMap((w) => [4 * w, 4 * w + 1, 4 * w + 2, 4 * w + 3]);

/** The lanes of `value` where |x| is at most `LARGE`; elsewhere, and for NaN, computed alone. */
const withLargeOf = (module: ModuleBuilder, lanes: Lanes): FunctionRef<['v128', 'v128', 'i32'], 'v128'> =>
  module.once(`large angles ${lanes.precision}`, () =>
    module.function(`large angles ${lanes.precision}`, ['v128', 'v128', 'i32'], 'v128', (f, x, value, quarter) => {
      const one = ofLargeAngle(module);
      for (let lane = 0; lane < lanes.width; lane++) {
        const [angle, put] = laneOf(lanes, x, lane);
        const argument = f.let(angle);
        f.if(i32.eqz(f64.le(f64.abs(argument), constant.f64(LARGE))), () => f.set(value, put(value, f.result(one, argument, quarter))));
      }
      f.return(value);
    }),
  );

/** A lane as a float64, and how one is put there. */
function laneOf(lanes: Lanes, x: V128, lane: number): readonly [F64, (into: V128, value: F64) => V128] {
  if (lanes.precision === 'f64') return [f64x2.extract(x, lane), (into, value) => f64x2.replace(into, lane, value)];
  return [f64.promoteF32(f32x4.extract(x, lane)), (into, value) => f32x4.replace(into, lane, f32.demoteF64(value))];
}

function sineFrom(module: ModuleBuilder, f: FunctionBuilder, lanes: Lanes, operand: V128, quarter: 0 | 1): V128 {
  const kit = kitOf(f, lanes);
  const x = kit.keep(operand);
  const value = kit.keep(lanes.precision === 'f64' ? inFloat64(kit, x, quarter) : inFloat32(f, kit, x, quarter));
  const isLarge = v128.not(kit.le(kit.abs(x), kit.number(LARGE)));
  f.if(v128.anyTrue(isLarge), () => f.set(value, f.result(withLargeOf(module, lanes), x, value, constant.i32(quarter))));
  return value;
}

/** sin x, everywhere. Error: below 1 unit in the last place in float64, 1.6 in float32. */
export const sin = (module: ModuleBuilder, f: FunctionBuilder, lanes: Lanes, x: V128): V128 => sineFrom(module, f, lanes, x, 0);

/** cos x = sin(x + π/2), as good. */
export const cos = (module: ModuleBuilder, f: FunctionBuilder, lanes: Lanes, x: V128): V128 => sineFrom(module, f, lanes, x, 1);
