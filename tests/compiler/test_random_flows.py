"""Random flows under CPython and as state machines: the same result or error, the same calls, the same waits."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from differential import compare
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_flows import program

PROGRAMS = 300


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs are written."""
    return tmp_path_factory.mktemp("random_flows")


@settings(
    max_examples=PROGRAMS,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32), random=st.randoms(use_true_random=False))
def test_random_flows_agree(folder: Path, seed: int, random: Random) -> None:
    """CPython is the oracle; the machine runs in sfnx.

    Half of the programs are drawn from a seed, as wide as bench/random_flows.py draws them, half draw by draw, which
    Hypothesis can shrink.
    """
    source = program(random if seed % 2 else Random(seed))
    both = compare(source, folder)
    if both is not None:
        wanted, found = both
        assert found == wanted, source
