/**
 * The data of the rows: made here from a seed, written as raw little-endian float64 files that every contestant can read.
 * Has a generator of its own, so that no change of the runtime's random numbers changes what is measured.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Numbers, Row } from './rows.ts';

export type DataName = 'classes' | 'classes-split' | 'regression' | 'sparse' | 'outputs' | 'squares' | 'positive' | 'digits';

interface Source {
  readonly uniform: () => number;
  /** The next `count` standard normals, each times `scale`. */
  readonly normals: (count: number, scale?: number) => Float64Array;
}

/** Words 32 bits wide, by xoshiro128** (Blackman & Vigna 2021), seeded by a hash of a name; normals by Box & Muller (1958). */
function sourceOf(name: string): Source {
  let hash = 0x811c9dc5;
  for (const letter of name) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  const seeded = (): number => {
    hash = (hash + 0x9e3779b9) | 0;
    let z = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
  let [s0, s1, s2, s3] = [seeded(), seeded(), seeded(), seeded()];
  const word = (): number => {
    const scrambled = Math.imul(s1, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = (s3 << 11) | (s3 >>> 21);
    return result;
  };
  // Strictly between 0 and 1: the logarithm is taken of it.
  const uniform = (): number => (word() + 0.5) / 2 ** 32;
  const normals = (count: number, scale = 1): Float64Array => {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i += 2) {
      const radius = scale * Math.sqrt(-2 * Math.log(uniform()));
      const angle = 2 * Math.PI * uniform();
      values[i] = radius * Math.cos(angle);
      if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
    }
    return values;
  };
  return { uniform, normals };
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** X·w, X of `w.length` columns. */
function scores(X: Float64Array, w: Float64Array): Float64Array {
  const d = w.length;
  return Float64Array.from({ length: X.length / d }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j += 1) sum += (X[i * d + j] ?? 0) * (w[j] ?? 0);
    return sum;
  });
}

export type Arrays = Readonly<Record<string, Float64Array>>;

const size = (sizes: Numbers, name: string): number => {
  const value = sizes[name];
  if (value === undefined) throw new Error(`a row's data need the size ${name}`);
  return value;
};

function labelled(source: Source, n: number, truth: Float64Array): { readonly X: Float64Array; readonly y: Float64Array } {
  const X = source.normals(n * truth.length);
  return { X, y: scores(X, truth).map((z) => (source.uniform() < sigmoid(z) ? 1 : 0)) };
}

function measured(source: Source, n: number, truth: Float64Array): { readonly X: Float64Array; readonly y: Float64Array } {
  const X = source.normals(n * truth.length);
  const noise = source.normals(n);
  return { X, y: scores(X, truth).map((z, i) => z + (noise[i] ?? 0)) };
}

function regression(source: Source, sizes: Numbers, truth: Float64Array): Arrays {
  const train = measured(source, size(sizes, 'n'), truth);
  const valid = measured(source, size(sizes, 'm'), truth);
  return { X: train.X, y: train.y, Xv: valid.X, yv: valid.y };
}

/** X·W with noise, W of `k` columns. */
function outputs(source: Source, X: Float64Array, W: Float64Array, k: number): Float64Array {
  const columns = Array.from({ length: k }, (_, j) =>
    scores(
      X,
      W.filter((_, at) => at % k === j),
    ),
  );
  return source.normals((X.length * k * k) / W.length).map((noise, at) => noise + (columns[at % k]?.[Math.floor(at / k)] ?? 0));
}

