/**
 * What unrolling within a number of bytes costs in time: one hypergradient of a 64-32-10 tanh network in every exact way, on one thread.
 * `npm run bench:memory -- --steps 1000`. The gradients are compared; the times are for reading, and no test looks at them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile } from '../compiler/pipeline.ts';
import { wasmLink } from '../runtime/backends/wasm/backend.ts';
import { placesOf } from './places.ts';

const { values } = parseArgs({ options: { steps: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '3' } } });
const sizes = { n: 500, m: 500, p: 64, h: 32, c: 10 };

const text = readFileSync(join(placesOf({}).bench, 'pages', 'unrolled-network.bilevel'), 'utf8').replace(
  /steps = \d+\)/u,
  `steps = ${values.steps})\n  differentiate with unrolled(memory = 4e9)`,
);
const { value, diagnostics } = compile(text, 'unrolled-network.bilevel');
const [problem] = value;
if (problem === undefined) throw new Error(diagnostics.map((d) => d.message).join('; '));

/** Numbers that look random, the same each time. */
const numbers = (count: number, scale: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => scale * Math.sin(12.9898 * i + 78.233));
const tensor = (shape: readonly number[], scale: number) => ({
  shape,
  data: numbers(
    shape.reduce((a, b) => a * b, 1),
    scale,
  ),
});
const labels = (count: number) => ({ shape: [count], data: Float64Array.from({ length: count }, (_, i) => (7 * i) % sizes.c) });
const scalar = (x: number) => ({ shape: [], data: Float64Array.of(x) });
const slots = {
  'data:X': tensor([sizes.n, sizes.p], 1),
  'data:y': labels(sizes.n),
  'data:Xv': tensor([sizes.m, sizes.p], 0.9),
  'data:yv': labels(sizes.m),
  'data:W1': tensor([sizes.p, sizes.h], 0.1),
  'data:W2': tensor([sizes.h, sizes.c], 0.1),
  'hyper:decay': scalar(0.001),
  'hyper:rate': scalar(0.1),
};

interface Measured {
  readonly id: string;
  readonly ms: number;
  readonly bytes: number;
  readonly gradient: readonly number[];
}

async function measured(id: string): Promise<Measured> {
  const linked = await wasmLink((candidate) => (problem as NonNullable<typeof problem>).code(candidate, 'f64'), { threads: 1 })(id, sizes);
  if (!linked.ok) throw new Error(linked.diagnostics.map((d) => d.message).join('; '));
  const { executor } = linked;
  executor.put(slots);
  await executor.run('once');
  const times: number[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const start = performance.now();
    await executor.run('hypergradient');
    times.push(performance.now() - start);
  }
  const read = async (hyper: string): Promise<number> => (await executor.read(`hypergradient:${hyper}`)).data[0] ?? Number.NaN;
  const gradient = [await read('decay'), await read('rate')];
  const bytes = executor.describe().bytes ?? Number.NaN;
  executor.close();
  return { id, ms: Math.min(...times), bytes, gradient };
}

const ids = problem.module.plan.candidates.filter((c) => c.exact).map((c) => c.id);
const rows: Measured[] = [];
for (const id of ids) rows.push(await measured(id));
const whole = rows.find(({ id }) => id === 'unrolled+gd');
if (whole === undefined) throw new Error('the plan has no plain reverse');
for (const { id, ms, bytes, gradient } of rows) {
  const apart = Math.max(...gradient.map((g, i) => Math.abs(g / (whole.gradient[i] ?? Number.NaN) - 1)));
  const figures = [
    `${ms.toFixed(0)} ms`,
    `${(bytes / 1e6).toFixed(1)} MB`,
    `time × ${(ms / whole.ms).toFixed(2)}`,
    `memory × ${(bytes / whole.bytes).toFixed(3)}`,
  ];
  process.stdout.write(`${id.padEnd(28)} ${figures.map((f) => f.padStart(14)).join(' ')}   apart ${apart.toExponential(1)}\n`);
}
