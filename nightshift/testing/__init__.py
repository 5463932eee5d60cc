"""Tests of flows: on a fleet in this process, with a clock that only moves when something waits.

`fleet` is a fixture of pytest, for which nothing has to be imported; the functions here work on the fleet of the test.
"""

from nightshift.local.seed import Machine, Work
from nightshift.testing.comparing import Disagreement
from nightshift.testing.fleet import Fleet, Instance, NoSuchInstance
from nightshift.testing.parts import check_part
from nightshift.testing.result import RunFailed, RunResult
from nightshift.testing.running import at, dry_run, fault, run, simulate

__all__ = [
    "Disagreement",
    "Fleet",
    "Instance",
    "Machine",
    "NoSuchInstance",
    "RunFailed",
    "RunResult",
    "Work",
    "at",
    "check_part",
    "dry_run",
    "fault",
    "run",
    "simulate",
]
