"""moto behind the rules of the local AWS, on the clock of a test: states that last, refusals as AWS gives them."""

from __future__ import annotations

from nightshift.local.fleet.clock import VirtualClock
from nightshift.local.fleet.hooks import honest
from nightshift.local.fleet.world import World
from tests.faults.injection import FaultyAws


def begin(aws: FaultyAws) -> World:
    """Be honest until the next scenario begins."""
    return aws.exits.enter_context(honest(World(VirtualClock(lambda: aws.clock))))
