/** Degree, curvature and sign that rows claim, checked on random chords: for operands of every curvature, not only affine ones. */
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../compiler/ir/graph.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { opNames, type OpName } from '../../compiler/ops/names.ts';
import type { Curvature, Facts, Sign } from '../../compiler/ops/spec.ts';
import { ops } from '../../compiler/ops/table.ts';
import { runner } from './checks.ts';
import { Random } from './random.ts';
import { allSamples, build, draw, sizesOf, type OperandSample, type Sample } from './samples.ts';

const seed = 77;
const curvatures = ['constant', 'affine', 'convex', 'concave'] as const;
type Known = (typeof curvatures)[number];

/** A part of an operand's range on which its sign is known. */
function ranges(o: OperandSample): readonly { readonly range: readonly [number, number]; readonly sign: Sign }[] {
  const [low, high] = o.range;
  if (o.dtype === 'bool' || low >= 0) return [{ range: o.range, sign: 'nonnegative' }];
  if (high <= 0) return [{ range: o.range, sign: 'nonpositive' }];
  if (o.make !== undefined) return [{ range: o.range, sign: 'unknown' }];
  return [
    { range: o.range, sign: 'unknown' },
    { range: [0, high], sign: 'nonnegative' },
    { range: [low, 0], sign: 'nonpositive' },
  ];
}

/** Three values of an operand along a line, the middle one below, above or at the mean, as its curvature has it. */
function chord(o: OperandSample, range: readonly [number, number], curvature: Known, sizes: ReadonlyMap<string, number>, random: Random): readonly [Tensor, Tensor, Tensor] {
  const inRange: OperandSample = { ...o, range };
  const a = draw(inRange, sizes, random);
  if (curvature === 'constant') return [a, a, a];
  const b = draw(inRange, sizes, random);
  const middle = a.data.map((x, i) => {
    const mean = (x + (b.data[i] ?? x)) / 2;
    if (curvature === 'affine' || o.make !== undefined) return mean;
    return curvature === 'convex' ? mean - random.next() * (mean - range[0]) : mean + random.next() * (range[1] - mean);
  });
  return [a, { shape: a.shape, data: middle }, b];
}

/** Every way to give each of `count` places one of `choices`. */
function choices<T>(count: number, of: readonly T[]): readonly (readonly T[])[] {
  return count === 0 ? [[]] : choices(count - 1, of).flatMap((rest) => of.map((c) => [...rest, c]));
}

function holds(curvature: Curvature, ends: number, middle: number, slack: number): boolean {
  if (curvature === 'convex') return middle <= ends + slack;
  if (curvature === 'concave') return middle >= ends - slack;
  return curvature === 'unknown' || Math.abs(middle - ends) <= slack;
}

const signHolds = (sign: Sign, x: number): boolean => sign === 'unknown' || (sign === 'zero' ? x === 0 : sign === 'nonnegative' ? x >= 0 : x <= 0);

const factsOf = (o: OperandSample, curvature: Known, sign: Sign): Facts => ({ degree: curvature === 'constant' ? 0 : curvature === 'affine' ? 1 : Infinity, curvature, sign });

const cases = allSamples.filter((s) => s.op !== 'input' && s.op !== 'iterate').map((s): [string, Sample] => [`${s.op} ${s.what}`, s]);

describe('facts hold on random chords', () => {
  it.each(cases)('%s', (_title, sample) => {
    const { b, inputs, drawn, outputs } = build(sample);
    const node = outputs[0]?.node;
    if (node === undefined) return expect.fail('no result');
    const sizes = sizesOf({ n: 3, m: 2, k: 2 });
    const run = runner(b, inputs, outputs, sizes);
    const random = new Random(seed);
    for (const kinds of choices(drawn.length, curvatures)) {
      for (const part of choices(drawn.length, [0, 1, 2])) {
        const picked = drawn.map((o, i) => ranges(o)[part[i] ?? 0]);
        if (picked.some((p) => p === undefined)) continue;
        // Positions and conditions do not vary.
        if (drawn.some((o, i) => o.dtype !== 'real' && kinds[i] !== 'constant')) continue;
        const operandFacts = node.inputs.map((v): Facts => {
          const at = inputs.indexOf(v);
          const o = drawn[at];
          if (o === undefined) return ops[v.node.op].facts(v.node, v.node.inputs.map((w) => ops[w.node.op].facts(w.node, [])));
          return factsOf(o, kinds[at] ?? 'constant', picked[at]?.sign ?? 'unknown');
        });
        const facts = ops[sample.op].facts(node, operandFacts);
        const lines = drawn.map((o, i) => chord(o, picked[i]?.range ?? o.range, kinds[i] ?? 'constant', sizes, random));
        const [start, middle, end] = [0, 1, 2].map((t) => run(lines.map((line) => line[t] ?? line[0])));
        outputs.forEach((_, i) => {
          start?.[i]?.data.forEach((x, j) => {
            const y = end?.[i]?.data[j] ?? Number.NaN;
            const m = middle?.[i]?.data[j] ?? Number.NaN;
            if ([x, y, m].some((value) => !Number.isFinite(value))) return;
            const slack = 1e-9 * Math.max(1, Math.abs(x), Math.abs(y));
            const story = `${kinds.join()} ${picked.map((p) => p?.sign).join()} → ${JSON.stringify(facts)}: ${x}, ${m}, ${y}`;
            if (!holds(facts.curvature, (x + y) / 2, m, slack)) expect.fail(story);
            if (facts.curvature === 'constant' && (x !== y || facts.degree !== 0)) expect.fail(story);
            if (![x, y, m].every((value) => signHolds(facts.sign, value))) expect.fail(story);
          });
        });
      }
    }
    expect(node.op).toBe(sample.op);
  });
});