function digits(source: Source, sizes: Numbers, table: string): Arrays {
  const [n, m, pixels] = [size(sizes, 'n'), size(sizes, 'm'), size(sizes, 'pixels')];
  const lines = readFileSync(table, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number));
  const X = Float64Array.from(lines.flatMap((line) => line.slice(0, pixels).map((value) => value / 16)));
  const y = Float64Array.from(lines.map((line) => line[pixels] ?? 0));
  const train = y.slice(0, n);
  return {
    X: X.slice(0, n * pixels),
    y: train,
    Xv: X.slice(n * pixels, (n + m) * pixels),
    yv: y.slice(n, n + m),
    // Three labels in ten are another digit, each of the nine equally likely.
    noisy: train.map((label) => (source.uniform() < 0.3 ? (label + 1 + Math.floor(source.uniform() * 9)) % 10 : label)),
    theta: source.normals(n),
    W1: source.normals(pixels * 32, 1 / Math.sqrt(pixels)),
    W2: source.normals(32 * 10, 1 / Math.sqrt(32)),
  };
}

const makers: Readonly<Record<DataName, (source: Source, sizes: Numbers, digitsTable: string) => Arrays>> = {
  classes: (source, sizes) => {
    const d = size(sizes, 'd');
    const data = labelled(source, size(sizes, 'n'), source.normals(d, 2 / Math.sqrt(d)));
    const w = source.normals(d, 1 / Math.sqrt(d));
    return { ...data, w, v: source.normals(d), curvature: scores(data.X, w).map((z) => sigmoid(z) * sigmoid(-z)) };
  },
  'classes-split': (source, sizes) => {
    const d = size(sizes, 'd');
    const truth = source.normals(d, 2 / Math.sqrt(d));
    const train = labelled(source, size(sizes, 'n'), truth);
    const valid = labelled(source, size(sizes, 'm'), truth);
    return { X: train.X, y: train.y, Xv: valid.X, yv: valid.y };
  },
  regression: (source, sizes) => regression(source, sizes, source.normals(size(sizes, 'd'))),
  // One coefficient in five is not zero.
  sparse: (source, sizes) =>
    regression(
      source,
      sizes,
      source.normals(size(sizes, 'd')).map((value, j) => (j % 5 === 0 ? value : 0)),
    ),
  // Several outputs of the same inputs, which need the same columns.
  outputs: (source, sizes) => {
    const [n, m, d, k] = [size(sizes, 'n'), size(sizes, 'm'), size(sizes, 'd'), size(sizes, 'k')];
    const truth = source.normals(d * k).map((value, at) => (Math.floor(at / k) % 5 === 0 ? value : 0));
    const [X, Xv] = [source.normals(n * d), source.normals(m * d)];
    return { X, Y: outputs(source, X, truth, k), Xv, Yv: outputs(source, Xv, truth, k) };
  },
  squares: (source, sizes) => {
    const n = size(sizes, 'n');
    return { A: source.normals(n * n), B: source.normals(n * n) };
  },
  positive: (source, sizes) => {
    // The eigenvalues of the symmetric part of a normal matrix / √n lie within ±√2, so with 3 on the diagonal within 1.5 and 4.5.
    const n = size(sizes, 'n');
    const G = source.normals(n * n, 1 / Math.sqrt(n));
    const A = G.map((value, index) => {
      const [i, j] = [Math.floor(index / n), index % n];
      return (value + (G[j * n + i] ?? 0)) / 2 + (i === j ? 3 : 0);
    });
    return { A };
  },
  digits,
};

type Wanted = Pick<Row, 'data' | 'sizes'>;

/** The data of a size by its name, and the seed. */
const nameOf = ({ data, sizes }: Wanted): string => [data, ...Object.entries(sizes).map(([key, value]) => `${key}${value}`)].join('-');

/** Arrays by name, the same at every call. */
export const dataOf = (wanted: Wanted, digitsTable: string): Arrays =>
  makers[wanted.data](sourceOf(nameOf(wanted)), wanted.sizes, digitsTable);

/** Writes what a row needs under `folder`, once, and says where. */
export function writeData(row: Row, folder: string, digitsTable: string, written: Set<string>): string {
  const path = join(folder, nameOf(row));
  if (written.has(path)) return path;
  mkdirSync(path);
  for (const [file, values] of Object.entries(dataOf(row, digitsTable)))
    writeFileSync(join(path, `${file}.f64`), new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  written.add(path);
  return path;
}
