/** The kernels of our own on `webgl` and `webgpu`: each is one shader, and sums of many terms a few, one over the other. */
import { mapValues, type Around, type Run, type Tfjs } from '../library.ts';
import { transposed, viewed } from '../form.ts';
import type { ShaderKernels } from '../own.ts';
import { formulas } from './formulas.ts';
import type { Programs } from './programs.ts';
import { webglPrograms } from './webgl.ts';
import { webgpuPrograms } from './webgpu.ts';
import type { Writer } from './writer.ts';

/** Terms that one invocation adds up: few enough for float32, and for many invocations to share the work. */
const window = 256;

type Fold = (w: Writer, total: string, term: string) => void;

const folds: Readonly<Record<'sum' | 'max', { readonly start: (w: Writer) => string; readonly fold: Fold }>> = {
  sum: { start: () => '0.0', fold: (w, total, term) => w.assign(total, `${total} + ${term}`) },
  max: {
    start: (w) => `-${w.dialect.infinity}`,
    // A total that is not a number is never passed.
    fold: (w, total, term) => w.when(`${term} > ${total} || isnan(${term})`, () => w.assign(total, term)),
  },
};

const whole = ({ outer, length, inner }: Around): readonly number[] => [outer, length, inner];

export function shaderKernels(tfjs: Tfjs): ShaderKernels {
  const seen = (size: Around, result: readonly number[], run: Run): Run => viewed(tfjs, run, [whole(size)], result);
  const { pointwise, placed } = tfjs.variant === 'webgl' ? webglPrograms(tfjs) : webgpuPrograms(tfjs);
  return {
    pointwise: mapValues(
      formulas,
      (formula, op) => (spread) => pointwise(op, spread, (w, [x = '', y = '', z = '']) => formula(w, x, y, z)),
    ),
    repeated: (spread) => pointwise('repeated', spread, (_w, [x = '']) => x),
    turned: (shape, axes) => transposed(tfjs, shape, axes),
    sum: (size, result) => seen(size, result, reduction(placed, 'sum', size)),
    max: (size, result) => seen(size, result, reduction(placed, 'max', size)),
    argmax: (size, result) => seen(size, result, places(placed, size)),
    cumsum: (size, isReversed, result) => seen(size, result, runningSums(placed, size, isReversed)),
    gather: ({ outer, length, inner }, count, result) =>
      byPositions(
        tfjs,
        [outer, length, inner],
        count,
        result,
        placed('gather', 2, [outer, count, inner], (w, [i, j, k], [x, at]) => {
          const position = w.let(`${at?.('0', j, '0')}`);
          const value = w.let(w.nan);
          w.when(`${position} >= 0.0 && ${position} < ${length}.0`, () => w.assign(value, `${x?.(i, w.dialect.toWhole(position), k)}`));
          return value;
        }),
      ),
    scatterAdd: ({ outer, length, inner }, count, result) =>
      byPositions(
        tfjs,
        [outer, count, inner],
        count,
        result,
        placed('scatter_add', 2, [outer, length, inner], (w, [i, j, k], [x, at]) => {
          // In blocks, each complete before it joins the total.
          const [total, part] = [w.let('0.0'), w.let('0.0')];
          w.loop(
            (from) => `${from} < ${count}`,
            (from) => {
              w.when(`${at?.('0', from, '0')} == ${w.dialect.toReal(j)}`, () => w.assign(part, `${part} + ${x?.(i, from, k)}`));
              w.when(`${from} % ${window} == ${window - 1}`, () => {
                w.assign(total, `${total} + ${part}`);
                w.assign(part, '0.0');
              });
            },
          );
          return `${total} + ${part}`;
        }),
      ),
  };
}

/** Operands with three axes, as programs read them. */
const byPositions = (tfjs: Tfjs, shape: readonly number[], count: number, result: readonly number[], run: Run): Run =>
  viewed(tfjs, run, [shape, [1, count, 1]], result);

/** Of the largest of each run, its place. */
const places = (placed: Programs['placed'], { outer, length, inner }: Around): Run =>
  placed('argmax', 1, [outer, 1, inner], (w, [i, , k], [x]) => {
    const best = w.let(`${x?.(i, '0', k)}`);
    const place = w.let('0.0');
    w.loop(
      (j) => `${j} < ${length}`,
      (j) => {
        const candidate = w.let(`${x?.(i, j, k)}`);
        w.when(`${candidate} > ${best}`, () => {
          w.assign(best, candidate);
          w.assign(place, w.dialect.toReal(j));
        });
      },
    );
    return place;
  });

/** Each adds what is 1, 2, 4, … places before it, if there is anything: sums of twice as many terms each time. */
function runningSums(placed: Programs['placed'], { outer, length, inner }: Around, isReversed: boolean): Run {
  const steps: Run[] = [];
  for (let distance = 1; steps.length === 0 || distance < length; distance *= 2) {
    steps.push(
      placed('cumsum', 1, [outer, length, inner], (w, [i, j, k], [x]) => {
        const total = w.let(`${x?.(i, j, k)}`);
        const [holds, place] = isReversed
          ? [`${j} + ${distance} < ${length}`, `${j} + ${distance}`]
          : [`${j} >= ${distance}`, `${j} - ${distance}`];
        w.when(holds, () => w.assign(total, `${total} + ${x?.(i, place, k)}`));
        return total;
      }),
    );
  }
  return (tensor) => steps.reduce((x, step) => step(x), tensor);
}

function reduction(placed: Programs['placed'], name: keyof typeof folds, { outer, length, inner }: Around): Run {
  const { start, fold } = folds[name];
  const steps: Run[] = [];
  for (let rest = length; steps.length === 0 || rest > 1;) {
    const [own, blocks] = [rest, Math.ceil(rest / window)];
    steps.push(
      placed(name, 1, [outer, blocks, inner], (w, [i, j, k], [x]) => {
        const total = w.let(start(w));
        const first = w.variable('whole', `${j} * ${window}`);
        w.loop(
          (index) => `${index} < ${Math.min(window, own)} && ${first} + ${index} < ${own}`,
          (index) => fold(w, total, w.let(`${x?.(i, `${first} + ${index}`, k)}`)),
        );
        return total;
      }),
    );
    rest = blocks;
  }
  return (tensor) => steps.reduce((x, step) => step(x), tensor);
}
