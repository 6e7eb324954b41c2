/**
 * What unrolling within a number of bytes costs in time: one hypergradient of a 64-32-10 tanh network in every exact way, on one thread.
 * `npm run bench:memory -- --steps 1000`. The gradients are compared; the times are for reading, and no test looks at them.
 */
import { parseArgs } from 'node:util';
import { dataOf } from './data.ts';
import { boundTo, compiledPage, executorOf, linkedModule, pageText, withMethods } from './page.ts';
import { placesOf } from './places.ts';

const { values } = parseArgs({ options: { steps: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '3' } } });
const { bench, digits } = placesOf({});
const sizes = { n: 500, m: 500, p: 64, pixels: 64, h: 32, c: 10 };

const statements = [`solve inner with gd(rate = rate, steps = ${values.steps})`, 'differentiate with unrolled(memory = 4e9)'];
const text = withMethods(pageText(bench, 'unrolled-network'), statements);
const module = linkedModule(compiledPage(text, 'unrolled-network'), 'float64', { threads: 1 });
const { slots } = await boundTo(module, dataOf({ data: 'digits', sizes }, digits), sizes);
const scalar = (x: number) => ({ shape: [], data: Float64Array.of(x) });
const point = { 'hyper:decay': scalar(0.001), 'hyper:rate': scalar(0.1) };

interface Measured {
  readonly id: string;
  readonly ms: number;
  readonly bytes: number;
  readonly gradient: readonly number[];
}

async function measured(id: string): Promise<Measured> {
  const executor = await executorOf(module, id, sizes);
  executor.put({ ...slots, ...point });
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

const ids = module.plan.candidates.filter((c) => c.exact).map((c) => c.id);
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
