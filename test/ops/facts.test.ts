/** Degree, curvature and sign that rows claim, checked on random chords: for operands of every curvature, not only affine ones. */
import { describe, expect, it } from 'vitest';
import { Builder } from '../../compiler/ir/builder.ts';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { opNames, type OpName } from '../../plan/op-names.ts';
import type { Curvature, Facts, Sign } from '../../compiler/ops/spec.ts';
import { ops } from '../../compiler/ops/table.ts';
import { instance, isReal, randomFor, runner, shapeOf, type Instance } from './instances.ts';
import { samplesOf, uniform, type Fill, type Random, type Sample } from './samplers.ts';

const curvatures = ['constant', 'affine', 'convex', 'concave'] as const;
type Known = (typeof curvatures)[number];

interface Range {
  readonly fill: Fill;
  readonly sign: Sign;
}

/** Parts of an operand's range on which its sign is known. */
function ranges(v: Value, fill: Fill): readonly Range[] {
  if (v.type.dtype === 'bool') return [{ fill, sign: 'nonnegative' }];
  const [low, high] = fill.interval ?? [-Infinity, Infinity];
  if (low >= 0) return [{ fill, sign: 'nonnegative' }];
  if (high <= 0) return [{ fill, sign: 'nonpositive' }];
  if (!Number.isFinite(high - low)) return [{ fill, sign: 'unknown' }];
  return [
    { fill, sign: 'unknown' },
    { fill: uniform(0, high), sign: 'nonnegative' },
    { fill: uniform(low, 0), sign: 'nonpositive' },
  ];
}

const given = <T>(list: readonly T[], i: number): T => {
  const item = list[i];
  if (item === undefined) throw new Error(`nothing at ${i}`);
  return item;
};

