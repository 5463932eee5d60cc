"""Compares random flows under CPython with the state machines they compile to, more of them than the tests do.

    python bench/random_flows.py [PROGRAMS] [SEED] [sfnx|moto|judged]

Prints each program whose result, error or calls differ, and how many were compared; interrupted, how many until then.
"judged" runs them in moto, and also asks JSONata 2.0.6, as Step Functions evaluates, for the value of each expression.
A program is named by seed and number, so that it can be looked at again.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "compiler"), str(ROOT / "tests" / "compiler" / "corpus")]

from differential import compare  # type: ignore[import-not-found]  # noqa: E402
from engines import moto_engine, sfnx_engine  # type: ignore[import-not-found]  # noqa: E402
from node_judges import Judge  # type: ignore[import-not-found]  # noqa: E402
from random_flows import program  # type: ignore[import-not-found]  # noqa: E402

from nightshift.errors import CompileErrors  # noqa: E402

_TOO_DEEP = "NS502"
"""What the compiler says of more levels of parallel and for_each than it takes: a helper may add some."""

_AT_ONCE = 2000
"""Expressions that the judge is asked at once."""


def main(programs: str = "1000", seed: str = "1", engine: str = "sfnx") -> int:
    """Compare so many programs; the number of differences."""
    if engine == "sfnx":
        return _compared(int(programs), seed, sfnx_engine.run)
    with moto_engine.running() as moto:
        judge = Judge() if engine == "judged" else None
        moto.heard = judge.heard if judge is not None else None
        different = _compared(int(programs), seed, moto.run, judge)
    if judge is not None:
        judge.decide()
        print("".join(f"--- {said}\n" for said in judge.differ), end="")
        print(f"{judge.judged} expressions judged by JSONata 2.0.6, {len(judge.differ)} differ", flush=True)
        different += len(judge.differ)
    return different


def _compared(programs: int, seed: str, engine: Any, judge: Any = None) -> int:
    drawn = compared = different = 0
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, suppress(KeyboardInterrupt):
        for number in range(programs):
            if judge is not None and len(judge.waiting) > _AT_ONCE:
                judge.decide()
            source = program(Random(f"{seed}-{number}"))
            drawn += 1
            try:
                both = compare(source, Path(folder), engine)
            except CompileErrors as error:
                if {one.code for one in error.errors} == {_TOO_DEEP}:
                    continue
                different += 1
                print(f"--- {seed}-{number} is rejected\n{error}", flush=True)
                continue
            if both is None:
                continue
            compared += 1
            if both[0] != both[1]:
                different += 1
                print(f"--- {seed}-{number} differs\n{source}\nCPython: {both[0]}\nmachine: {both[1]}", flush=True)
    took = time.perf_counter() - started
    print(f"{compared} of {drawn} programs compared in {took:.0f} s, {different} differences (seed {seed})", flush=True)
    return different


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) > 0)
