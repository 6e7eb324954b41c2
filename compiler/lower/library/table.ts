/** The library: every function that a page may call without declaring it. */
import { unknownFunction } from '../../../diagnostics/names.ts';
import { comesLater } from '../../../diagnostics/levels.ts';
import type { CallExpression } from '../../../grammar/ast.ts';
import { closest } from '../../../grammar/spelling.ts';
import type { Scope } from '../../check/scope.ts';
import type { Value } from '../../ir/graph.ts';
import { refuse, type Context } from '../context.ts';
import { readArguments } from './arguments.ts';
import { elementwise } from './elementwise.ts';
import { forms } from './forms.ts';
import { losses } from './losses.ts';
import { matrices } from './matrices.ts';
import { reductions } from './reductions.ts';
import type { LibraryTable } from './row.ts';

export const library: LibraryTable = { ...elementwise, ...reductions, ...forms, ...matrices, ...losses };

/** Functions of the language that this version does not run. */
const later: Readonly<Record<string, string | undefined>> = {
  sort: undefined,
  solve:
    'make it the solution of the inner problem: the minimiser of `x @ A @ x / 2 - b @ x` solves A x = b for a symmetric positive definite A',
  eigh: undefined,
  conv2d: undefined,
  avg_pool: undefined,
  max_pool: undefined,
  gate: undefined,
};

export const isLibraryFunction = (name: string): boolean => Object.hasOwn(library, name) || Object.hasOwn(later, name);

export const libraryNames: readonly string[] = [...Object.keys(library), ...Object.keys(later)];

/** A call of a function that the page does not declare. */
export function callLibrary(c: Context, call: CallExpression, scope: Scope): Value | undefined {
  const { name, span } = call.callee;
  const row = Object.hasOwn(library, name) ? library[name] : undefined;
  if (row !== undefined) {
    const args = readArguments(c, call, row.parameters, scope);
    return args === undefined ? undefined : row.lower(args);
  }
  for (const expression of [...call.positional, ...call.named.map((n) => n.value)]) c.elaborate(expression, scope);
  if (Object.hasOwn(later, name)) {
    const instead = later[name];
    return refuse(c, comesLater({ span }, { construct: `\`${name}\``, ...(instead === undefined ? {} : { instead }) }));
  }
  const binding = scope.lookup(name);
  if (binding?.kind === 'broken') return undefined;
  const known = [...scope.names((b) => b.kind === 'fn'), ...libraryNames];
  return refuse(
    c,
    unknownFunction(
      { span },
      { name, isValue: binding !== undefined, suggestion: binding === undefined ? closest(name, known) : undefined },
    ),
  );
}
