/** The unrolled network by hand in gpu.js: a hundred steps of back-propagation, and back through each of them. */
import { summed, type Bench, type Value } from './bench-of-gpujs.ts';
import { numberOf, type Task, type Way } from './kinds.ts';

/** W1, b1, W2, b2, or what belongs to each. */
type Parts = readonly [Value, Value, Value, Value];

type Kernel = (...operands: readonly Value[]) => Value;

const thread = 'this.thread.x';

const oneHot = (labels: ArrayLike<number>, classes: number): Float32Array =>
  Float32Array.from({ length: labels.length * classes }, (_, at) => (labels[Math.floor(at / classes)] === at % classes ? 1 : 0));

/** Row and column of this thread. */
const place = (columns: number): string =>
  `let i = Math.floor((this.thread.x + 0.5) / ${columns}.0); let j = this.thread.x - i * ${columns};`;

/** Kernels over `rows` rows of data. */
function layers(bench: Bench, rows: number, p: number, h: number, c: number) {
  const inHidden = (body: string): string => `${place(h)} ${body}`;
  const inClasses = (body: string): string => `${place(c)} ${body}`;
  const slope = '(1.0 - A[i * H + j] * A[i * H + j])'.replaceAll('H', String(h));
  const hidden = bench.kernel(
    rows * h,
    'X, W, b',
    inHidden(`${summed('sum', 'k', p, `X[i * ${p} + k] * W[k * ${h} + j]`)} return Math.tanh(sum + b[j]);`),
  );
  const scores = bench.kernel(
    rows * c,
    'A, W, b',
    inClasses(`${summed('sum', 'k', h, `A[i * ${h} + k] * W[k * ${c} + j]`)} return sum + b[j];`),
  );
  const largest = `let top = Z[this.thread.x * ${c}]; for (let k = 1; k < ${c}; k++) { top = Math.max(top, Z[this.thread.x * ${c} + k]); }`;
  const logSum = bench.kernel(
    rows,
    'Z',
    `${largest} ${summed('sum', 'l', c, `Math.exp(Z[this.thread.x * ${c} + l] - top)`)} return top + Math.log(sum);`,
  );
  const errors = bench.kernel(rows * c, 'Z, L, Y', inClasses(`return (Math.exp(Z[this.thread.x] - L[i]) - Y[this.thread.x]) / ${rows}.0;`));
  const carried = bench.kernel(
    rows * h,
    'E, W, A',
    inHidden(`${summed('sum', 'k', c, `E[i * ${c} + k] * W[j * ${c} + k]`)} return sum * ${slope};`),
  );
  // Gradients, the decay of the weights among them.
  const overRows = (left: string, a: number, right: string, b: number): string =>
    `${place(b)} ${summed('sum', 'k', rows, `${left}[k * ${a} + i] * ${right}[k * ${b} + j]`)}`;
  const decayed = 'return sum + decay * W[this.thread.x];';
  const inW1 = bench.kernel(p * h, 'X, B, W, decay', `${overRows('X', p, 'B', h)} ${decayed}`);
  const inW2 = bench.kernel(h * c, 'A, E, W, decay', `${overRows('A', h, 'E', c)} ${decayed}`);
  const total = (columns: number): Kernel =>
    bench.kernel(columns, 'B', `${summed('sum', 'k', rows, `B[k * ${columns} + this.thread.x]`)} return sum;`);
  const [inB1, inB2] = [total(h), total(c)];
  const gradient = ([W1, b1, W2, b2]: Parts, X: Value, Y: Value, decay: Value) => {
    const A = hidden(X, W1, b1);
    const Z = scores(A, W2, b2);
    const E = errors(Z, logSum(Z), Y);
    const B = carried(E, W2, A);
    const parts: Parts = [inW1(X, B, W1, decay), inB1(B), inW2(A, E, W2, decay), inB2(E)];
    return { A, E, parts };
  };
  return { gradient, slope, inHidden, inClasses, inW1, inB1, inB2 };
}

