"""A fleet in this process for one simulation: moto behind the rules of the local AWS, on a virtual clock.

moto keeps its resources in the process. Within `simulated_fleet` it is empty, its ids are those of a seed, and its
times are virtual; afterwards everything is as it was.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from botocore.loaders import JSONFileLoader

from nightshift.local.fleet.clock import VirtualClock
from nightshift.local.fleet.world import World
from nightshift.simulation.environment import environment

_STATE = "MOTO_EC2_LOAD_DEFAULT_AMIS"
_TIMED = ("amis", "elastic_block_store", "instances", "vpcs")
"""Models of moto's EC2 that note a time."""


@contextmanager
def simulated_fleet(now: Callable[[], float], seed: int = 1) -> Iterator[World]:
    """An empty fleet whose clock is `now` (seconds since the epoch) and whose ids come from `seed`."""
    # Thousands of public images that nobody asked for would have to be made.
    with environment({_STATE: "false"}), models_read_once(), ExitStack() as undo:
        import moto.ec2.models
        import moto.rds.models
        from moto.core.base_backend import BackendDict
        from moto.moto_api._internal import mock_random

        from nightshift.local.fleet import fast_answers  # noqa: F401  importing it registers it
        from nightshift.local.fleet.hooks import honest

        for generator in (mock_random, random):
            undo.callback(generator.setstate, generator.getstate())
            generator.seed(seed)
        undo.enter_context(_emptied(BackendDict))
        models: Any = moto.ec2.models
        timed: list[Any] = [*(getattr(models, name) for name in _TIMED), moto.rds.models]
        for model in timed:
            # moto's times have no zone.
            undo.callback(setattr, model, "utcnow", model.utcnow)
            model.utcnow = lambda: datetime.fromtimestamp(now(), UTC).replace(tzinfo=None)
        yield undo.enter_context(honest(World(VirtualClock(now))))


_read_model = cache(partial(JSONFileLoader.load_file, JSONFileLoader()))


@contextmanager
def models_read_once() -> Iterator[None]:
    """Within, each file with a service's model is read once: moto reads that of EC2 five times, a megabyte each."""
    loader: Any = JSONFileLoader
    original = loader.load_file
    loader.load_file = lambda _, path: _read_model(path)
    try:
        yield
    finally:
        loader.load_file = original


@contextmanager
def _emptied(registry: Any) -> Iterator[None]:
    """Within, moto has no resources; afterwards those it had before."""
    before = [(backends, dict(backends)) for backends in registry._instances]
    for backends, _ in before:
        backends.clear()
    try:
        yield
    finally:
        for backends in registry._instances:
            backends.clear()
        for backends, accounts in before:
            backends.update(accounts)
