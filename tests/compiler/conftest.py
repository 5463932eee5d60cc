"""Makes the corpus and the engines importable, and starts each engine once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE / "corpus")]

from engines import ministack_engine, moto_engine  # noqa: E402


@pytest.fixture(scope="module")
def moto() -> Iterator[moto_engine.Moto]:
    """moto's Step Functions. Not for the whole session: as long as one mock of moto is on, none forgets its state."""
    with moto_engine.running() as engine:
        yield engine


@pytest.fixture(scope="session")
def ministack() -> Iterator[ministack_engine.MiniStack]:
    """MiniStack's Step Functions."""
    with ministack_engine.running() as engine:
        yield engine
