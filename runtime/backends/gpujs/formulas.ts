/**
 * What each pointwise op computes, as statements of the language that gpu.js translates: arithmetic, comparisons and choices alone, so that
 * every mode gives the same to within rounding. A shader's own `exp` may be many units off, its `log` is bad beside 1, and where a mode
 * runs in WebAssembly the host's functions cost a call for each element; what stands here is a few units off at most, on all of them.
 * A variable is a float32 (on `cpu` a float64 that is rounded when it is stored); conditions are 1 and 0.
 * Source of the polynomials: Moshier, Cephes mathematical library, single precision (`expf.c`, `logf.c`, `sinf.c`, `tanhf.c`, `ndtrf.c`).
 */
import type { PointwiseOp } from '../../../plan/op-names.ts';
import type { Formula } from '../calls/text.ts';

/** Numbers that a shader's text cannot say; kernels that name them are given them. */
export const infinity = 'infinite';
export const notANumber = 'undefinite';

const largest = String(Math.fround(3.4028234663852886e38));
const polynomial = (z: string, coefficients: readonly number[]): string =>
  coefficients.slice(1).reduce((sum, c) => `(${sum} * ${z} + ${literal(c)})`, literal(coefficients[0] ?? 0));

/** A number of float32, as text. */
export const literal = (value: number): string => {
  const single = Math.fround(value);
  return single < 0 ? `(-${String(-single)})` : String(single);
};

const chosen = (condition: string, yes: string, no: string): string => `(${condition} ? ${yes} : ${no})`;
const one =
  (value: (x: string, y: string, z: string) => string): Formula =>
  (to, x, y, z) => [`let ${to} = ${value(x, y, z)};`];
const truth = (condition: (x: string, y: string) => string): Formula => one((x, y) => chosen(condition(x, y), '1.0', '0.0'));

/** ln 2 in two parts, the first so short that its product with an exponent is exact. */
const ln2 = [0.693359375, -2.1219444e-4] as const;

/** What kernels that name it are given as a constant: the whole powers of 2. */
export const table = 'powers';
const mostHalf = 80;
export const tableElements = /* @__PURE__ */ Float32Array.from({ length: 2 * mostHalf + 1 }, (_, i) => 2 ** (i - mostHalf));
const power = (exponent: string): string => `this.constants.${table}[${exponent} + ${mostHalf}]`;

/** `to` = x·2^k for a whole k of at most 160 in size, by two factors, as 2^k itself may be beyond float32. */
const scaled = (to: string, x: string, k: string): readonly string[] => [
  `let ${to}Half = Math.floor(${k} * 0.5);`,
  `let ${to} = ${x} * ${power(`${to}Half`)} * ${power(`${k} - ${to}Half`)};`,
];

/** e^x − 1 − x over x², |x| ≤ ½ ln 2. */
const exponential = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1];

/** e^x = 2^`to`K · (1 + `to`F), with `to`F accurate in relation to itself. */
const reducedExp = (to: string, x: string): readonly string[] => [
  // Beyond these the result is 0 or infinite. What a driver makes of a NaN here is its own affair: results are chosen by `x` in the end.
  `let ${to}X = ${chosen(`${x} > 89.0`, '89.0', chosen(`${x} < -105.0`, '-105.0', x))};`,
  `let ${to}K = Math.floor(${to}X * ${literal(Math.LOG2E)} + 0.5);`,
  `let ${to}R = (${to}X - ${to}K * ${literal(ln2[0])}) - ${to}K * ${literal(ln2[1])};`,
  `let ${to}F = ${polynomial(`${to}R`, exponential)} * ${to}R * ${to}R + ${to}R;`,
];

/** e^x, or what is made of it: infinite beyond the largest exponent, and a NaN where x is neither below nor above that. */
const exponentialOf = (x: string, value: string): string => chosen(`${x} > 88.72284`, infinity, chosen(`${x} <= 88.72284`, value, x));

const exp = (to: string, x: string): readonly string[] => [
  ...reducedExp(to, x),
  `let ${to}M = 1.0 + ${to}F;`,
  ...scaled(`${to}S`, `${to}M`, `${to}K`),
  `let ${to} = ${exponentialOf(x, `${to}S`)};`,
];

