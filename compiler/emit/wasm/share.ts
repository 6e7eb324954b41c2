/** Shares the chunks of a kernel out over threads: the first thread's side of the protocol of `controlBlock`, and a helper's. */
import { controlBlock } from '../../../plan/kernels.ts';
import type { FunctionBuilder, FunctionRef } from './assembler.ts';
import type { EmitContext } from './context.ts';
import { atomics, constant, i32, unreachable, type I32 } from './instructions.ts';

const word = (context: EmitContext, offset: number): I32 => i32.add(context.constant({ is: 'control' }), constant.i32(offset));

/** Chunk `index` of kernel `kernel`: the functions are known when the last stage is complete. */
function callChunk(context: EmitContext): FunctionRef<readonly ['i32', 'i32'], undefined> {
  const name = 'chunk';
  const made: { ref?: FunctionRef<readonly ['i32', 'i32'], undefined> } = {};
  return context.module.once(name, () => {
    context.atEnd(() => {
      made.ref = context.module.function(name, ['i32', 'i32'], undefined, (f, kernel, index) => {
        f.enterAt(
          kernel,
          context.chunkFunctions.map((chunk) => () => {
            f.call(chunk, index);
            f.return();
          }),
        );
      });
    });
    return { name, params: ['i32', 'i32'] as const, result: undefined, index: () => made.ref?.index() ?? -1 };
  });
}

/** `help(kernel)`: takes chunks until none is left. */
export function help(context: EmitContext): FunctionRef<readonly ['i32'], undefined> {
  const run = callChunk(context);
  return context.module.once('help', () =>
    context.module.function('help', ['i32'], undefined, (f, kernel) => {
      const chunks = f.let(atomics.load(word(context, controlBlock.chunks)));
      const chunk = f.let(next(context));
      f.while(i32.ltU(chunk, chunks), () => {
        f.call(run, kernel, chunk);
        f.drop(atomics.add(word(context, controlBlock.finished), constant.i32(1)));
        f.set(chunk, next(context));
      });
    }),
  );
}

const next = (context: EmitContext): I32 => atomics.add(word(context, controlBlock.next), constant.i32(1));

/** `share(kernel, chunks)`: the first thread's side. */
export function shareOut(context: EmitContext): FunctionRef<readonly ['i32', 'i32'], undefined> {
  const helping = help(context);
  return context.module.once('share', () =>
    context.module.function('share', ['i32', 'i32'], undefined, (f, kernel, chunks) => {
      const put = (offset: number, value: I32): void => f.do(atomics.store(word(context, offset), value));
      put(controlBlock.kernel, kernel);
      put(controlBlock.chunks, chunks);
      put(controlBlock.next, constant.i32(0));
      put(controlBlock.finished, constant.i32(0));
      f.drop(atomics.add(word(context, controlBlock.generation), constant.i32(1)));
      f.drop(atomics.notify(word(context, controlBlock.generation), constant.i32(-1)));
      f.call(helping, kernel);
      waitWhile(f, i32.ltU(atomics.load(word(context, controlBlock.finished)), chunks), () => {
        f.if(atomics.load(word(context, controlBlock.failed)), () => f.do(unreachable));
      });
      f.drop(atomics.add(word(context, controlBlock.generation), constant.i32(1)));
      waitWhile(f, atomics.load(word(context, controlBlock.active)), () => {
        f.if(atomics.load(word(context, controlBlock.failed)), () => f.do(unreachable));
      });
    }),
  );
}

/** Waiting is a matter of microseconds, and a browser's first thread may not sleep. */
const waitWhile = (f: FunctionBuilder, condition: I32, meanwhile: () => void = () => undefined): void => f.while(condition, meanwhile);
