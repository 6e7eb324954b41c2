/**
 * What many values of one penalty cost beside one: ridge at n rows and d columns, from data that are bound once; the criterion at each value,
 * the hypergradient, and that with the estimate of its error, which reads the data again. `npm run bench:path -- --values 100`. The times are for
 * reading, and no test looks at them.
 */
import { parseArgs } from 'node:util';
import { problem } from '../library/index.ts';
import { dataOf } from './data.ts';
import { pageText } from './page.ts';
import { placesOf } from './places.ts';

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '20000' },
    d: { type: 'string', default: '200' },
    values: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    strategy: { type: 'string', default: 'auto' },
  },
});
const [n, d, count] = [Number(values.n), Number(values.d), Number(values.values)];
const { bench, digits } = placesOf({});
const m = Math.floor(n / 4);

const page = problem<object, { penalty: number }>(pageText(bench, 'ridge'), { strategy: values.strategy });
const arrays = dataOf({ data: 'regression', sizes: { n, m, d } }, digits);
const matrix = (rows: number, data: Float64Array | undefined) => ({ shape: [rows, d], data: data ?? new Float64Array() });
const data = { X: matrix(n, arrays.X), y: arrays.y, Xv: matrix(m, arrays.Xv), yv: arrays.yv };

type BoundPage = Awaited<ReturnType<typeof page.bind>>;
type Call = (bound: BoundPage, penalty: number) => Promise<unknown>;
const calls: Readonly<Record<string, Call>> = {
  criterion: (bound, penalty) => bound.evaluate({ penalty }),
  hypergradient: (bound, penalty) => bound.hypergradient({ penalty }, { error: false }),
  'hypergradient and error': (bound, penalty) => bound.hypergradient({ penalty }),
};

/** Milliseconds from data in memory; they are checked and copied as they are bound, which is not counted. */
async function timed(call: Call, penalties: readonly number[]): Promise<number> {
  const bound = await page.bind(data);
  const start = performance.now();
  for (const penalty of penalties) await call(bound, penalty);
  const ms = performance.now() - start;
  bound.close();
  return ms;
}

const path = Array.from({ length: count }, (_, i) => 10 ** (-4 + (8 * i) / Math.max(1, count - 1)));
for (const call of Object.values(calls)) await timed(call, [1]);
process.stdout.write(`n = ${n}, d = ${d}\n`);
for (let round = 0; round < Number(values.rounds); round += 1)
  for (const [name, call] of Object.entries(calls)) {
    const [one, many] = [await timed(call, [1]), await timed(call, path)];
    process.stdout.write(
      `${name}: one value ${one.toFixed(0)} ms, ${count} values ${many.toFixed(0)} ms, ${(many / one).toFixed(2)} times\n`,
    );
  }