const expm1 = (to: string, x: string): readonly string[] => [
  ...reducedExp(to, x),
  // Where 2^k is infinite the −1 is lost anyway.
  `let ${to}C = ${chosen(`${to}K > 30.0`, '30.0', `${to}K`)};`,
  `let ${to}One = 1.0;`,
  ...scaled(`${to}T`, `${to}One`, `${to}C`),
  `let ${to}M = 1.0 + ${to}F;`,
  ...scaled(`${to}S`, `${to}M`, `${to}K`),
  `let ${to}V = ${chosen(`${to}K > 30.0`, `${to}S`, `(${to}T * ${to}F + (${to}T - 1.0))`)};`,
  // The first term of a small one is itself, also where its square is lost.
  `let ${to} = ${chosen(`Math.abs(${x}) < 1e-4`, `(${x} + 0.5 * ${x} * ${x})`, exponentialOf(x, `${to}V`))};`,
];

/** ln(1 + f) − f + f²/2 over f³, 1 + f from √½ to √2. */
const logarithm = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1,
  3.3333331174e-1,
];

/** x = `to`M · 2^`to`K for x above 0, with `to`M from √½ to √2. */
function mantissa(to: string, x: string): readonly string[] {
  // Upward first, to √½ at least: a denormal takes it three times. The last way down twice: the greatest number is next to 2^128.
  const moves = [-50, -50, -50, 64, 32, 16, 8, 4, 2, 1, 1];
  return moves.flatMap((by, i) => {
    const [m, k] = i === 0 ? [x, '0.0'] : [`${to}M${i - 1}`, `${to}K${i - 1}`];
    const moves = by < 0 ? `${m} < ${literal(Math.SQRT1_2)}` : `${m} >= ${literal(2 ** by * Math.SQRT1_2)}`;
    const own = i === 10 ? '' : String(i);
    return [
      `let ${to}M${own} = ${m} * ${chosen(moves, literal(2 ** -by), '1.0')};`,
      `let ${to}K${own} = ${k} + ${chosen(moves, literal(by), '0.0')};`,
    ];
  });
}

/** ln x; where x is 1 + `small` and near 1, `small` is what is not lost. */
function log(to: string, x: string, small?: string): readonly string[] {
  const [m, k] = [`${to}M`, `${to}K`];
  return [
    ...mantissa(to, x),
    `let ${to}F = ${small === undefined ? `${m} - 1.0` : chosen(`${k} == 0.0`, small, `${m} - 1.0`)};`,
    `let ${to}Z = ${to}F * ${to}F;`,
    `let ${to}P = ${polynomial(`${to}F`, logarithm)} * ${to}F * ${to}Z + ${k} * ${literal(ln2[1])} - 0.5 * ${to}Z;`,
    `let ${to}V = (${to}F + ${to}P) + ${k} * ${literal(ln2[0])};`,
    `let ${to} = ${chosen(`${x} > ${largest}`, x, chosen(`${x} > 0.0`, `${to}V`, chosen(`${x} == 0.0`, `-${infinity}`, notANumber)))};`,
  ];
}

const log1p = (to: string, x: string): readonly string[] => [
  `let ${to}U = 1.0 + ${x};`,
  ...log(`${to}L`, `${to}U`, x),
  `let ${to} = ${to}L;`,
];

/** e^(−|x|): in (0, 1]. */
const expOfMinusSize = (to: string, x: string): readonly string[] => [`let ${to}A = -Math.abs(${x});`, ...exp(to, `${to}A`)];

const sigmoid: Formula = (to, x) => [
  ...expOfMinusSize(`${to}E`, x),
  `let ${to} = ${chosen(`${x} < 0.0`, `${to}E`, '1.0')} / (1.0 + ${to}E);`,
];

const softplus: Formula = (to, x) => [
  ...expOfMinusSize(`${to}E`, x),
  ...log1p(`${to}L`, `${to}E`),
  // A NaN is in the second term.
  `let ${to} = ${chosen(`${x} > 0.0`, x, '0.0')} + ${to}L;`,
];

