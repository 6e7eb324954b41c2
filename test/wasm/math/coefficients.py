"""Prints the coefficients of compiler/emit/wasm/math, and the largest error of each approximation as a power of two.

Polynomials: Remez's exchange; each coefficient is rounded in turn, lowest first, and the rest fitted again.
Quotients A/B: the same exchange, with the equations linearised around the last error; B begins with 1.
Needs mpmath; takes some minutes. Usage: python test/wasm/math/coefficients.py
"""

import struct

from mpmath import atanh, cos, coth, erf, erfc, exp, fabs, log, lu_solve, matrix, mp, mpf, pi, sin, sqrt, tanh

mp.prec = 240


def float64(x):
    return mpf(float(x))


def float32(x):
    return mpf(struct.unpack("<f", struct.pack("<f", float(x)))[0])


def extrema(error, low, high, count):
    """Where the error is largest between its changes of sign."""
    steps = 40 * count
    xs = [(low + high) / 2 - (high - low) / 2 * cos(pi * i / steps) for i in range(steps + 1)]
    es = [error(x) for x in xs]
    found = []
    i = 0
    while i <= steps:
        j = best = i
        while j <= steps and (es[j] >= 0) == (es[i] >= 0):
            best = j if fabs(es[j]) > fabs(es[best]) else best
            j += 1
        x = xs[best]
        if 0 < best < steps:
            (x0, x1, x2), (e0, e1, e2) = xs[best - 1 : best + 2], es[best - 1 : best + 2]
            bend = (x1 - x0) * (e1 - e2) - (x1 - x2) * (e1 - e0)
            if bend != 0:
                top = x1 - ((x1 - x0) ** 2 * (e1 - e2) - (x1 - x2) ** 2 * (e1 - e0)) / (2 * bend)
                x = top if x0 < top < x2 else x
        found.append((x, error(x)))
        i = j
    return found


def remez(f, top, bottom, low, high, weight):
    """Powers `top` over 1 + powers `bottom`, so that weight·(f − A/B) is small. Gives both lists of coefficients and the error."""
    low, high = mpf(low), mpf(high)
    size = len(top) + len(bottom) + 1
    points = [(low + high) / 2 - (high - low) / 2 * cos(pi * (2 * i + 1) / (2 * size)) for i in range(size)]
    a, b, level = [], [mpf(0)] * len(bottom), mpf(0)
    for _ in range(25):
        for _ in range(8 if bottom else 1):
            left, right = matrix(size, size), matrix(size, 1)
            for i, x in enumerate(points):
                w, s, value = weight(x), (-1) ** i, f(x)
                rest = sum(c * x**k for c, k in zip(b, bottom))
                for j, k in enumerate(top):
                    left[i, j] = w * x**k
                for j, k in enumerate(bottom):
                    left[i, len(top) + j] = -(w * value - s * level) * x**k
                left[i, size - 1] = s * (1 + rest)
                right[i] = w * value + s * level * rest
            solved = lu_solve(left, right)
            a, b, level = list(solved[: len(top)]), list(solved[len(top) : size - 1]), solved[size - 1]

        def error(x):
            bottomed = 1 + sum(c * x**k for c, k in zip(b, bottom))
            return weight(x) * (f(x) - sum(c * x**k for c, k in zip(a, top)) / bottomed)

        found = extrema(error, low, high, size)
        worst = max(fabs(e) for _, e in found)
        if len(found) < size:
            break
        while len(found) > size:
            found = found[1:] if fabs(found[0][1]) < fabs(found[-1][1]) else found[:-1]
        points = [x for x, _ in found]
        if fabs(worst - fabs(level)) < mpf("1e-4") * fabs(level):
            break
    return a, b, worst


def polynomial(name, f, count, low, high, weight, rounded):
    done = []
    while len(done) < count:
        powers = list(range(len(done), count))
        a, _, _ = remez(lambda x: f(x) - sum(c * x**k for k, c in enumerate(done)), powers, [], low, high, weight)
        done.append(rounded(a[0]))
    xs = [mpf(low) + (mpf(high) - mpf(low)) * i / 2000 for i in range(1, 2001)]
    worst = max(fabs(weight(x) * (f(x) - sum(c * x**k for k, c in enumerate(done)))) for x in xs)
    print(f"{name}: 2^{float(log(worst, 2)):.1f}\n  {[float(c) for c in done]}", flush=True)


def quotient(name, f, top, bottom, low, high, weight):
    a, b, worst = remez(f, list(range(top + 1)), list(range(1, bottom + 1)), low, high, weight)
    print(f"{name}: 2^{float(log(worst, 2)):.1f}\n  {[float(c) for c in a]}\n  {[1.0] + [float(c) for c in b]}", flush=True)


half_log = log(mpf(2)) / 2 * (1 + mpf(2) ** -20)
tiny = mpf(10) ** -12


def tanh_of_half(z):
    return tanh(sqrt(z) / 2) / sqrt(z)


