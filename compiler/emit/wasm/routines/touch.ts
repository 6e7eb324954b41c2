/** Memory that is asked for before it is needed. */
import type { FunctionRef, ModuleBuilder } from '../assembler.ts';
import { i32 } from '../instructions.ts';

/** What memory gives at once, on every processor that we know of but for those that give more. */
const LINE_BYTES = 64;

/** `touch(from, bytes)`: reads something of every line, in order, and forgets it. Nothing waits for what is read, so many lines are on their way together. */
export const touchLines = (module: ModuleBuilder): FunctionRef<readonly ['i32', 'i32'], undefined> =>
  module.once('touch_lines', () =>
    module.function('touch_lines', ['i32', 'i32'], undefined, (f, from, bytes) => {
      const end = f.let(i32.add(from, bytes));
      f.while(i32.ltU(from, end), () => {
        f.drop(i32.load(from));
        f.advance(from, LINE_BYTES);
      });
    }),
  );