const hyperbolic = [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1];

const tanh: Formula = (to, x) => [
  `let ${to}A = Math.abs(${x});`,
  `let ${to}Z = ${x} * ${x};`,
  // From 9.01 on it is 1.
  `let ${to}B = ${chosen(`${to}A > 10.0`, '20.0', `2.0 * ${to}A`)};`,
  ...exp(`${to}E`, `${to}B`),
  `let ${to}V = 1.0 - 2.0 / (${to}E + 1.0);`,
  `let ${to} = ${chosen(
    `${to}A < 0.625`,
    `${polynomial(`${to}Z`, hyperbolic)} * ${to}Z * ${x} + ${x}`,
    chosen(`${x} < 0.0`, `-${to}V`, chosen(`${x} > 0.0`, `${to}V`, x)),
  )};`,
];

/** π/2 in three parts. */
const quarter = [1.5703125, 4.837512969970703125e-4, 7.54978995489188216e-8] as const;
const sine = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1];
const cosine = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2];

/** sin(x + `turns`·π/2). Beyond 10⁵ the neighbours of a float32 lie so far apart that its phase says little, and reducing it would say nothing. */
const circular =
  (turns: number): Formula =>
  (to, x) => [
    `let ${to}Q = Math.floor(${x} * ${literal(2 / Math.PI)} + 0.5);`,
    `let ${to}R = ((${x} - ${to}Q * ${literal(quarter[0])}) - ${to}Q * ${literal(quarter[1])}) - ${to}Q * ${literal(quarter[2])};`,
    `let ${to}T = ${to}Q + ${literal(turns)};`,
    `let ${to}W = ${to}T - 4.0 * Math.floor(${to}T * 0.25);`,
    `let ${to}Z = ${to}R * ${to}R;`,
    `let ${to}Sin = ${polynomial(`${to}Z`, sine)} * ${to}Z * ${to}R + ${to}R;`,
    `let ${to}Cos = ${polynomial(`${to}Z`, cosine)} * ${to}Z * ${to}Z - 0.5 * ${to}Z + 1.0;`,
    `let ${to}V = ${chosen(`${to}W == 1.0 || ${to}W == 3.0`, `${to}Cos`, `${to}Sin`)};`,
    `let ${to} = ${chosen(`Math.abs(${x}) <= 1e5`, chosen(`${to}W > 1.5`, `-${to}V`, `${to}V`), notANumber)};`,
  ];

const erfNear = [
  7.853861353153693e-5, -8.010193625184903e-4, 5.188327685732524e-3, -2.685381193529856e-2, 1.128358514861418e-1, -3.7612625824233e-1,
];
const erfMiddle = [
  2.326819970068386e-2, -1.387039388740657e-1, 3.687424674597105e-1, -5.824733027278666e-1, 6.210004621745983e-1, -4.944515323274145e-1,
  3.404879937665872e-1, -2.741127028184656e-1, 5.638259427386472e-1,
];

/** The complement is needed up to 4 only: beyond, erf is 1. */
const erf: Formula = (to, x) => [
  `let ${to}A = Math.abs(${x});`,
  `let ${to}Z = ${x} * ${x};`,
  `let ${to}B = ${chosen(`${to}A > 4.0`, '4.0', chosen(`${to}A < 1.0`, '1.0', `${to}A`))};`,
  `let ${to}M = -${to}B * ${to}B;`,
  ...exp(`${to}E`, `${to}M`),
  `let ${to}I = 1.0 / (${to}B * ${to}B);`,
  `let ${to}C = 1.0 - ${to}E / ${to}B * ${polynomial(`${to}I`, erfMiddle)};`,
  `let ${to} = ${chosen(
    `${to}A <= 1.0`,
    // The first term apart: as the greatest it is rounded once.
    `${polynomial(`${to}Z`, erfNear)} * ${to}Z * ${x} + ${literal(1.12837916709551)} * ${x}`,
    chosen(`${x} < 0.0`, `-${to}C`, chosen(`${x} > 0.0`, `${to}C`, x)),
  )};`,
];

