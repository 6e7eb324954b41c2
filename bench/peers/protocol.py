"""What every Python contestant shares: JSON lines with the harness, timing, and the numbers that results are compared by.

A contestant calls `serve(versions, rows)`; `rows` maps a kind to a function of `Input` that prepares everything untimed and returns
`Work`. The timing mirrors `../measure.ts` and the fingerprint `../fingerprint.ts`: keep them alike.
"""

import json
import math
import os
import sys
import time
import traceback
from dataclasses import dataclass
from typing import Callable, Optional

# The protocol owns stdout; a library that prints goes to stderr.
_answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def say(answer):
    _answers.write(json.dumps(answer) + "\n")
    _answers.flush()


try:
    import numpy as np
except ImportError as error:
    say({"absent": str(error)})
    raise SystemExit(0)


class Absent(Exception):
    """This contestant takes no part in a row, and why."""


@dataclass
class Work:
    run: Callable[[], object]
    """Runs once, complete when it returns."""
    result: Callable[[], object]
    """What `run` last found, as an array."""
    note: Optional[str] = None


class Input:
    def __init__(self, request):
        self.sizes = request["sizes"]
        self.at = request["at"]
        self._folder = request["dataDir"]

    def load(self, name, *shape):
        return np.fromfile(os.path.join(self._folder, name + ".f64"), dtype="<f8").reshape(shape if shape else (-1,))


def fingerprint(result):
    values = np.asarray(result, dtype=np.float64).reshape(-1)
    if values.size <= 4:
        return [float(value) for value in values]
    root = np.sqrt(values.size)
    weighted = float(values @ np.cos(np.arange(values.size)))
    return [float(np.linalg.norm(values) / root), weighted / root] + [float(values[i]) for i in (0, values.size // 2, values.size - 1)]


def measure(run, seconds, warm_seconds):
    now = time.perf_counter
    begin = now()
    fastest = np.inf
    while True:
        start = now()
        run()
        fastest = min(fastest, now() - start)
        if now() - begin >= warm_seconds:
            break
    # A sample takes half a millisecond at least: what runs for microseconds is timed in batches.
    batch = max(1, int(np.ceil(0.0005 / fastest)))
    # Of what takes seconds, one sample a round is enough.
    fewest = 1 if fastest > 2 else 3
    times = []
    cpu = time.process_time()
    begin = now()
    while len(times) < fewest or (now() - begin < seconds and len(times) < 2000):
        start = now()
        for _ in range(batch):
            run()
        times.append((now() - start) * 1000 / batch)
    return times, (time.process_time() - cpu) / (now() - begin)


def serve(versions, rows):
    say({"ready": versions})
    prepared = (None, None)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "row" not in request:
                prepared = (None, None)
                say({"ended": True})
                continue
            key = (request["row"], request["dataDir"])
            fresh = prepared[0] != key
            if fresh:
                prepared = (None, None)
                maker = rows.get(request["row"])
                if maker is None:
                    raise Absent("has no such function")
                prepared = (key, maker(Input(request)))
            work = prepared[1]
            times, cores = measure(work.run, request["seconds"], request["warmSeconds"] if fresh else 0)
            say({"times_ms": times, "check": [value if math.isfinite(value) else None for value in fingerprint(work.result())], "cores": cores, **({"note": work.note} if work.note else {})})
        except Absent as absent:
            say({"absent": str(absent)})
        except Exception as error:  # whatever a row throws is an answer to the harness, not the end of the process
            traceback.print_exc()
            say({"error": f"{type(error).__name__}: {error}"})
