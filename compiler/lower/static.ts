/** What can be known about a value now: the number or dim that it is, and which inputs it depends on. */
import { bySearch } from '../../diagnostics/names.ts';
import { evaluate, number, size, type Dim } from '../ir/dims.ts';
import { interpret } from '../ir/interpret.ts';
import type { Node, Tensor, Value } from '../ir/graph.ts';
import type { Builder } from '../ir/builder.ts';
import { ancestors } from '../transform/reach.ts';
import { combineSizes } from '../check/sizes.ts';
import type { Context } from './context.ts';

const polynomialOperators: Readonly<Record<string, string>> = { add: '+', sub: '-', mul: '*' };

/** The polynomial in dims that a scalar is, with whole coefficients. */
export function dimOf(value: Value): Dim | undefined {
  if (value.type.shape.length > 0 || value.type.dtype === 'bool') return undefined;
  const { op, inputs, attributes } = value.node;
  if (op === 'constant') return attributes.value !== undefined && Number.isInteger(attributes.value) ? number(attributes.value) : undefined;
  if (op === 'dim_size') return attributes.dim;
  const [left, right] = inputs.map(dimOf);
  if (op === 'neg' && left !== undefined) return combineSizes('-', number(0), left, false);
  const operator = polynomialOperators[op];
  return operator === undefined || left === undefined || right === undefined ? undefined : combineSizes(operator, left, right, false);
}

const limit = 100_000;

/** Whether a node can be run now: it needs no input, and its sizes are known. */
function isKnown(b: Builder, { op, attributes, outputs }: Node): boolean {
  if (op === 'input' || attributes.body !== undefined) return false;
  const own = [attributes.dim, attributes.start, attributes.length].filter((dim) => dim !== undefined);
  if (own.some((dim) => evaluate(dim, b.fixed) === undefined)) return false;
  const elements = outputs.map((v) => evaluate(size(v.type.shape), b.fixed));
  return elements.every((count) => count !== undefined && count <= limit);
}

/** The numbers that a value is known to be, whatever the data. */
export function staticTensor(b: Builder, value: Value): Tensor | undefined {
  if (!ancestors([value]).every((node) => isKnown(b, node))) return undefined;
  return interpret(b.graph('static', [], [value]), [], b.fixed)[0];
}

/** The number that a scalar is known to be. */
export function staticNumber(b: Builder, value: Value): number | undefined {
  return value.type.shape.length > 0 ? undefined : staticTensor(b, value)?.data[0];
}

/** Ways out where a value has to be a whole number, and is made of `int` hypers. */
export const hintsForRelaxed = ({ relaxed }: Pick<Context, 'relaxed'>, value: Value): readonly string[] =>
  inputsOf(value).flatMap(({ attributes, outputs }) => (outputs.some((v) => relaxed.has(v)) ? [bySearch(ownName(attributes.name))] : []));

const ownName = (input = ''): string => input.replace(/^.*:/u, '');

/** The inputs that a value depends on. */
export function inputsOf(value: Value): readonly Node[] {
  return ancestors([value]).filter((node) => node.op === 'input');
}
