"""Compares random flows under CPython with the state machines they compile to, more of them than the tests do.

    python bench/random_flows.py [PROGRAMS] [SEED] [sfnx|moto]

Prints each program whose result, error or calls differ, and how many were compared. A program is named by seed and
number, so that it can be looked at again.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "compiler"), str(ROOT / "tests" / "compiler" / "corpus")]

from differential import compare  # type: ignore[import-not-found]  # noqa: E402
from engines import moto_engine, sfnx_engine  # type: ignore[import-not-found]  # noqa: E402
from random_flows import program  # type: ignore[import-not-found]  # noqa: E402

from nightshift.errors import CompileErrors  # noqa: E402


def main(programs: str = "1000", seed: str = "1", engine: str = "sfnx") -> int:
    """Compare so many programs; the number of differences."""
    if engine == "sfnx":
        return _compared(int(programs), seed, sfnx_engine.run)
    with moto_engine.running() as moto:
        return _compared(int(programs), seed, moto.run)


def _compared(programs: int, seed: str, engine: Any) -> int:
    compared = different = 0
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(programs):
            source = program(Random(f"{seed}-{number}"))
            try:
                both = compare(source, Path(folder), engine)
            except CompileErrors as error:
                different += 1
                print(f"--- {seed}-{number} is rejected\n{error}")
                continue
            if both is None:
                continue
            compared += 1
            if both[0] != both[1]:
                different += 1
                print(f"--- {seed}-{number} differs\n{source}\nCPython: {both[0]}\nmachine: {both[1]}")
    took = time.perf_counter() - started
    print(f"{compared} of {programs} programs compared in {took:.0f} s, {different} differences (seed {seed})")
    return different


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) > 0)
