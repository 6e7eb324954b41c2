/** Forms that make, cut and put together arrays, and loops. */
import { someShape } from './reductions.ts';
import { levels, list, sameShape, type Form, type Known, type Level, type Scope, type Shape, type Writer } from './writer.ts';

/** A name that nothing in scope has. */
function fresh(w: Writer, stem: string): string {
  const taken = w.scope.values.filter(({ text }) => text.startsWith(stem)).length;
  return `${stem}${taken + 1}`;
}

const withValues = (w: Writer, ...added: readonly Known[]): Partial<Scope> => ({ values: [...w.scope.values, ...added] });

/** What a loop goes through, and what each item is. `size`: of the result's axis. */
interface Items {
  readonly over: string;
  readonly item: Pick<Known, 'shape' | 'level'>;
  /** A whole number below the dim: it may be an index. */
  readonly below?: string;
}

function itemsOf(w: Writer, size: string): Items {
  const { draw, scope } = w;
  const set = scope.sets.find(({ name }) => name === size);
  const arrays = w.known((own) => own[0] === size);
  const number = { shape: [], level: levels.data };
  const literal = Number(size);
  if (arrays.length > 0 && draw.chance(0.5)) {
    const { text, shape, level } = draw.pick(arrays);
    return { over: text, item: { shape: shape.slice(1), level } };
  }
  if (set !== undefined) return { over: size, item: number, below: set.over };
  if (Number.isInteger(literal) && draw.chance(0.7)) {
    const from = draw.whole(0, 2);
    return { over: `${from} .. ${from + literal - 1}`, item: number };
  }
  const [, base] = /^(\w+) \+ 1$/u.exec(size) ?? [];
  if (base !== undefined) return { over: `0 .. ${base}`, item: number };
  if (draw.chance(0.3) || size.includes(' ')) return { over: `1 .. ${size}`, item: number };
  return { over: size, item: number, below: size };
}

function comprehension(w: Writer, [size, ...rest]: Shape): string | undefined {
  if (size === undefined || rest.length > 2) return undefined;
  const { over, item, below } = itemsOf(w, size);
  const name = fresh(w, 't');
  const known: Known = { text: name, ...item };
  const picked =
    below === undefined
      ? []
      : w.known((own) => own[0] === below && own.length > 1).map((v) => ({ ...v, text: `${v.text}[${name}]`, shape: v.shape.slice(1) }));
  return `[${w.expression(rest, withValues(w, known, ...picked))} for ${name} in ${over}]`;
}

/** A recurrence that forgets, of one state or two; the states after each step, or the last one. */
function scan(w: Writer, shape: Shape): string | undefined {
  if (shape.length > 2) return undefined;
  const { draw } = w;
  const [first, ...rest] = shape;
  const isStacked = first !== undefined && draw.chance(0.6);
  const size = isStacked ? first : draw.pick(['3', ...w.scope.dims]);
  const state = isStacked ? rest : shape;
  const { over, item } = itemsOf(w, size);
  const [x, u, v] = [fresh(w, 't'), fresh(w, 'u'), fresh(w, 'v')];
  // What a state is, its start and its steps say; both may speak of all there is.
  const level: Level = w.scope.level;
  const added: readonly Known[] = [
    { text: x, ...item },
    { text: u, shape: state, level },
  ];
  const isDouble = draw.chance(0.4);
  const inner = withValues(w, ...added, ...(isDouble ? [{ text: v, shape: [], level }] : []));
  const start = w.expression(state);
  const step = `0.5 * ${u} + 0.3 * tanh(${w.expression(state, inner)})`;
  const text = isDouble
    ? `scan (${u}, ${v}) = (${start}, ${w.expression([])}) over ${x} in ${over} { (${step}, 0.4 * ${v} + ${w.operand([], inner)} / 4) }`
    : `scan ${u} = ${start} over ${x} in ${over} { ${step} }`;
  return isStacked ? text : `(${text})[${w.position(size)}]`;
}

