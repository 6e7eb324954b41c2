/** Runs of equal elements, and sums of buffers in order. */
import type { FunctionRef, ModuleBuilder } from '../assembler.ts';
import { constant, i32 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';

/** `fill(to, count, value)`: writes lane 0 of a value `count` times. */
export const fillElements = (module: ModuleBuilder, lanes: Lanes): FunctionRef<readonly ['i32', 'i32', 'v128'], undefined> =>
  module.once(`fill_${lanes.precision}`, () =>
    module.function(`fill_${lanes.precision}`, ['i32', 'i32', 'v128'], undefined, (f, to, count, value) => {
      const pointer = f.let(to);
      const end = f.let(i32.add(to, i32.shl(count, constant.i32(lanes.shift))));
      const whole = f.let(i32.sub(end, i32.and(i32.sub(end, to), constant.i32(15))));
      const wide = f.let(lanes.splatLow(value));
      f.for(pointer, whole, 16, () => f.do(lanes.store(pointer, wide)));
      f.for(pointer, end, lanes.bytes, () => f.do(lanes.storeOne(pointer, wide)));
    }),
  );

/**
 * `combine(into, more, count, blocks)`: adds `blocks` runs of `count` elements, one behind the other at `more`, to `into`, in order.
 * With `max` the larger of each is kept.
 */
export const combineBlocks = (
  module: ModuleBuilder,
  lanes: Lanes,
  how: 'sum' | 'max',
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], undefined> =>
  module.once(`combine_${how}_${lanes.precision}`, () =>
    module.function(`combine_${how}_${lanes.precision}`, ['i32', 'i32', 'i32', 'i32'], undefined, (f, into, more, count, blocks) => {
      const { add, max } = lanes.arithmetic;
      const join = how === 'max' ? max : add;
      const bytes = f.let(i32.shl(count, constant.i32(lanes.shift)));
      const whole = f.let(i32.and(bytes, constant.i32(-16)));
      const from = f.let(more);
      f.times(blocks, () => {
        const at = f.let(constant.i32(0));
        f.for(at, whole, 16, () => {
          const to = f.let(i32.add(into, at));
          f.do(lanes.store(to, join(lanes.load(to), lanes.load(i32.add(from, at)))));
        });
        f.for(at, bytes, lanes.bytes, () => {
          const to = f.let(i32.add(into, at));
          f.do(lanes.storeOne(to, join(lanes.loadOne(to), lanes.loadOne(i32.add(from, at)))));
        });
        f.advance(from, bytes);
      });
    }),
  );
