/** Forms of any shape, element by element. */
import { levels, type Form, type Shape, type Writer } from './writer.ts';

// `$` stands for an operand. Each has bounded slopes where its operand is small, and no pole.
const smooth = [
  'tanh($)', 'sigmoid($)', 'sin($)', 'cos($)', 'softplus($)', 'erf($)', 'gelu($)', 'silu($)', 'exp(0.5 * tanh($))', 'log(1.5 + sin($))',
  'log1p($^2)', 'expm1(0.5 * sin($))', 'sqrt(0.5 + $^2)', '(1 + $^2)^0.7', '1 / (1 + $^2)', '-$', '+$', '0.5 * $', '$ - 0.25', '$^2 / (1 + $^2)',
  '(1.5 + cos($))^-1', '2^tanh($)', '(1.2 + sin($))^(0.5 + sigmoid($))', '0.3 * $^3 / (1 + $^4)', '1 - $',
] as const; // prettier-ignore
const bent = [
  'relu($)',
  'abs($)',
  'clip($, -0.6, 0.9)',
  '0.1 * sign($)',
  '0.1 * floor($)',
  'maximum($, -0.3)',
  'minimum(0.7, $)',
  '($ > 0.1) * 0.5',
] as const;

const inserted = (template: string, operand: string): string => template.replaceAll('$', () => operand);

/** The shape or one that promotes to it: its last axes. */
const promoted = (writer: Writer, shape: Shape): Shape =>
  writer.draw.chance(0.25) ? shape.slice(writer.draw.whole(0, shape.length)) : shape;

function both(writer: Writer, shape: Shape, operand: (shape: Shape) => string): readonly [string, string] {
  const pair = [operand(shape), operand(promoted(writer, shape))] as const;
  return writer.draw.chance(0.5) ? pair : [pair[1], pair[0]];
}

/** One or several comparisons, of what may decide where there are to be no kinks. */
export function condition(writer: Writer, shape: Shape, depth = 2): string {
  const { draw } = writer;
  const inner = (): string => condition(writer, shape, depth - 1);
  if (depth > 0 && draw.chance(0.2)) return `(${inner()} ${draw.pick(['and', 'or'])} ${inner()})`;
  if (depth > 0 && draw.chance(0.1)) return `not (${inner()})`;
  const own = writer.bends(shape) ? shape : [];
  const [a, b] = [writer.bent(own), writer.bent(promoted(writer, own))];
  return `${a} ${draw.pick(['<', '<=', '>', '>=', '<', '>', '==', '!='])} ${b}`;
}

function call(writer: Writer, shape: Shape): string | undefined {
  const { scope, draw } = writer;
  const fit = scope.callables.filter(
    (c) => c.takes === 'elements' && c.level <= scope.level && (c.smooth || !scope.smooth || scope.level < levels.param),
  );
  if (fit.length === 0) return undefined;
  const { name, option } = draw.pick(fit);
  const argument = writer.expression(shape);
  if (option === undefined || draw.chance(0.4)) return `${name}(${argument})`;
  const value = writer.weight();
  return draw.chance(0.5) ? `${name}(${argument}, ${value})` : `${name}(${argument}, ${option} = ${value})`;
}

export const pointwise: readonly Form[] = [
  { weight: 5, write: (w, shape) => inserted(w.draw.pick(smooth), w.operand(shape)) },
  { weight: 2, write: (w, shape) => (w.bends(shape) ? inserted(w.draw.pick(bent), w.bent(shape)) : undefined) },
  {
    weight: 5,
    write: (w, shape) => {
      const [a, b] = both(w, shape, (own) => w.operand(own));
      return w.draw.pick([`${a} + ${b}`, `${a} - ${b}`, `0.7 * ${a} * ${b}`, `${a} / (1 + ${b}^2)`, `${a} * ${b}`, `tanh(${a}) * ${b}`]);
    },
  },
  {
    weight: 1,
    write: (w, shape) => {
      if (!w.bends(shape)) return undefined;
      const [a, b] = both(w, shape, (own) => w.bent(own));
      return `${w.draw.pick(['maximum', 'minimum'])}(${a}, ${b})`;
    },
  },
  {
    weight: 1.5,
    write: (w, shape) => `if ${condition(w, shape)} then ${w.expression(shape)} else ${w.expression(promoted(w, shape))}`,
  },
  { weight: 3, write: call },
  { weight: 0.2, write: (w, shape) => `gate(${w.expression(shape)}, ${w.expression(shape)}, temperature = ${w.weight()})` },
];