/** Something larger, of which one position, a range, an axis or what labels say is taken. */
function indexed(w: Writer, shape: Shape): string | undefined {
  const { draw, scope } = w;
  const forms = [
    () => {
      const [longer = '2'] = someShape(w, 1, 1);
      if (shape.length === 1 && draw.chance(0.4)) return `${w.operand([...shape, longer])}[:, ${w.position(longer)}]`;
      return shape.length > 2 ? undefined : `${w.operand([longer, ...shape])}[${w.position(longer)}]`;
    },
    () => {
      const [size, ...rest] = shape;
      const long = scope.dims.filter((dim) => scope.long.has(dim));
      if (size !== '2' || long.length === 0) return undefined;
      const dim = draw.pick(long);
      return draw.chance(0.3)
        ? `${w.operand([`${dim} + 1`, ...rest])}[1 .. 2]`
        : `${w.operand([dim, ...rest])}[${draw.pick(['0 .. 1', '-2 .. -1'])}]`;
    },
    () => {
      const [size = '', ...rest] = shape;
      return scope.dims.includes(size)
        ? `${w.operand([`${size} + 1`, ...rest])}[${draw.pick([`1 .. ${size}`, `0 .. ${size} - 1`])}]`
        : undefined;
    },
    () => {
      const [size, ...rest] = shape;
      const set = scope.sets.find(({ name }) => name === size);
      return set === undefined ? undefined : `${w.operand([set.over, ...rest])}[${set.name}]`;
    },
    () => {
      const [size, ...rest] = shape;
      const labels = scope.labels.filter((l) => l.shape.length === 1 && l.shape[0] === size);
      if (labels.length === 0) return undefined;
      const { text, classes } = draw.pick(labels);
      const target = w.operand([classes, ...rest]);
      return draw.chance(0.7) ? `${target}[${text}]` : `take(${target}, ${text}, axis = 0)`;
    },
  ];
  return draw.pick(forms)();
}

/** The same numbers in another order, or of the same size. */
function moved(w: Writer, shape: Shape): string | undefined {
  const { draw } = w;
  const axis = draw.whole(0, Math.max(0, shape.length - 1));
  if (shape.length === 0) return undefined;
  const a = (): string => w.expression(shape);
  const forms = [
    () => `0.5 * cumsum(${a()}, axis = ${axis})`,
    () => `roll(${a()}, ${w.scope.long.has(shape[axis] ?? '') ? draw.whole(-2, 2) : draw.whole(-1, 1)}, axis = ${axis})`,
    () => `softmax(${a()}, axis = ${axis})`,
    () => `0.5 * log_softmax(${a()}, axis = ${axis})`,
    () => `sort(${w.bent(shape)}, axis = ${axis})`,
    () => `0.2 * argsort(${w.bent(shape)}, axis = ${axis})`,
    () => `diff(${w.expression([...shape.slice(0, axis), `${shape[axis]} + 1`, ...shape.slice(axis + 1)])}, axis = ${axis})`,
    () => (shape.length === 2 ? `${w.operand([...shape].reverse())}.T` : undefined),
    () => `reshape(${w.expression([shape.join(' * ')])}, ${list(shape)})`,
  ];
  const form = draw.pick(forms);
  return shape.some((dim) => /[ *]/u.test(dim)) && (form === forms.at(-1) || form === forms[6]) ? undefined : form();
}

/** Of two parts, or out of a few numbers. */
function joined(w: Writer, shape: Shape): string | undefined {
  const { draw } = w;
  const [size, ...rest] = shape;
  const [, base] = /^(\w+) \+ 1$/u.exec(size ?? '') ?? [];
  if (base !== undefined) return `concat(${w.expression([base, ...rest])}, ${w.expression(['1', ...rest])})`;
  if (size === '2') {
    const [a, b] = [w.expression(rest), w.expression(rest)];
    return rest.length === 1 && draw.chance(0.3) ? `stack(${a}, ${b}, axis = 0)` : `[${a}, ${b}]`;
  }
  if (shape.at(-1) === '2') return `stack(${w.expression(shape.slice(0, -1))}, ${w.expression(shape.slice(0, -1))}, axis = -1)`;
  if (shape.length === 2 && draw.chance(0.3)) {
    const [rows = '', columns = ''] = shape;
    return draw.chance(0.5)
      ? `0.5 * ${w.operand([rows, '1'])} + ${w.operand(shape)}`
      : `expand(${w.expression([rows])}, axis = 1) * ones(1, ${columns})`;
  }
  if (sameShape(rest, []) && size === '1') return `[${w.expression([])}]`;
  return shape.length === 1 ? `linspace(${w.expression([])}, ${w.expression([])}, ${size})` : undefined;
}

export const arrays: readonly Form[] = [
  { weight: 2.5, write: comprehension },
  { weight: 1, write: scan },
  { weight: 2.5, write: indexed },
  { weight: 2, write: moved },
  { weight: 2, write: joined },
];
