"""Writes table.json: arguments that are exact in float64, half of them in float32 too, and the function's value in two float64.

The second float64 is what the first lacks, to three digits: enough to measure errors in thousandths of a unit in the last place.
Points are random, dense where an approximation is hard or changes. Needs mpmath; run when the table changes.
Usage: python test/wasm/math/table.py > test/wasm/math/table.json
"""

import json
import math
import random
import struct

from mpmath import cos, erf, exp, expm1, log, log1p, mp, mpf, pi, sin, tanh

mp.prec = 1300  # 2/π to the last bit of the largest float64, and 100 bits more.
rng = random.Random(20)


def single(x):
    try:
        return struct.unpack("<f", struct.pack("<f", x))[0]
    except OverflowError:
        return math.inf


def both(points):
    """The points, and what they are in float32."""
    return [*points, *(single(x) for x in points)]


def around(x):
    """The float64 next to x, and a little further, on both sides; the float32 likewise."""
    near = [x]
    for direction in (-math.inf, math.inf):
        y = x
        for _ in range(2):
            y = math.nextafter(y, direction)
            near.append(y)
    s = single(x)
    bits = struct.unpack("<i", struct.pack("<f", s))[0]
    near += [struct.unpack("<f", struct.pack("<i", bits + i))[0] for i in (-1, 0, 1) if bits + i >= 0 or bits < 0]
    return [*near, x * (1 - 1e-9), x * (1 + 1e-9)]


def uniform(count, low, high):
    return both([rng.uniform(low, high) for _ in range(count)])


def magnitudes(count, low, high, signs=(-1, 1)):
    """Uniform in the exponent."""
    return both([rng.choice(signs) * math.ldexp(rng.uniform(1, 2), rng.randint(low, high)) for _ in range(count)])


def signed(points):
    return [s * x for x in points for s in (1, -1)]


def join(*lists):
    return [x for points in lists for x in points]


LN2 = math.log(2)
tiny = signed([5e-324, 1e-310, 2.0**-1022, 2.0**-149, 2.0**-126, 2.0**-60, 2.0**-30])
halves = join(*(around((n + 0.5) * LN2) for n in (-1075, -1023, -150, -127, -53, -25, -3, -2, -1, 0, 1, 2, 30, 127, 1023)))
ends = join(*(around(x) for x in (709.782712893384, -708.3964185322641, -745.1332191019411, 88.72283905206835, -87.33654475, -103.97208)))
quarter_turns = [float(n * pi / 2) for n in [*range(1, 12), 667544, *(29 << k for k in range(15)), *rng.sample(range(12, 667544), 60)]]
between = [float((n + 0.5) * pi / 2) for n in (0, 1, 2, 3, 100, 12345, 600001)]
huge = [2.0**1023, 1.7976931348623157e308, 6381956970095103 * 2.0**797, 1e22, 3.4028234663852886e38, 2.0**100]
angles = join(
    uniform(60, -10, 10),
    magnitudes(60, -40, 19),
    magnitudes(50, 20, 1023),
    magnitudes(30, 20, 127),
    both(signed(quarter_turns)),
    join(*(around(x) for x in between)),
    signed(huge),
    around(2.0**20),
    tiny,
)

