/** The library: every function that a page may call without declaring it. */
import { unknownFunction, wrongResults } from '../../../diagnostics/names.ts';
import type { Diagnostic, Hint } from '../../../diagnostics/diagnostic.ts';
import type { CallExpression, Identifier } from '../../../grammar/ast.ts';
import { foreignCallHint } from '../../../grammar/foreign-calls.ts';
import { foreignFunction } from '../../../grammar/foreign-names.ts';
import { closest } from '../../../grammar/spelling.ts';
import type { Scope } from '../../check/scope.ts';
import { given } from '../../ir/attributes.ts';
import type { Value } from '../../ir/graph.ts';
import { refuse, type Context } from '../context.ts';
import type { Fns } from '../calls.ts';
import { readArguments } from './arguments.ts';
import { elementwise } from './elementwise.ts';
import { forms } from './forms.ts';
import { preludeFns, preludeNames } from '../prelude.ts';
import { decompositions, matrices } from './matrices.ts';
import { reductions } from './reductions.ts';
import type { LibraryRow, LibraryTable, SeveralRow } from './row.ts';
import { windows } from './windows.ts';

const rows = { ...elementwise, ...reductions, ...forms, ...matrices, ...windows };
export const library: LibraryTable = rows;
const several: Readonly<Record<string, SeveralRow>> = decompositions;

export type LibraryName = keyof typeof rows | keyof typeof decompositions;

/** What a function takes, and which results it has where these are several; `undefined` where it is not written here. */
export const libraryRow = (name: string): LibraryRow | SeveralRow | undefined =>
  Object.hasOwn(library, name) ? library[name] : isSeveral(name) ? several[name] : undefined;

/** A function with several results. */
export const isSeveral = (name: string): boolean => Object.hasOwn(several, name);

/** Whether a function of this name is written here, and not in the prelude. */
export const isLibraryRow = (name: string): boolean => libraryRow(name) !== undefined;

export const isLibraryFunction = (name: string): boolean => isLibraryRow(name) || preludeFns(name).length > 0;

export const libraryNames = (): readonly string[] => [...[library, several].flatMap((table) => Object.keys(table)), ...preludeNames()];

/** A call of a function with several results, of which all are taken. */
export function callSeveral(c: Context, call: CallExpression, taken: number, scope: Scope): readonly Value[] | undefined {
  const { name } = call.callee;
  const row = given(several[name]);
  const args = readArguments(c, call, row.parameters, scope);
  if (taken !== row.results.length)
    return refuse(c, wrongResults({ span: call.span }, { what: `\`${name}\``, written: `${name}(…)`, results: row.results, taken }));
  return args === undefined ? undefined : row.lower(args);
}

/** How many arguments may stand in a call of a function that no page declares, without their names; `undefined` where it is not one. */
export function argumentCount(name: string): { readonly least: number; readonly most: number } | undefined {
  const [form] = isLibraryRow(name) ? [] : preludeFns(name);
  if (form !== undefined) {
    const { parameters } = form.declaration;
    return { least: parameters.filter((p) => p.init === undefined).length, most: parameters.length };
  }
  const positional = (Object.hasOwn(library, name) ? library[name] : undefined)?.parameters.filter((p) => p.namedOnly !== true);
  if (positional === undefined) return undefined;
  const least = positional.filter((p) => p.optional !== true && p.rest !== true).length;
  return { least, most: positional.some((p) => p.rest === true) ? Number.POSITIVE_INFINITY : positional.length };
}

/** A call of a function that no page declares: of the prelude, or of the library. */
export function callUndeclared(c: Context, fns: Fns, call: CallExpression, scope: Scope): Value | undefined {
  const { name } = call.callee;
  const forms = isLibraryRow(name) ? [] : preludeFns(name);
  return forms.length > 0 ? fns.call(forms, call, scope) : callLibrary(c, call, scope);
}

/** A call of a function that the page does not declare. */
export function callLibrary(c: Context, call: CallExpression, scope: Scope): Value | undefined {
  const { name } = call.callee;
  const row = Object.hasOwn(library, name) ? library[name] : undefined;
  if (row !== undefined) {
    const args = readArguments(c, call, row.parameters, scope);
    return args === undefined ? undefined : row.lower(args);
  }
  if (isSeveral(name)) {
    callSeveral(c, call, 1, scope);
    return undefined;
  }
  for (const expression of [...call.positional, ...call.named.map((n) => n.value)]) c.elaborate(expression, scope);
  return scope.lookup(name)?.kind === 'broken' ? undefined : refuse(c, notAFunction(call.callee, scope, call));
}

/** A name that is called and is no function: that of a value, one that is nearly right, or one of another language. */
export function notAFunction({ name, span }: Identifier, scope: Scope, call?: CallExpression): Diagnostic {
  const binding = scope.lookup(name);
  if (binding !== undefined)
    return unknownFunction({ span, labels: [{ span: binding.span, message: 'declared here' }] }, { name, isValue: true });
  const known = [...scope.names((b) => b.kind === 'fn'), ...libraryNames()];
  return unknownFunction({ span }, { name, suggestion: closest(name, known), here: foreignHint(name, scope, call) });
}

function foreignHint(name: string, { home }: Scope, call: CallExpression | undefined): Hint | undefined {
  if (call === undefined || home?.page.file !== call.span.file) return foreignFunction(name);
  const positional = call.positional.map(({ span }) => ({ span, isNamed: false }));
  const named = call.named.map(({ value }) => ({ span: value.span, isNamed: true }));
  return foreignCallHint({ name, span: call.span, callee: call.callee.span, arguments: [...positional, ...named] }, home.page.text);
}