quotient("P/Q = tanh(r/2)/r in r^2, float64 (both are divided by the last)", tanh_of_half, 2, 2, tiny, half_log**2, lambda z: 2 * sqrt(z))


def coth_rest(z):
    return (sqrt(z) * coth(sqrt(z) / 2) - 2) / z if z > mpf(10) ** -20 else mpf(1) / 6


def coth_weight(z):
    # (Q + r)/(Q − r) changes by 2r/(Q² − r²) of itself for what is added to Q.
    q = 2 + z * coth_rest(z)
    return z * 2 * sqrt(z) / (q * q - z)


wide_half_log = log(mpf(2)) / 2 * (1 + mpf(2) ** -10)
polynomial("(r coth(r/2) - 2)/r^2 in r^2, float64", coth_rest, 5, 0, wide_half_log**2, coth_weight, float64)
polynomial("(r coth(r/2) - 2)/r^2 in r^2, float32", coth_rest, 2, 0, wide_half_log**2, coth_weight, float32)


def tanh_rest(z):
    return (tanh(sqrt(z)) / sqrt(z) - 1) / z if z > mpf(10) ** -15 else -mpf(1) / 3 + 2 * z / 15


quotient("(tanh(x)/x - 1)/x^2 in x^2, float64", tanh_rest, 2, 3, 0, mpf(0.625) ** 2, lambda z: z)
quotient("(tanh(x)/x - 1)/x^2 in x^2, float32", tanh_rest, 1, 1, 0, mpf(0.625) ** 2, lambda z: z)


def atanh_rest(w):
    return 2 * (atanh(sqrt(w)) / sqrt(w) - 1) / w if w > mpf(10) ** -15 else mpf(2) / 3 + 2 * w / 5 + 2 * w * w / 7


third = mpf(1) / 9
quotient("(2 atanh(z)/z - 2)/z^2 in z^2, z to 1/3, float64", atanh_rest, 3, 4, 0, third, lambda w: w / 2)
polynomial("(2 atanh(z)/z - 2)/z^2 in z^2, z to 1/3, float32", atanh_rest, 4, 0, third, lambda w: w / 2, float32)

widest = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1) * (1 + mpf(2) ** -10)) ** 2
polynomial("(2 atanh(s)/s - 2)/s^2 in s^2, log, float64", atanh_rest, 7, 0, widest, lambda w: w / 2, float64)
polynomial("(2 atanh(s)/s - 2)/s^2 in s^2, log, float32", atanh_rest, 3, 0, widest, lambda w: w / 2, float32)
polynomial("the same halved, pow in float32", lambda w: atanh_rest(w) / 2, 4, 0, widest, lambda w: w, float64)


def atanh_far(z):
    return (3 * atanh(sqrt(z)) / sqrt(z) - 3 - z) / z**2 if z > mpf(10) ** -18 else mpf(3) / 5 + 3 * z / 7 + z * z / 3


polynomial("(3 atanh(s)/s - 3 - s^2)/s^4 in s^2, pow in float64", atanh_far, 7, 0, widest, lambda z: z * z / 3, float64)

eighth = pi / 4 * (1 + mpf(2) ** -12)


def sine_rest(z):
    return (sin(sqrt(z)) / sqrt(z) - 1) / z if z > mpf(10) ** -20 else -mpf(1) / 6 + z / 120


def cosine_rest(z):
    return (cos(sqrt(z)) - 1 + z / 2) / z**2 if z > mpf(10) ** -15 else mpf(1) / 24 - z / 720


def sine_weight(z):
    return z * sqrt(z) / sin(sqrt(z)) if z > 0 else mpf(0)


for count, rounded, kind in ((6, float64, "float64"), (3, float32, "float32")):
    polynomial(f"(sin(r)/r - 1)/r^2 in r^2, {kind}", sine_rest, count, 0, eighth**2, sine_weight, rounded)
    polynomial(f"(cos r - 1 + r^2/2)/r^4 in r^2, {kind}", cosine_rest, count, 0, eighth**2, lambda z: z * z / cos(sqrt(z)), rounded)

edge = mpf(27) / 32


def erf_rest(z):
    return erf(sqrt(z)) / sqrt(z) - 1 if z > mpf(10) ** -20 else 2 / sqrt(pi) * (1 - z / 3) - 1


def erf_weight(z):
    return 1 / (1 + erf_rest(z))


quotient("erf(x)/x - 1 in x^2, float64", erf_rest, 4, 5, 0, edge**2, erf_weight)
polynomial("erf(x)/x - 1 in x^2, float32", erf_rest, 6, 0, edge**2, erf_weight, float32)


def scaled_complement(x):
    return erfc(x) * exp(x * x)


quotient("(1 - erf x) e^(x^2), float64", scaled_complement, 5, 6, edge, 6, lambda x: exp(-x * x) / erf(x))
quotient("(1 - erf x) e^(x^2), float32", scaled_complement, 2, 3, edge, 4, lambda x: exp(-x * x) / erf(x))
