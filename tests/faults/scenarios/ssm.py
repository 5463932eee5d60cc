"""Systems Manager parts."""

from __future__ import annotations

from typing import Any

from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.scenarios.ec2 import launch


def _run(aws: FaultyAws) -> dict[str, Any]:
    ids = launch(2, Role="batch")
    aws.manage(*ids)
    aws.takes = dict.fromkeys(ids, 20.0)
    return {"command": "true", "tag": "Role=batch"}


def _run_too_long(aws: FaultyAws) -> dict[str, Any]:
    ids = launch(1, Role="batch")
    aws.manage(*ids)
    aws.takes = dict.fromkeys(ids, 10_000.0)
    return {"command": "true", "tag": "Role=batch", "timeout": "2m", "interval": 60}


SCENARIOS = [
    Scenario("by tag", "ssm.run_command", _run),
    Scenario("too long", "ssm.run_command", _run_too_long, fails="PartTimeout"),
]