describe('degree holds along random lines', () => {
  it.each(cases)('%s', (_title, sample) => {
    const { b, inputs, drawn, outputs } = build(sample);
    const node = outputs[0]?.node;
    if (node === undefined) return expect.fail('no result');
    const sizes = sizesOf({ n: 3, m: 2, k: 2 });
    const run = runner(b, inputs, outputs, sizes);
    const random = new Random(seed);
    for (const varies of choices(drawn.length, [false, true])) {
      if (drawn.some((o, i) => o.dtype !== 'real' && varies[i] === true)) continue;
      const operandFacts = node.inputs.map((v): Facts => {
        const at = inputs.indexOf(v);
        const o = drawn[at];
        return o === undefined ? { degree: 0, curvature: 'constant', sign: 'unknown' } : factsOf(o, varies[at] === true ? 'affine' : 'constant', 'unknown');
      });
      const { degree } = ops[sample.op].facts(node, operandFacts);
      if (degree > 2) continue;
      const ends = drawn.map((o) => [draw(o, sizes, random), draw(o, sizes, random)] as const);
      const at = (t: number): readonly Tensor[] =>
        run(ends.map(([p, q], i) => (varies[i] === true ? { shape: p.shape, data: p.data.map((x, j) => x + (t / 3) * ((q.data[j] ?? x) - x)) } : p)));
      const points = [0, 1, 2, 3].map(at);
      const weights = [[-1, 1, 0, 0], [1, -2, 1, 0], [-1, 3, -3, 1]][degree] ?? [];
      outputs.forEach((_, i) => {
        points[0]?.[i]?.data.forEach((_x, j) => {
          const difference = weights.reduce((sum, w, t) => sum + w * (points[t]?.[i]?.data[j] ?? 0), 0);
          if (Math.abs(difference) > 1e-9) expect.fail(`degree ${degree} of varying ${varies.join()}: difference ${difference}`);
        });
      });
    }
    expect(node.op).toBe(sample.op);
  });
});

describe('what must be known', () => {
  const b = new Builder();
  const x = b.input('x', 'state', { dtype: 'real', shape: [] });
  const affine: Facts = { degree: 1, curvature: 'affine', sign: 'unknown' };
  const zero: Facts = { degree: 0, curvature: 'constant', sign: 'zero' };
  const positive: Facts = { degree: 0, curvature: 'constant', sign: 'nonnegative' };
  const of = (op: OpName, operands: readonly Facts[], build = b.one(op, operands.map(() => b.input('y', 'state')))): Facts => ops[op].facts(build.node, operands);

  it('relu of affine is convex and not negative, so that its square is convex', () => {
    const hinge = of('maximum', [affine, zero]);
    expect(hinge).toEqual({ degree: Infinity, curvature: 'convex', sign: 'nonnegative' });
    expect(of('mul', [hinge, hinge], b.mul(x, x)).curvature).toBe('convex');
    expect(of('pow', [hinge, positive], b.pow(x, b.constant(2))).curvature).toBe('convex');
  });

  it('a square of affine is quadratic and convex; a scaled one follows the sign', () => {
    const square = of('mul', [affine, affine], b.mul(x, x));
    expect(square).toEqual({ degree: 2, curvature: 'convex', sign: 'nonnegative' });
    expect(of('mul', [positive, square]).curvature).toBe('convex');
    expect(of('neg', [square]).curvature).toBe('concave');
    expect(of('mul', [affine, affine])).toEqual({ degree: 2, curvature: 'unknown', sign: 'unknown' });
  });

  it('Σ x·x is a square, Σ x·y is not', () => {
    const v = b.input('v', 'state', { dtype: 'real', shape: [{ terms: [], key: '0' }] });
    expect(ops.dot_general.facts(b.inner(v, v).node, [affine, affine])).toEqual({ degree: 2, curvature: 'convex', sign: 'nonnegative' });
    const w = b.input('w', 'state', v.type);
    expect(ops.dot_general.facts(b.inner(v, w).node, [affine, affine]).curvature).toBe('unknown');
  });

  it.each([
    ['exp', 'convex'],
    ['softplus', 'convex'],
    ['abs', 'convex'],
    ['log', 'concave'],
    ['sqrt', 'concave'],
    ['log1p', 'concave'],
    ['expm1', 'convex'],
  ] as const)('%s of affine is %s', (op, curvature) => {
    expect(of(op, [affine])).toMatchObject({ curvature });
  });

  it('log of concave is concave, exp of concave is not known', () => {
    const concave: Facts = { degree: Infinity, curvature: 'concave', sign: 'unknown' };
    expect(of('log', [concave]).curvature).toBe('concave');
    expect(of('exp', [concave]).curvature).toBe('unknown');
  });

  it('a condition that varies makes a choice unknown', () => {
    const condition: Facts = { degree: Infinity, curvature: 'unknown', sign: 'nonnegative' };
    const chosen = b.select(b.less(x, b.constant(0)), x, b.constant(0));
    expect(ops.select.facts(chosen.node, [condition, affine, affine])).toEqual({ degree: Infinity, curvature: 'unknown', sign: 'unknown' });
    expect(ops.select.facts(chosen.node, [positive, affine, affine]).curvature).toBe('affine');
  });

  it('whatever has only constant operands is constant', () => {
    for (const op of opNames) {
      for (const sample of allSamples.filter((s) => s.op === op && op !== 'input')) {
        const node = build(sample).outputs[0]?.node;
        if (node === undefined) return expect.fail(op);
        const facts = ops[op].facts(node, node.inputs.map((): Facts => ({ degree: 0, curvature: 'constant', sign: 'unknown' })));
        expect([facts.degree, facts.curvature], op).toEqual([0, 'constant']);
      }
    }
  });
});
