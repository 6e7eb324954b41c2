/** Elementary functions that every host rounds alike: against this host's own, at special values, and that the runtime uses no other. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cosOfTurns, exp, log, log1p, wholePower } from '../../plan/elementary.ts';
import { uniforms } from '../helpers/cli.ts';

const seed = 20260;
const samples = 20_000;

/** The distance of two numbers in units in the last place of the second. */
function units(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(b));
  bits.setBigUint64(0, bits.getBigUint64(0) + 1n);
  return Math.abs(a - b) / (bits.getFloat64(0) - Math.abs(b));
}

function worst(ours: (x: number) => number, theirs: (x: number) => number, sample: (u: number, v: number) => number): number {
  const next = uniforms(seed);
  let largest = 0;
  for (let i = 0; i < samples; i += 1) {
    const x = sample(next(), next());
    largest = Math.max(largest, units(ours(x), theirs(x)));
  }
  return largest;
}

describe(`elementary functions (seed ${seed})`, () => {
  // This host's are wrong by less than one unit themselves.
  it.each<[string, number, number]>([
    ['exp, near 0', worst(exp, Math.exp, (u) => u), 2],
    ['exp', worst(exp, Math.exp, (u) => u * 700), 2],
    ['exp, where it is subnormal', worst(exp, Math.exp, (u) => -726 + u * 18), 2],
    ['log, near 1', worst(log, Math.log, (u) => 1 + u / 2), 2],
    ['log', worst(log, Math.log, (u, v) => (1 + u / 2) * 2 ** Math.round(v * 1020)), 2],
    ['log of subnormals', worst(log, Math.log, (u) => (2 + u) * 1e-310), 2],
    ['log1p', worst(log1p, Math.log1p, (u, v) => u * 2 ** Math.round(v * 30 - 30)), 4],
    ['log1p, near −1', worst(log1p, Math.log1p, (u, v) => -1 + (1 + u / 2) * 2 ** Math.round(v * 20 - 25)), 4],
  ])('%s', (_, largest, most) => {
    expect(largest).toBeLessThanOrEqual(most);
  });

  it('cosine of turns', () => {
    const next = uniforms(seed);
    for (let i = 0; i < samples; i += 1) {
      const t = (next() + 1) / 2;
      expect(Math.abs(cosOfTurns(t) - Math.cos(2 * Math.PI * t))).toBeLessThan(1e-15);
    }
    expect([0, 0.25, 0.5, 0.75, 1].map(cosOfTurns).map((x) => x + 0)).toEqual([1, 0, -1, 0, 1]);
  });

  it('powers', () => {
    expect([wholePower(0.9, 0), wholePower(3, 5), wholePower(2, 1023)]).toEqual([1, 243, 2 ** 1023]);
    expect(units(wholePower(0.999, 1000), 0.999 ** 1000)).toBeLessThan(1000);
  });

  it('special values', () => {
    for (const x of [0, -0, Infinity, -Infinity, NaN, 709.7827128933841, -745.1332191019411, -745.1332191019413])
      expect([x, exp(x)]).toEqual([x, Math.exp(x)]);
    for (const x of [0, -0, 1, -1, Infinity, -Infinity, NaN]) expect([x, log(x)]).toEqual([x, Math.log(x)]);
    for (const x of [0, -0, -1, -2, Infinity, NaN, 1e-300, Number.MAX_VALUE]) expect([x, log1p(x)]).toEqual([x, Math.log1p(x)]);
  });

  // From the decimal expansions of e, ln 10 and e^(−40), 50 digits, rounded to the nearest float64.
  it('known values', () => {
    const known: readonly (readonly [number, number])[] = [
      [exp(1), 2.718281828459045],
      [log(10), 2.302585092994046],
      [exp(-40), 4.248354255291589e-18],
    ];
    for (const [ours, right] of known) expect(units(ours, right)).toBeLessThanOrEqual(1);
  });
});

it('the runtime asks no host for a function whose last bit is the host’s own', () => {
  const folder = fileURLToPath(new URL('../../runtime/', import.meta.url));
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  // Libraries of kernels ask it for their own: beside them a float32 of ours need not be the same everywhere.
  const files = all.filter((name) => !/^backends\/(?:tfjs|gpujs)\//u.test(name));
  expect(files.length).toBeGreaterThan(20);
  const found = files.flatMap((name) =>
    readFileSync(`${folder}${name}`, 'utf8')
      .split('\n')
      // What is left of a line without its comments; a power of two that is written as one is exact.
      .map((line) => line.replace(/^\s*(?:\/?\*\*?|\/\/).*|\/\/.*/u, '').replaceAll(/(?<![\w.])2 \*\* -?\d+/gu, ''))
      .flatMap((line) => /Math\.(?:a?(?:sin|cos|tan)h?|atan2|exp|expm1|log|log1p|log2|log10|pow|cbrt|hypot)\b|\*\*/u.exec(line) ?? [])
      .map((what) => `${name}: ${what}`),
  );
  expect(found).toEqual([]);
});
