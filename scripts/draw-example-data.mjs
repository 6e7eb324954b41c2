/**
 * Writes the data of the examples that are drawn and not measured. The seed of each file is in its call; numbers are rounded, so that the
 * files are the same wherever this runs. From the root of the repository:
 *
 *     node scripts/draw-example-data.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (file) => fileURLToPath(new URL(`../examples/${file}`, import.meta.url));
const round = (x, digits = 4) => Number(x.toFixed(digits)) + 0;
const range = (n, of) => Array.from({ length: n }, (_, i) => of(i));

function write(file, header, rows) {
  writeFileSync(path(file), [header, ...rows].map((row) => `${row.join(',')}\n`).join(''));
}

function read(file) {
  const [header, ...rows] = readFileSync(path(file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return { header, rows };
}

/** Uniform numbers in [0, 1): mulberry32; and normal ones of them, by Box and Muller. */
function random(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

// robust: the diabetes table of ridge, where one in six values of `progression` was written down with a slip.
{
  const { uniform } = random(1);
  const { header, rows } = read('ridge/diabetes.csv');
  const slips = [(y) => 10 * y, (y) => 1000 - y, (y) => y + 400];
  write(
    'robust/diabetes-with-slips.csv',
    [...header, 'written'],
    rows.map((row) => {
      const y = Number(row.at(-1));
      return [...row, uniform() < 1 / 6 ? slips[Math.floor(3 * uniform())](y) : y];
    }),
  );
}

// gaussian-process: the first problem of J. H. Friedman, "Multivariate adaptive regression splines" (1991): five of ten features matter.
{
  const { uniform, normal } = random(2);
  const friedman = ([a, b, c, d, e]) => 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e;
  write(
    'gaussian-process/friedman.csv',
    [...range(10, (i) => `x${i + 1}`), 'y'],
    range(160, () => {
      const x = range(10, () => round(uniform()));
      return [...x, round(friedman(x) + normal())];
    }),
  );
}

// kernel-ridge: waves around a point, sin(r)/r.
{
  const { uniform, normal } = random(5);
  write(
    'kernel-ridge/waves.csv',
    ['x1', 'x2', 'height'],
    range(300, () => {
      const x = range(2, () => round(16 * uniform() - 8));
      const r = Math.hypot(...x);
      return [...x, round(Math.sin(r) / r + 0.05 * normal())];
    }),
  );
}

// support-vectors: two classes that wind around each other.
{
  const { uniform, normal } = random(3);
  write(
    'support-vectors/spirals.csv',
    ['x1', 'x2', 'side'],
    range(240, (i) => {
      const side = i % 2 === 0 ? 1 : -1;
      const turn = 0.6 + 2.6 * Math.sqrt(uniform());
      const angle = Math.PI * turn;
      return [round(side * turn * Math.cos(angle) + 0.4 * normal()), round(side * turn * Math.sin(angle) + 0.4 * normal()), side];
    }),
  );
}

// banded-ridge: sixty features in three bands, of which one matters much, one a little, and the largest not at all.
{
  const { normal } = random(4);
  const bands = [...range(4, () => 0), ...range(12, () => 1), ...range(44, () => 2)];
  write(
    'banded-ridge/features.csv',
    ['feature', 'band'],
    bands.map((band, i) => [`x${i}`, 'abc'[band] ?? '']),
  );
  const weight = bands.map((band) => [1, 0.25, 0][band] * normal());
  write(
    'banded-ridge/bands.csv',
    [...bands.map((_, i) => `x${i}`), 'y'],
    range(150, () => {
      const x = range(bands.length, () => round(normal(), 3));
      return [
        ...x,
        round(
          x.reduce((sum, value, i) => sum + value * (weight[i] ?? 0), 1.5 * normal()),
          3,
        ),
      ];
    }),
  );
}

// elastic-net: the fourth problem of H. Zou and T. Hastie, "Regularization and variable selection via the elastic net" (2005), section 5:
// three factors, each seen through five features, and twenty-five features that are noise.
{
  const { normal } = random(6);
  write(
    'elastic-net/factors.csv',
    [...range(40, (i) => `x${i}`), 'y'],
    range(300, () => {
      const factors = range(3, () => normal());
      const x = range(40, (i) => round(i < 15 ? (factors[Math.floor(i / 5)] ?? 0) + 0.1 * normal() : normal(), 3));
      return [...x, round(3 * x.slice(0, 15).reduce((sum, value) => sum + value, 0) + 10 * normal(), 2)];
    }),
  );
}

// echo-state: the equation of Mackey and Glass with a delay of 17, by fourth-order steps of 0.1, seen once a unit of time; and a reservoir.
{
  const { uniform, normal } = random(7);
  const [delay, perUnit, h] = [17, 10, 0.1];
  const x = range(delay * perUnit + 1, () => 1.2 + 0.02 * (uniform() - 0.5));
  const change = (now, then) => (0.2 * then) / (1 + then ** 10) - 0.1 * now;
  while (x.length < (100 + delay + 500) * perUnit) {
    const [now, then, next] = [x.at(-1), x.at(-1 - delay * perUnit), x.at(-delay * perUnit)];
    const half = (then + next) / 2;
    const k1 = change(now, then);
    const k2 = change(now + (h / 2) * k1, half);
    const k3 = change(now + (h / 2) * k2, half);
    x.push(now + (h / 6) * (k1 + 2 * k2 + 2 * k3 + change(now + h * k3, next)));
  }
  const seen = x.filter((_, i) => i % perUnit === 0).slice(100);
  write(
    'echo-state/mackey-glass.csv',
    ['x'],
    seen.slice(0, 501).map((value) => [round(value + 0.02 * normal())]),
  );
  const units = 40;
  const weights = range(units, () => range(units, () => (uniform() < 0.2 ? normal() / Math.sqrt(0.2 * units) : 0)));
  write(
    'echo-state/reservoir.csv',
    range(units, (i) => `w${i}`),
    weights.map((row) => row.map((w) => round(w, 3))),
  );
  write(
    'echo-state/inputs.csv',
    ['bias', 'input'],
    range(units, () => range(2, () => round(2 * uniform() - 1, 3))),
  );
}

// denoising: ten signals that are straight but for four kinks, and what is seen of them.
{
  const { uniform, normal } = random(8);
  const signals = range(10, () => {
    const jumps = range(4, () => Math.floor(48 * uniform())).sort((a, b) => a - b);
    const kinks = [0, ...jumps, 48];
    const levels = kinks.map(() => 2 * uniform() - 1);
    return range(48, (t) => {
      const piece = kinks.findLastIndex((kink) => kink <= t);
      const share = (t - kinks[piece]) / (kinks[piece + 1] - kinks[piece]);
      return round(levels[piece] * (1 - share) + levels[piece + 1] * share, 3);
    });
  });
  const header = range(48, (t) => `t${t}`);
  write('denoising/clean.csv', header, signals);
  write(
    'denoising/noisy.csv',
    header,
    signals.map((row) => row.map((x) => round(x + 0.15 * normal(), 3))),
  );
}

// portfolio: daily returns, in percent, of twelve assets that share three factors.
{
  const { uniform, normal } = random(19);
  const assets = range(12, () => ({ drift: 0.02 + 0.08 * uniform(), loads: range(3, () => 0.5 * normal()), own: 0.5 + uniform() }));
  const rows = range(300, () => {
    const factors = range(3, () => normal());
    return assets.map(({ drift, loads, own }) =>
      round(
        loads.reduce((sum, load, i) => sum + load * factors[i], drift + own * normal()),
        3,
      ),
    );
  });
  write(
    'portfolio/returns.csv',
    range(12, (i) => `asset${i + 1}`),
    rows,
  );
}

// old-samples: a regression whose weights drift.
{
  const { normal } = random(10);
  let w = [1, -1, 0.5];
  const rows = range(300, () => {
    w = w.map((each) => each + 0.12 * normal());
    const x = range(3, () => round(normal(), 3));
    return [
      ...x,
      round(
        x.reduce((sum, value, i) => sum + value * w[i], 0.5 * normal()),
        3,
      ),
    ];
  });
  write('old-samples/drift.csv', ['x1', 'x2', 'x3', 'y'], rows);
}

// few-shot: sine waves of other heights and phases, ten points of each to learn from and ten to judge by; and where a network begins.
{
  const { uniform, normal } = random(11);
  const waves = range(30, () => ({ height: 0.5 + 1.5 * uniform(), phase: Math.PI * uniform() }));
  for (const [xs, ys] of [
    ['x', 'y'],
    ['x_query', 'y_query'],
  ]) {
    const x = waves.map(() => range(10, () => round(10 * uniform() - 5, 3)));
    const y = x.map((row, i) => row.map((at) => round(waves[i].height * Math.sin(at + waves[i].phase))));
    for (const [name, rows] of [
      [xs, x],
      [ys, y],
    ])
      write(
        `few-shot/${name}.csv`,
        range(10, (i) => `point${i}`),
        rows,
      );
  }
  write(
    'few-shot/start.csv',
    ['slope', 'offset', 'weight'],
    range(20, () => [round(normal()), round(2 * normal()), round(0.3 * normal())]),
  );
}

// maml: sine waves as in C. Finn, P. Abbeel and S. Levine, "Model-agnostic meta-learning" (2017), section 5.1, with heights of 0.5 to 2 as in
// few-shot: a wave a row, ten points to learn from and ten to judge by; and where a network begins.
{
  const { uniform, normal } = random(12);
  const waves = range(200, () => ({ height: 0.5 + 1.5 * uniform(), phase: Math.PI * uniform() }));
  for (const role of ['', '_query']) {
    const x = waves.map(() => range(10, () => round(10 * uniform() - 5, 3)));
    const y = x.map((row, i) => row.map((at) => round(waves[i].height * Math.sin(at + waves[i].phase))));
    for (const [name, rows] of Object.entries({ x, y }))
      write(
        `maml/${name}${role}.csv`,
        range(10, (i) => `point${i}`),
        rows,
      );
  }
  write(
    'maml/start.csv',
    ['slope', 'offset', 'weight'],
    range(20, () => [round(normal()), round(2 * normal()), round(0.3 * normal())]),
  );
}