/** log2 e, in a part with few digits and the rest. */
const log2e = [1.4423828125, 3.122283889634e-4] as const;

/** `to` rounded to a multiple of 1/`parts`: products of such parts are exact. */
const coarse = (to: string, x: string, parts: number): string => `let ${to} = Math.floor(${x} * ${parts} + 0.5) * ${literal(1 / parts)};`;

/**
 * |x|^y = 2^(y log2 |x|), the logarithm and the product with y each in a part that is exact and a small rest: by one float32 it would be off by as many
 * places as the exponent is long. Zeros and whole exponents as IEEE has them; anything to the power 0 is 1. Source: Dekker (1971), §5, of splitting.
 */
const pow: Formula = (to, x, y) => {
  const at = (name: string): string => `${to}${name}`;
  return [
    `let ${at('A')} = Math.abs(${x});`,
    ...mantissa(to, at('A')),
    // ln m = f − f²/2 + f³·p(f): of the first two terms all digits.
    `let ${at('F')} = ${at('M')} - 1.0;`,
    coarse(at('Fc'), at('F'), 2048),
    `let ${at('Fr')} = ${at('F')} - ${at('Fc')};`,
    `let ${at('S')} = ${at('Fc')} - 0.5 * ${at('Fc')} * ${at('Fc')};`,
    `let ${at('Cube')} = ${polynomial(at('F'), logarithm)} * ${at('F')} * ${at('F')} * ${at('F')};`,
    `let ${at('Sr')} = ${at('Fr')} - ${at('Fc')} * ${at('Fr')} - 0.5 * ${at('Fr')} * ${at('Fr')} + ${at('Cube')};`,
    coarse(at('Sc'), at('S'), 4096),
    `let ${at('Lr')} = (${at('S')} - ${at('Sc')} + ${at('Sr')}) * ${literal(Math.LOG2E)} + ${at('Sc')} * ${literal(log2e[1])};`,
    `let ${at('L')} = ${at('Sc')} * ${literal(log2e[0])};`,
    // log2 |x| = k + a multiple of 2^-10 + a rest. The multiple is taken from L alone: a driver that has seen L + Lr may take it from that, and
    // what L has exactly is lost.
    coarse(at('Lc'), at('L'), 1024),
    `let ${at('Ll')} = ${at('L')} - ${at('Lc')} + ${at('Lr')};`,
    `let ${at('Y')} = ${chosen(`${y} > 1e30`, '1e30', chosen(`${y} < -1e30`, '(-1e30)', y))};`,
    `let ${at('Yc')} = ${chosen(`Math.abs(${y}) < 256.0`, `Math.floor(${y} * 64.0 + 0.5) * 0.015625`, at('Y'))};`,
    `let ${at('E')} = ${at('Yc')} * ${at('K')};`,
    `let ${at('Ec')} = ${at('Yc')} * ${at('Lc')};`,
    `let ${at('Er')} = ${at('Yc')} * ${at('Ll')} + (${at('Y')} - ${at('Yc')}) * (${at('K')} + ${at('Lc')} + ${at('Ll')});`,
    `let ${at('G')} = ${at('E')} + ${at('Ec')} + ${at('Er')};`,
    `let ${at('N')} = ${chosen(`${at('G')} > 129.0`, '129.0', chosen(`${at('G')} < -152.0`, '-152.0', `Math.floor(${at('G')} + 0.5)`))};`,
    `let ${at('R')} = (((${at('E')} - ${at('N')}) + ${at('Ec')}) + ${at('Er')}) * ${literal(Math.LN2)};`,
    `let ${at('P')} = 1.0 + (${polynomial(at('R'), exponential)} * ${at('R')} * ${at('R')} + ${at('R')});`,
    ...scaled(at('T'), at('P'), at('N')),
    `let ${at('V')} = ${chosen(`${at('G')} > 128.5`, infinity, chosen(`${at('G')} < -151.0`, '0.0', at('T')))};`,
    `let ${at('Ends')} = ${chosen(`${y} > 0.0`, '1.0', chosen(`${y} < 0.0`, '(-1.0)', y))};`,
    `let ${at('Zero')} = ${chosen(`${at('Ends')} > 0.0`, '0.0', chosen(`${at('Ends')} < 0.0`, infinity, y))};`,
    `let ${at('Far')} = ${chosen(`${at('Ends')} > 0.0`, infinity, chosen(`${at('Ends')} < 0.0`, '0.0', y))};`,
    `let ${at('Size')} = ${chosen(`${at('A')} == 0.0`, at('Zero'), chosen(`${at('A')} > ${largest}`, at('Far'), at('V')))};`,
    // As in JavaScript, unlike in C.
    `let ${at('Sure')} = ${chosen(`${at('A')} == 1.0 && Math.abs(${y}) > ${largest}`, notANumber, at('Size'))};`,
    `let ${at('Whole')} = ${chosen(`Math.floor(${y}) == ${y}`, '1.0', '0.0')};`,
    `let ${at('Odd')} = ${chosen(`${at('Whole')} > 0.5 && ${y} - 2.0 * Math.floor(${y} * 0.5) > 0.5`, '1.0', '0.0')};`,
    `let ${at('Real')} = ${chosen(`${x} < 0.0 && ${at('Whole')} < 0.5 && ${at('A')} <= ${largest}`, notANumber, at('Sure'))};`,
    // A negative zero is told by its inverse.
    `let ${at('Signed')} = ${chosen(`(${x} < 0.0 || 1.0 / ${x} < 0.0) && ${at('Odd')} > 0.5`, `-${at('Real')}`, at('Real'))};`,
    `let ${to} = ${chosen(`${y} == 0.0`, '1.0', chosen(`${y} > 0.0`, at('Signed'), chosen(`${y} < 0.0`, at('Signed'), y)))};`,
  ];
};

