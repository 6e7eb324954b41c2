/** Reads the arguments of a method as the page gives them. */
import { constantOf } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import type { MethodInfo } from '../program.ts';

/** A number that is known while compiling; `undefined` if it is not given. */
export function numberOption(method: MethodInfo | undefined, name: string): number | undefined {
  const option = method?.options.get(name);
  return option?.kind === 'value' ? constantOf(option.value) : undefined;
}

/** A scalar, or a number for each coordinate, `[d]`; it may depend on hypers and on `step`. */
export function valueOption(b: Builder, method: MethodInfo | undefined, name: string, otherwise: number): Value {
  const option = method?.options.get(name);
  return option?.kind === 'value' ? option.value : b.constant(otherwise);
}

export function wordOption(method: MethodInfo | undefined, name: string): string | undefined {
  const option = method?.options.get(name);
  return option?.kind === 'word' ? option.word : undefined;
}

export function flagOption(method: MethodInfo | undefined, name: string): boolean | undefined {
  const option = method?.options.get(name);
  return option?.kind === 'flag' ? option.flag : undefined;
}
