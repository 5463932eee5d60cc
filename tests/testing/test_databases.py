"""Databases in the fleet of a test: the example of rds.stop_db_instance stops again what AWS started."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lambdas.parts import rds as parts
from nightshift.flow import Flow
from nightshift.testing import Fleet, run

DAY = 24 * 3600


@pytest.fixture
def databases_off(flow_of: Callable[..., Flow[..., Any]]) -> Flow[..., Any]:
    """The flow that the page of the part shows."""
    example = parts.stop_db_instance.example
    return flow_of(example[example.index("@flow") :].replace("def databases_off", "def f"), head=_imports(example))


def _imports(example: str) -> str:
    return "\n".join(line for line in example.splitlines() if line.startswith(("from ", "import ")))


def test_what_aws_starts_after_seven_days_is_stopped_again(fleet: Fleet, databases_off: Flow[..., Any]) -> None:
    fleet.begin()
    rds: Any = fleet.aws.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="orders",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="ops",
        MasterUserPassword="test-only-1",
        Tags=[{"Key": "AutoOff", "Value": "yes"}],
    )
    fleet.wait(3600)

    def state() -> str:
        return str(rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"])

    assert run(databases_off).value == "1 DB instance stopped"
    assert state() == "stopped"
    for _ in range(6):
        fleet.wait(DAY)
        assert run(databases_off).value == "0 DB instances stopped, 1 skipped"
    fleet.wait(DAY + 3600)
    assert state() == "available"
    assert run(databases_off).value == "1 DB instance stopped"
    assert state() == "stopped"
