"""Writes erf-table.json: arguments that are exact in float64, and erf of them to 40 digits. Needs mpmath; run when the table changes.

Usage: python test/ops/erf-table.py > test/ops/erf-table.json
"""

import json

from mpmath import erf, mp, nstr

mp.dps = 60

small = [2.0**-k for k in (1000, 500, 60, 30, 20, 10, 5, 3)]
steps = [i / 16 for i in range(1, 97)]
seams = [2.5 - 2.0**-50, 2.5, 2.5 + 2.0**-50, 5.9, 5.999, 6.0, 6.5, 9.0]
points = sorted(set(small + steps + seams))
rows = [[repr(x), nstr(erf(mp.mpf(x)), 40, min_fixed=-1, max_fixed=1)] for x in points]
print("[\n" + ",\n".join("  " + json.dumps(row) for row in rows) + "\n]")