points = {
    "exp": join(uniform(90, -746, 710), uniform(60, -104, 89), uniform(70, -2, 2), magnitudes(30, -60, 9), tiny, halves, ends),
    "log": join(
        magnitudes(80, -1074, 1023, (1,)),
        magnitudes(60, -149, 127, (1,)),
        uniform(60, 0.5, 2),
        [1 + s * 2.0**-k for k in range(1, 53) for s in (1, -1)],
        join(*(around(math.sqrt(2) * 2.0**k) for k in (-1050, -130, -2, -1, 0, 1, 2, 100, 1000))),
        [x for x in tiny if x > 0],
    ),
    "log1p": join(
        magnitudes(60, -1074, 1023, (1,)),
        magnitudes(50, -60, -2),
        uniform(60, -1, 2),
        [-1 + 2.0**-k for k in range(1, 54)],
        [s * 2.0**-k for k in range(1, 54) for s in (1, -1)],
        join(*(around(x) for x in (math.sqrt(2) - 1, math.sqrt(0.5) - 1, 2 * math.sqrt(2) - 1, 2.0**53, 2.0**24))),
        tiny,
    ),
    "expm1": join(uniform(70, -40, 710), uniform(50, -20, 89), uniform(80, -3, 3), magnitudes(50, -60, 5), tiny, halves, ends),
    "tanh": join(
        uniform(80, -2.5, 2.5), uniform(50, -23, 23), magnitudes(50, -60, 3), around(0.625), around(-0.625), tiny, halves, around(20)
    ),
    "sigmoid": join(
        uniform(70, -746, 40), uniform(40, -104, 20), uniform(80, -6, 6), uniform(60, -1.15, -1.09), magnitudes(20, -60, 4), tiny, halves, ends
    ),
    "softplus": join(
        uniform(70, -746, 40), uniform(40, -104, 20), uniform(80, -6, 6), uniform(40, -0.5, 0.1), magnitudes(30, -60, 9), tiny, halves, ends
    ),
    "sin": angles,
    "cos": angles,
    "erf": join(
        uniform(120, -6, 6),
        uniform(80, -1.5, 1.5),
        magnitudes(50, -60, 2),
        join(*(around(x) for x in (27 / 32, -27 / 32, 4, 5.9, 6))),
        tiny,
    ),
}


def powers():
    for _ in range(60):
        yield rng.uniform(0, 4), rng.uniform(-20, 20)
        yield rng.uniform(0.3, 3), rng.uniform(-5, 5)
        yield rng.uniform(-10, 10), float(rng.randint(-12, 12))
        # Near the ends of the range of the result.
        x = math.ldexp(rng.uniform(1, 2), rng.randint(-1074, 1023))
        yield x, rng.uniform(-1075, 1024) / (math.log2(x) or 1)
        x = 1 + rng.choice((-1, 1)) * math.ldexp(rng.uniform(1, 2), -rng.randint(3, 40))
        yield x, rng.uniform(-1075, 1024) / math.log2(x)
        x = single(math.ldexp(rng.uniform(1, 2), rng.randint(-149, 127)))
        yield x, rng.uniform(-150, 128) / (math.log2(x) or 1)
        x = single(1 + rng.choice((-1, 1)) * math.ldexp(rng.uniform(1, 2), -rng.randint(3, 20)))
        yield x, rng.uniform(-150, 128) / math.log2(x)
    for k in range(-3, 4):
        for x in around(math.sqrt(2) * 2.0**k)[:5]:
            yield x, rng.uniform(-300, 300)


functions = {
    "exp": exp,
    "log": log,
    "log1p": log1p,
    "expm1": expm1,
    "tanh": tanh,
    "sigmoid": lambda x: 1 / (1 + exp(-x)),
    "softplus": lambda x: log1p(exp(-abs(x))) + max(x, 0),
    "sin": sin,
    "cos": cos,
    "erf": erf,
    "pow": lambda x, y: x**y,
}


def rows(name, arguments):
    for argument in sorted(set(arguments)):
        exact = functions[name](*(mpf(x) for x in argument))
        high = float(exact)
        if math.isfinite(high):
            yield [*argument, high, float(f"{float(exact - mpf(high)):.3g}")]


def usable(name, x):
    return math.isfinite(x) and x != 0 and not (name == "log" and x < 0) and not (name == "log1p" and x <= -1)


table = {name: list(rows(name, [(x,) for x in xs if usable(name, x)])) for name, xs in points.items()}
pairs = [pair for x, y in powers() for pair in ((x, y), (single(x), single(y))) if x != 0 and single(x) != 0]
table["pow"] = list(rows("pow", [p for p in pairs if all(map(math.isfinite, p))]))

lines = [f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]" for name, rows in table.items()]
print("{\n" + ",\n".join(lines) + "\n}")
