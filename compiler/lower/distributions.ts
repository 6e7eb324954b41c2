/** `~ normal(mean, sd)` and the like: what a param begins at, and what noise is drawn from. */
import type { Span } from '../../diagnostics/diagnostic.ts';
import { badDistribution, wrongArity } from '../../diagnostics/names.ts';
import type { CallExpression } from '../../grammar/ast.ts';
import { closest } from '../../grammar/spelling.ts';
import type { Scope } from '../check/scope.ts';
import { printType, type DeclaredType } from '../check/types.ts';
import type { Value } from '../ir/graph.ts';
import type { DistributionName, ParamInfo } from '../program.ts';
import { commonShape, stretch, toReal } from './arithmetic.ts';
import { refuse, show, type Context } from './context.ts';
import { standardNoise, type Stream } from './noise.ts';
import { staticNumber } from './static.ts';

/** What each is told, in this order. */
export const distributions = { normal: ['mean', 'sd'], uniform: ['lo', 'hi'], gumbel: [], logistic: [] } as const satisfies Record<
  DistributionName,
  readonly string[]
>;

const isDistribution = (name: string): name is DistributionName => Object.hasOwn(distributions, name);

interface Argument {
  readonly parameter: string;
  readonly value: Value;
  readonly span: Span;
}

interface Distribution {
  readonly name: DistributionName;
  /** In the order of the parameters. */
  readonly arguments: readonly Argument[];
}

/** A distribution by its name, with its arguments, of which those that are known make sense; `undefined` after reports. */
function readDistribution(c: Context, call: CallExpression, scope: Scope): Distribution | undefined {
  const { name, span } = call.callee;
  if (!isDistribution(name)) {
    const suggestion = closest(name, Object.keys(distributions));
    return refuse(c, badDistribution({ span }, { because: `no distribution is called \`${name}\``, suggestion }));
  }
  const parameters: readonly string[] = distributions[name];
  const given = [...call.positional, ...call.named.map((n) => n.value)];
  if (given.length !== parameters.length || call.named.some((n) => !parameters.includes(n.name.name))) {
    const expected = parameters.length === 0 ? 'no arguments' : `${parameters.length} arguments (${parameters.join(', ')})`;
    return refuse(c, wrongArity({ span: call.span }, { name, expected, given: given.length }));
  }
  const byName = new Map(call.named.map((n) => [n.name.name, n.value]));
  const read = parameters.flatMap((parameter, i): readonly Argument[] => {
    const expression = byName.get(parameter) ?? call.positional[i];
    const value = expression === undefined ? undefined : c.elaborate(expression, scope);
    return expression === undefined || value === undefined ? [] : [{ parameter, value, span: expression.span }];
  });
  if (read.length !== parameters.length) return undefined;
  const [first, second] = read.map(({ value }) => staticNumber(c.b, value));
  const senseless =
    name === 'normal' && second !== undefined && second < 0
      ? `a standard deviation of ${second}`
      : name === 'uniform' && first !== undefined && second !== undefined && second <= first
        ? `nothing lies between ${first} and ${second}`
        : undefined;
  if (senseless !== undefined) return refuse(c, badDistribution({ span: call.span }, { because: senseless }));
  return { name, arguments: read };
}

/** What a param is drawn from: its arguments are numbers that are known now. */
export function knownDistribution(c: Context, call: CallExpression, scope: Scope): ParamInfo['distribution'] {
  const read = readDistribution(c, call, scope);
  if (read === undefined) return undefined;
  const { name } = read;
  const numbers = read.arguments.map(({ parameter, value, span }) => {
    const known = staticNumber(c.b, value);
    if (known === undefined)
      c.report(badDistribution({ span }, { because: `\`${parameter}\` of \`${name}\` is not a number that is known now` }));
    return known;
  });
  const known = numbers.filter((n) => n !== undefined);
  return known.length === numbers.length ? { name, arguments: known } : undefined;
}

/**
 * Noise of a declared shape: mean + sd · standard normal, lo + (hi − lo) · standard uniform, so that it is differentiated in its arguments,
 * which stretch to the shape. `undefined` after reports.
 * Source: Kingma & Welling (2014), "Auto-encoding variational Bayes", §2.4 (the reparametrisation).
 */
export function drawnFrom(c: Context, call: CallExpression, scope: Scope, type: DeclaredType, stream: Stream): Value | undefined {
  const read = readDistribution(c, call, scope);
  if (read === undefined) return undefined;
  const { b } = c;
  const standard = standardNoise(b, read.name, stream, type.shape);
  const stretched = read.arguments.flatMap((argument) => stretchedTo(c, read.name, argument, type, standard) ?? []);
  if (stretched.length !== read.arguments.length) return undefined;
  const [first, second] = stretched;
  if (first === undefined || second === undefined) return standard;
  return b.add(first, b.mul(read.name === 'normal' ? second : b.sub(second, first), standard));
}

/** An argument in the declared shape. */
function stretchedTo(
  c: Context,
  name: DistributionName,
  { parameter, value, span }: Argument,
  type: DeclaredType,
  standard: Value,
): Value | undefined {
  const operands = [
    { value, span },
    { value: standard, span: type.span },
  ] as const;
  const shape = commonShape(c, `\`${name}\``, ...operands, span);
  if (shape === undefined) return undefined;
  if (c.b.sameShape(shape, type.shape)) return stretch(c, toReal(c, value), type.shape);
  const declared = printType('real', type.shape);
  const because = `\`${parameter}\` of \`${name}\` is ${show(value)}, which does not fit into ${declared}`;
  return refuse(c, badDistribution({ span, labels: [{ span: type.span, message: 'declared here' }] }, { because }));
}