export function networkByHand({ arrays, sizes }: Task, bench: Bench): Way['run'] {
  const [n, m, p, h, c] = ['n', 'm', 'pixels', 'hidden', 'classes'].map((size) => numberOf(sizes, size)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const given = (name: string): ArrayLike<number> => arrays[name] ?? [];
  const [X, Xv, W1, W2] = ['X', 'Xv', 'W1', 'W2'].map((name) => bench.lasting(given(name)));
  const [Y, Yv] = ['y', 'yv'].map((name) => bench.lasting(oneHot(given(name), c)));
  const [b1, b2, nothing] = [h, c, 2].map((size) => bench.lasting(new Float32Array(size)));
  const { gradient, slope, inHidden, inClasses, inW1, inB1, inB2 } = layers(bench, n, p, h, c);
  const valid = layers(bench, m, p, h, c);
  const lengths = [p * h, h, h * c, c];
  const steps = lengths.map((length) => bench.kernel(length, 'w, g, rate', 'return w[this.thread.x] - rate * g[this.thread.x];'));
  const moved = (from: Parts, by: Parts, rate: Value): Parts => steps.map((step, i) => step(from[i], by[i], rate)) as unknown as Parts;

  // Every line of back-propagation, differentiated along the adjoint, R before its name.
  const hiddenAlong = bench.kernel(
    n * h,
    'X, V, v, A',
    inHidden(`${summed('sum', 'k', p, `X[i * ${p} + k] * V[k * ${h} + j]`)} return (sum + v[j]) * ${slope};`),
  );
  const scoresAlong = bench.kernel(
    n * c,
    'RA, W, A, V, v',
    inClasses(`${summed('sum', 'k', h, `RA[i * ${h} + k] * W[k * ${c} + j] + A[i * ${h} + k] * V[k * ${c} + j]`)} return sum + v[j];`),
  );
  const own = (at: string): string => `(${n}.0 * E[${at}] + Y[${at}])`;
  const mean = bench.kernel(
    n,
    'E, Y, RZ',
    `${summed('sum', 'k', c, `${own(`this.thread.x * ${c} + k`)} * RZ[this.thread.x * ${c} + k]`)} return sum;`,
  );
  const errorsAlong = bench.kernel(
    n * c,
    'E, Y, RZ, M',
    inClasses(`return ${own('this.thread.x')} * (RZ[this.thread.x] - M[i]) / ${n}.0;`),
  );
  const carriedAlong = bench.kernel(
    n * h,
    'RE, E, W, V, A, RA',
    inHidden(
      [
        summed('sum', 'k', c, `RE[i * ${c} + k] * W[j * ${c} + k] + E[i * ${c} + k] * V[j * ${c} + k]`),
        summed('back', 'l', c, `E[i * ${c} + l] * W[j * ${c} + l]`),
        `return sum * ${slope} - 2.0 * back * A[this.thread.x] * RA[this.thread.x];`,
      ].join(' '),
    ),
  );
  const inW2Along = bench.kernel(
    h * c,
    'RA, E, A, RE, V, decay',
    `${place(c)} ${summed('sum', 'k', n, `RA[k * ${h} + i] * E[k * ${c} + j] + A[k * ${h} + i] * RE[k * ${c} + j]`)} return sum + decay * V[this.thread.x];`,
  );
  // A device may refuse more than eight buffers a kernel: the inner products part by part.
  const inBoth = [p * h, h * c].map((length) =>
    bench.kernel(
      2,
      'before, v, W, g, rate',
      [
        summed('inDecay', 'k', length, 'v[k] * W[k]'),
        summed('inRate', 'l', length, 'v[l] * g[l]'),
        `return before[${thread}] - (${thread} < 1 ? rate * inDecay : inRate);`,
      ].join(' '),
    ),
  );
  const inRate = [h, c].map((length) =>
    bench.kernel(2, 'before, v, g', `${summed('sum', 'k', length, 'v[k] * g[k]')} return before[${thread}] - (${thread} < 1 ? 0.0 : sum);`),
  );
  const found = (before: Value, v: Parts, at: Parts, g: Parts, rate: Value): Value => {
    const [weights1, weights2] = inBoth as [Kernel, Kernel];
    const [biases1, biases2] = inRate as [Kernel, Kernel];
    const weights = weights2(weights1(before, v[0], at[0], g[0], rate), v[2], at[2], g[2], rate);
    return biases2(biases1(weights, v[1], g[1]), v[3], g[3]);
  };

  const whole = bench.composed((decay, rate) => {
    let params: Parts = [W1, b1, W2, b2];
    const trail = Array.from({ length: numberOf(sizes, 'steps') }, () => {
      const at = params;
      const made = gradient(at, X, Y, decay);
      params = moved(at, made.parts, rate);
      return { at, ...made };
    });
    let v: Parts = valid.gradient(params, Xv, Yv, 0).parts;
    let derivatives = nothing;
    for (const { at, parts, A, E } of trail.toReversed()) {
      derivatives = found(derivatives, v, at, parts, rate);
      const RA = hiddenAlong(X, v[0], v[1], A);
      const RZ = scoresAlong(RA, at[2], A, v[2], v[3]);
      const RE = errorsAlong(E, Y, RZ, mean(E, Y, RZ));
      const RB = carriedAlong(RE, E, at[2], v[2], A, RA);
      v = moved(v, [inW1(X, RB, v[0], decay), inB1(RB), inW2Along(RA, E, A, RE, v[2], decay), inB2(RE)], rate);
    }
    return [derivatives];
  });
  return async (at) => {
    const [derivatives = []] = await whole(numberOf(at, 'decay'), numberOf(at, 'rate'));
    return Array.from(derivatives);
  };
}