/** Three values of an operand along a line, the middle one below, above or at the mean, as its curvature has it. */
function chord(v: Value, { fill }: Range, curvature: Known, random: Random): readonly [Tensor, Tensor, Tensor] {
  const shape = shapeOf(v.type);
  const a = fill.make(shape, random);
  if (curvature === 'constant') return [a, a, a];
  const b = fill.make(shape, random);
  const middle = a.data.map((x, i) => {
    const mean = (x + given([...b.data], i)) / 2;
    if (curvature === 'affine' || fill.interval === undefined) return mean;
    const [low, high] = fill.interval;
    return curvature === 'convex' ? mean - random() * (mean - low) : mean + random() * (high - mean);
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

/** x^p, and log x for p = 0, which is convex where x is to the power p. */
const raised = (x: number, p: number): number => (p === 0 ? Math.log(x) : x ** p);

const signHolds = (sign: Sign, x: number): boolean =>
  sign === 'unknown' || (sign === 'zero' ? x === 0 : sign === 'nonnegative' ? x >= 0 : x <= 0);

const factsOf = (curvature: Known, sign: Sign): Facts => ({
  degree: curvature === 'constant' ? 0 : curvature === 'affine' ? 1 : Infinity,
  curvature,
  sign,
});

/** Facts of a value that is no input: a constant, or one spread over a shape. */
function knownFacts(v: Value): Facts {
  return ops[v.node.op].facts(v.node, v.node.inputs.map(knownFacts));
}

const withOperands = (sample: Sample): boolean => sample.operands.length > 0;

/** What is wrong with the claims of an instance for operands of these curvatures and ranges. */
function checkChord(
  op: OpName,
  sample: Sample,
  { b, inputs, outputs }: Instance,
  kinds: readonly Known[],
  picked: readonly Range[],
  random: Random,
): readonly string[] {
  const node = given(outputs, 0).node;
  const facts = ops[op].facts(
    node,
    node.inputs.map((v) =>
      inputs.includes(v) ? factsOf(given(kinds, inputs.indexOf(v)), given(picked, inputs.indexOf(v)).sign) : knownFacts(v),
    ),
  );
  if (facts.curvature === 'unknown' && facts.sign === 'unknown') return [];
  const lines = inputs.map((v, i) => chord(v, given(picked, i), given(kinds, i), random));
  const run = runner(b, inputs, outputs);
  const [start, middle, end] = [0, 1, 2].map((t) => run(lines.map((line) => given(line, t))));
  const story = `${op} ${sample.label} of ${kinds.join(', ')} (${picked.map((p) => p.sign).join(', ')}) → ${facts.curvature} ${facts.sign} ${facts.power ?? 1}`;
  return outputs.flatMap((_, i) =>
    [...(start?.[i]?.data ?? [])].flatMap((x, j) => {
      const y = end?.[i]?.data[j] ?? Number.NaN;
      const m = middle?.[i]?.data[j] ?? Number.NaN;
      if (![x, y, m].every(Number.isFinite)) return [];
      const slack = 1e-9 * Math.max(1, Math.abs(x), Math.abs(y));
      const sound =
        holds(facts.curvature, (x + y) / 2, m, slack) &&
        (facts.power === undefined ||
          holds('convex', (raised(x, facts.power) + raised(y, facts.power)) / 2, raised(m, facts.power), 1e-9)) &&
        (facts.curvature !== 'constant' || (x === y && facts.degree === 0)) &&
        [x, y, m].every((value) => signHolds(facts.sign, value));
      return sound ? [] : [`${story}: ${x}, ${m}, ${y}`];
    }),
  );
}

function checkChords(op: OpName, sample: Sample): readonly string[] {
  const own = instance(op, sample);
  const { inputs, fills } = own;
  const random = randomFor(`${op} ${sample.label}`);
  const parts = inputs.map((v, i) => ranges(v, given(fills, i)));
  return choices(inputs.length, curvatures).flatMap((kinds) => {
    // Positions and conditions do not vary.
    if (inputs.some((v, i) => !isReal(v) && kinds[i] !== 'constant')) return [];
    return choices(inputs.length, [0, 1, 2]).flatMap((part) => {
      const picked = parts.flatMap((p, i) => p[given(part, i)] ?? []);
      return picked.length === inputs.length ? checkChord(op, sample, own, kinds, picked, random) : [];
    });
  });
}

/** The difference that vanishes for a polynomial of this degree, from its values at 0, 1, 2 and 3. */
const vanishing: readonly (readonly number[])[] = [
  [-1, 1, 0, 0],
  [1, -2, 1, 0],
  [-1, 3, -3, 1],
];

function checkDegree(op: OpName, sample: Sample): readonly string[] {
  const { b, inputs, outputs, fills } = instance(op, sample);
  const node = given(outputs, 0).node;
  const random = randomFor(`${op} ${sample.label}`);
  const run = runner(b, inputs, outputs);
  return choices(inputs.length, [false, true]).flatMap((varies) => {
    if (inputs.some((v, i) => !isReal(v) && varies[i] === true)) return [];
    const { degree } = ops[op].facts(
      node,
      node.inputs.map((v) =>
        inputs.includes(v) ? factsOf(varies[inputs.indexOf(v)] === true ? 'affine' : 'constant', 'unknown') : knownFacts(v),
      ),
    );
    const weights = vanishing[degree];
    if (weights === undefined) return [];
    const ends = inputs.map((v, i) => [0, 1].map(() => given(fills, i).make(shapeOf(v.type), random)));
    const along = (t: number): readonly Tensor[] =>
      run(
        ends.map((pair, i) => {
          const [p, q] = [given(pair, 0), given(pair, 1)];
          return varies[i] === true ? { shape: p.shape, data: p.data.map((x, j) => x + (t / 3) * ((q.data[j] ?? x) - x)) } : p;
        }),
      );
    const points = [0, 1, 2, 3].map(along);
    return outputs.flatMap((_, i) =>
      [...(points[0]?.[i]?.data ?? [])].flatMap((__, j) => {
        const rest = weights.reduce((sum, w, t) => sum + w * (points[t]?.[i]?.data[j] ?? Number.NaN), 0);
        return Math.abs(rest) > 1e-9 ? [`${op} ${sample.label}, varying ${varies.join()}: degree ${degree} leaves ${rest}`] : [];
      }),
    );
  });
}

describe.each(opNames.filter((op) => op !== 'iterate'))('%s', (op) => {
  it('keeps what it says of curvature and sign, for operands of every curvature', () => {
    expect(
      samplesOf(op)
        .filter(withOperands)
        .flatMap((sample) => checkChords(op, sample)),
    ).toEqual([]);
  });
  it('keeps what it says of degree', () => {
    expect(
      samplesOf(op)
        .filter(withOperands)
        .flatMap((sample) => checkDegree(op, sample)),
    ).toEqual([]);
  });
});

describe('what must be known', () => {
  const b = new Builder();
  const x = b.input('x', 'state', { dtype: 'real', shape: [] });
  const affine: Facts = { degree: 1, curvature: 'affine', sign: 'unknown' };
  const zero: Facts = { degree: 0, curvature: 'constant', sign: 'zero' };
  const positive: Facts = { degree: 0, curvature: 'constant', sign: 'nonnegative' };
  const of = (
    op: OpName,
    operands: readonly Facts[],
    build = b.one(
      op,
      operands.map(() => b.input('y', 'state')),
    ),
  ): Facts => ops[op].facts(build.node, operands);

  it('relu of affine is convex and not negative, so that its square is convex', () => {
    const hinge = of('maximum', [affine, zero]);
    expect(hinge).toEqual({ degree: Infinity, curvature: 'convex', sign: 'nonnegative' });
    expect(of('mul', [hinge, hinge], b.mul(x, x)).curvature).toBe('convex');
    expect(of('pow', [hinge, positive], b.pow(x, b.constant(2))).curvature).toBe('convex');
  });

  it('a square of affine is quadratic and convex; a scaled one follows the sign', () => {
    const square = of('mul', [affine, affine], b.mul(x, x));
    expect(square).toEqual({ degree: 2, curvature: 'convex', sign: 'nonnegative', power: 0.5 });
    expect(of('mul', [positive, square]).curvature).toBe('convex');
    expect(of('neg', [square]).curvature).toBe('concave');
    expect(of('mul', [affine, affine])).toEqual({ degree: 2, curvature: 'unknown', sign: 'unknown' });
  });

  it('Σ x·x is a square, Σ x·y is not', () => {
    const v = b.input('v', 'state', { dtype: 'real', shape: [{ terms: [], key: '0' }] });
    expect(ops.dot_general.facts(b.inner(v, v).node, [affine, affine])).toEqual({
      degree: 2,
      curvature: 'convex',
      sign: 'nonnegative',
      power: 0.5,
    });
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
      for (const sample of op === 'input' ? [] : samplesOf(op)) {
        const node = given(instance(op, sample).outputs, 0).node;
        const facts = ops[op].facts(
          node,
          node.inputs.map((): Facts => ({ degree: 0, curvature: 'constant', sign: 'unknown' })),
        );
        expect([facts.degree, facts.curvature], op).toEqual([0, 'constant']);
      }
    }
  });
});