export const formulas: Readonly<Record<PointwiseOp, Formula>> = {
  neg: one((x) => `-${x}`),
  abs: one((x) => `Math.abs(${x})`),
  sign: one((x) => chosen(`${x} > 0.0`, '1.0', chosen(`${x} < 0.0`, '(-1.0)', x))),
  floor: one((x) => `Math.floor(${x})`),
  exp,
  log: (to, x) => log(to, x),
  log1p,
  expm1,
  // What a shader makes of a negative one is its own affair.
  sqrt: one((x) => chosen(`${x} < 0.0`, notANumber, `Math.sqrt(${x})`)),
  sin: circular(0),
  cos: circular(1),
  tanh,
  sigmoid,
  softplus,
  erf,
  not: truth((x) => `${x} == 0.0`),
  is_finite: truth((x) => `Math.abs(${x}) <= ${largest}`),
  add: one((x, y) => `${x} + ${y}`),
  sub: one((x, y) => `${x} - ${y}`),
  mul: one((x, y) => `${x} * ${y}`),
  // 0/0 and ∞/∞ are 1 where a shader divides by multiplying.
  div: one((x, y) =>
    chosen(`(${x} == 0.0 && ${y} == 0.0) || (Math.abs(${x}) > ${largest} && Math.abs(${y}) > ${largest})`, notANumber, `${x} / ${y}`),
  ),
  pow,
  // Where neither is at least the other, one is NaN, and so is the sum.
  maximum: one((x, y) => chosen(`${x} >= ${y}`, x, chosen(`${y} > ${x}`, y, `${x} + ${y}`))),
  minimum: one((x, y) => chosen(`${x} <= ${y}`, x, chosen(`${y} < ${x}`, y, `${x} + ${y}`))),
  guarded_mul: one((x, y) => chosen(`${x} == 0.0`, '0.0', `${x} * ${y}`)),
  equal: truth((x, y) => `${x} == ${y}`),
  less: truth((x, y) => `${x} < ${y}`),
  less_equal: truth((x, y) => `${x} <= ${y}`),
  and: truth((x, y) => `${x} != 0.0 && ${y} != 0.0`),
  or: truth((x, y) => `${x} != 0.0 || ${y} != 0.0`),
  select: one((x, y, z) => chosen(`${x} != 0.0`, y, z)),
};
