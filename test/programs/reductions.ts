/** Forms that take an axis away, or all of them. */
import { list, sameShape, type Form, type Shape, type Writer } from './writer.ts';

/** Vectors and matrices of the dims in scope. */
export function someShape(w: Writer, least: number, most: number): Shape {
  const { dims, sets } = w.scope;
  const rank = w.draw.whole(least, most);
  const rows = w.draw.chance(0.3) && sets.length > 0 ? sets.map(({ name }) => name) : dims;
  return Array.from({ length: rank }, (_, i) => w.draw.pick(i === 0 && rows.length > 0 ? rows : ['2', ...dims]));
}

/** `$`: an array that is reduced; `,`: where an axis may be named. */
const smooth = [
  'mean($,)',
  'sum($,) / 3',
  'var($,)',
  'logsumexp($,)',
  'sqrt(0.2 + var($,))',
  'norm(1.3 + tanh($),)',
  'prod(1 + 0.2 * tanh($),)',
  'mean($^2,)',
] as const;
const bent = ['max($,)', 'min($,)', 'sum(abs($),)', '0.2 * mean($ > 0,)'] as const;

const reduced = (template: string, operand: string, axis: string): string =>
  template.replace('$', () => operand).replace(',)', axis === '' ? ')' : `, axis = ${axis})`);

function whole(w: Writer, shape: Shape, templates: readonly string[], operand: (shape: Shape) => string): string | undefined {
  if (shape.length > 0) return undefined;
  const own = someShape(w, 1, 2);
  const axes = own.length === 2 && w.draw.chance(0.2) ? '[0, 1]' : '';
  return reduced(w.draw.pick(templates), operand(own), axes);
}

/** Of a shape with one axis more. */
function along(w: Writer, shape: Shape, templates: readonly string[], operand: (shape: Shape) => string): string | undefined {
  if (shape.length === 0 || shape.length > 2) return undefined;
  const axis = w.draw.whole(0, shape.length);
  const [extra] = someShape(w, 1, 1);
  const own = [...shape.slice(0, axis), extra ?? '2', ...shape.slice(axis)];
  return reduced(w.draw.pick(templates), operand(own), String(w.draw.chance(0.3) ? axis - own.length : axis));
}

function apart(w: Writer): string {
  const [size = '2'] = someShape(w, 1, 1);
  return `std(tanh(${w.expression([size])}) + [3 * i for i in 0 .. ${size}][1 .. ${size}])`;
}

/** A loss of the prelude, of arrays or of logits with labels. */
function prelude(w: Writer, shape: Shape): string | undefined {
  if (shape.length > 0) return undefined;
  const own = someShape(w, 1, 2);
  const [a, b] = [w.expression(own), w.expression(own)];
  const { labels, dims } = w.scope;
  const forms = [
    () => `mse(${a}, ${b})`,
    () => `0.3 * l2(${a})`,
    () => `huber(${a}, ${b}, delta = ${w.draw.figure(0.5, 1.5)})`,
    () => `huber(${a}, ${b})`,
    () => `binary_cross_entropy(${a}, sigmoid(${b}))`,
    () => `0.2 * l1(${w.bent(own)})`,
    () => `hinge(${w.bent(own)}, tanh(${w.bent(own)}))`,
    () => `0.3 * accuracy(${w.bent(own)}, (${w.bent(own)} > 0) * 1)`,
    () => (own.length === 2 ? `cross_entropy(${a}, softmax(${b}))` : undefined),
    () => {
      const known = labels.filter((l) => l.shape.length === 1 && dims.includes(l.classes));
      if (known.length === 0) return undefined;
      const { text, shape: rows, classes } = w.draw.pick(known);
      const logits = [...rows, classes];
      return w.draw.chance(0.7) ? `cross_entropy(${w.expression(logits)}, ${text})` : `0.3 * accuracy(${w.bent(logits)}, ${text})`;
    },
  ];
  return w.draw.pick(forms)();
}

/** ⟨a, b⟩ of vectors, in the ways there are to write it. */
function inner(w: Writer, shape: Shape): string | undefined {
  if (shape.length > 0) return undefined;
  const own = someShape(w, 1, 1);
  const [a, b] = [w.operand(own), w.operand(own)];
  return w.draw.pick([`0.5 * ${a} @ ${b}`, `0.5 * dot(${a}, ${b})`, `0.3 * trace(outer(${a}, ${b}))`, `sum(${a} * ${b}) / size(${a})`]);
}

export const reductions: readonly Form[] = [
  { weight: 4, write: (w, shape) => whole(w, shape, smooth, (own) => w.operand(own)) },
  { weight: 1, write: (w, shape) => whole(w, shape, bent, (own) => w.bent(own)) },
  { weight: 2, write: (w, shape) => along(w, shape, smooth, (own) => w.operand(own)) },
  { weight: 0.7, write: (w, shape) => along(w, shape, bent, (own) => w.bent(own)) },
  // Numbers that are apart: where all are one, the deviation has a kink.
  { weight: 0.5, write: (w, shape) => (shape.length > 0 ? undefined : apart(w)) },
  { weight: 4, write: prelude },
  { weight: 2, write: inner },
  {
    // What is alike in shape, as a number that is no derivative of anything.
    weight: 0.2,
    write: (w, shape) =>
      sameShape(shape, []) ? `0.1 * argmax(${w.bent(someShape(w, 1, 1))})` : `0.1 * argmax(full(${list([...shape, '2'])}, 1.0), axis = -1)`,
  },
];
