/**
 * The elementary functions of which the last bit may hang on the host, made of arithmetic that every host rounds alike: V8’s `Math.exp`,
 * `Math.log` and `**` are not JavaScriptCore’s, and not those of every other V8. With these a drive takes the same steps everywhere.
 * Errors stay below one unit in the last place but where said.
 */

/** ln 2 in two parts: the first has 32 bits, so that its product with an exponent is exact. */
const ln2High = 0xb17217f7 / 0x1_0000_0000;
const ln2Low = 1.9082149292705877e-10;

const largestLog = 709.782712893384;
const smallestLog = -745.1332191019412;

/** a₀ + z·(a₁ + z·(a₂ + …)). */
function polynomial(z: number, coefficients: Float64Array): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i -= 1) sum = sum * z + (coefficients[i] ?? 0);
  return sum;
}

/** 1/n! for every `stride`-th n from `first`; n! is exact up to 18!. */
function inverseFactorials(terms: number, first: number, stride: number): Float64Array {
  return Float64Array.from({ length: terms }, (_, i) => {
    let factorial = 1;
    for (let factor = 2; factor <= first + i * stride; factor += 1) factorial *= factor;
    return 1 / factorial;
  });
}

/** Of (eʳ − 1 − r)/r², of sin √−z/√−z and cos √−z. */
const exponential = /* @__PURE__ */ inverseFactorials(12, 2, 1);
const sines = /* @__PURE__ */ inverseFactorials(9, 1, 2);
const cosines = /* @__PURE__ */ inverseFactorials(9, 0, 2);
/** Of (2·artanh s − 2s)/s³ in s². */
const artanh = /* @__PURE__ */ Float64Array.from({ length: 11 }, (_, i) => 2 / (2 * i + 3));

/** For exponents of normal numbers, −1022 to 1023. */
function powerOfTwo(exponent: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setUint16(0, (exponent + 1023) << 4);
  return bits.getFloat64(0);
}

/** x = mantissa · 2^exponent with a mantissa from √½ to √2, for x finite and above 0. */
function split(x: number): { readonly mantissa: number; readonly exponent: number } {
  if (x < 2.2250738585072014e-308) {
    const { mantissa, exponent } = split(x * powerOfTwo(54));
    return { mantissa, exponent: exponent - 54 };
  }
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, x);
  const exponent = (bits.getUint16(0) >> 4) - 1023;
  const mantissa = x / powerOfTwo(exponent);
  return mantissa > Math.SQRT2 ? { mantissa: mantissa / 2, exponent: exponent + 1 } : { mantissa, exponent };
}

/** eˣ: with x = k·ln 2 + r, 2ᵏ times the Taylor polynomial of eʳ, which is short of it by 4e-18 at most. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > largestLog) return Number.POSITIVE_INFINITY;
  if (x < smallestLog) return 0;
  const k = Math.round(x / Math.LN2);
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const rest = r * r * polynomial(r, exponential);
  const y = 1 + (high - (low - rest));
  // In two steps: the whole power may be no normal number where the result is one.
  const half = Math.trunc(k / 2);
  return y * powerOfTwo(half) * powerOfTwo(k - half);
}

/** ln x: with x = m·2ᵏ, f = m − 1 and s = f/(2 + f), k·ln 2 plus 2·artanh s = f − s·(f − 2s²/3 − 2s⁴/5 − …). */
export function log(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  const { mantissa, exponent } = split(x);
  const f = mantissa - 1;
  const s = f / (2 + f);
  const z = s * s;
  const rest = z * polynomial(z, artanh);
  return exponent * ln2High - (s * (f - rest) - exponent * ln2Low - f);
}

/**
 * ln(1 + x), also where 1 + x rounds: the quotient makes up for it. Within three units in the last place.
 * Source: Goldberg (1991), theorem 4.
 */
export function log1p(x: number): number {
  const sum = 1 + x;
  if (sum === 1 || sum === Number.POSITIVE_INFINITY) return x;
  const logarithm = log(sum);
  return sum === 0 ? logarithm : logarithm * (x / (sum - 1));
}

/** cos 2πt for t from 0 to 1: the nearest quarter of a turn is taken off without error. Absolute error below 3e-16. */
export function cosOfTurns(t: number): number {
  const quarter = Math.round(4 * t);
  const angle = 2 * Math.PI * (t - quarter / 4);
  const z = -angle * angle;
  const cosine = polynomial(z, cosines);
  const sine = angle * polynomial(z, sines);
  return [cosine, -sine, -cosine, sine][quarter % 4] ?? cosine;
}

/** baseⁿ for whole n from 0, by squaring. */
export function wholePower(base: number, n: number): number {
  let result = 1;
  for (let [square, rest] = [base, n]; rest > 0; square *= square, rest = Math.floor(rest / 2)) if (rest % 2 === 1) result *= square;
  return result;
}
