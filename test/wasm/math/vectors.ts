/** The functions of `compiler/emit/wasm/math` applied to arrays, and how far a number is from what it should be. */
import type { FunctionRef, ModuleBuilder } from '../../../compiler/emit/wasm/assembler.ts';
import { i32 } from '../../../compiler/emit/wasm/instructions.ts';
import type { Precision } from '../../../plan/kernels.ts';
import type { Lanes } from '../../../compiler/emit/wasm/lanes.ts';
import { applyMath, mathFunctions, type MathName } from '../../../compiler/emit/wasm/math/functions.ts';
import { load } from '../routines/instance.ts';

export const names = Object.keys(mathFunctions) as readonly MathName[];

/** Elements of one call: whole vectors. */
const CHUNK = 1 << 14;

export type Apply = (name: MathName, x: readonly number[], y?: readonly number[]) => readonly number[];

const loopOver =
  (name: MathName) =>
  (module: ModuleBuilder, lanes: Lanes): FunctionRef =>
    module.function(name, ['i32', 'i32', 'i32', 'i32'], undefined, (f, x, y, out, end) => {
      f.doWhile(
        () => {
          const operands = mathFunctions[name].arity === 1 ? [lanes.load(x)] : [lanes.load(x), lanes.load(y)];
          f.do(lanes.store(out, applyMath(module, f, lanes, name, ...operands)));
          for (const pointer of [x, y, out]) f.advance(pointer, 16);
        },
        i32.ltU(out, end),
      );
    });

/** All functions in one module. What does not fill a vector is done with others beside it. */
export function functionsIn(precision: Precision): Apply {
  const module = load(precision, Object.fromEntries(names.map((name) => [name, loopOver(name)])), 8);
  const [x, y, out] = [module.place(CHUNK, () => 1), module.place(CHUNK, () => 1), module.place(CHUNK, () => 1)];
  return (name, xs, ys = []) => {
    const values: number[] = [];
    for (let from = 0; from < xs.length; from += CHUNK) {
      const count = Math.min(CHUNK, xs.length - from);
      x.data.set(xs.slice(from, from + count));
      y.data.set(ys.slice(from, from + count));
      module.call(name, x.at, y.at, out.at, out.at + count * module.lanes.bytes);
      for (let i = 0; i < count; i++) values.push(out.data[i] ?? Number.NaN);
    }
    return values;
  };
}

const layouts = { f64: { digits: 52, least: -1022 }, f32: { digits: 23, least: -126 } } as const;

/** The unit in the last place at x, of numbers with so many digits. */
function unitAt(precision: Precision, x: number): number {
  const { digits, least } = layouts[precision];
  const size = Math.abs(x);
  let exponent = Math.max(least, Math.floor(Math.log2(size)));
  // The logarithm rounds: next to a power of two it may be one off.
  if (2 ** exponent > size && exponent > least) exponent--;
  if (2 ** (exponent + 1) <= size) exponent++;
  return 2 ** Math.max(exponent - digits, -1074);
}

const largest = { f64: Infinity, f32: (2 - 2 ** -24) * 2 ** 127 } as const;

/** How far `got` is from `high + low`, in units of its last place; what overflows must be infinite, what is special the same. */
export function unitsOff(precision: Precision, got: number, high: number, low = 0): number {
  if (Math.abs(high) >= largest[precision]) return got === Math.sign(high) * Infinity ? 0 : Infinity;
  if (high === 0 || !Number.isFinite(high)) return Object.is(got, high) ? 0 : Infinity;
  const off = Math.abs(got - high - low) / unitAt(precision, high);
  return Number.isNaN(off) ? Infinity : off;
}
