"""Tests of flows that act in an organization: the machines of a fleet say which accounts there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nightshift.flow import Flow
from nightshift.testing import Fleet, Machine, dry_run, fault, run
from nightshift.testing.fleet import running_fleet

FlowOf = Callable[..., Flow[..., Any]]
TAG = {"AutoOff": "yes"}
MACHINES = [
    Machine("hub-1", TAG),
    Machine("web-1", TAG, account="Workloads/dev/web"),
    Machine("web-2", TAG, account="Workloads/dev/web", region="eu-west-1"),
    Machine("lab-1", TAG, account="Workloads/dev/lab", region="eu-west-1"),
    Machine("shop-1", TAG, account="Workloads/prod/shop", region="eu-west-1"),
]
STOP = """
@flow
def f() -> str:
    return ec2.stop_instances(
        tag="AutoOff=yes",
        accounts="dev",
        regions=["ap-northeast-1", "eu-west-1"],
        at_most=2,
        max_failures=1,
        on_failure="continue",
    ).report
"""


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with running_fleet(MACHINES) as running:
        yield running


def states(fleet: Fleet) -> dict[str, str]:
    return {instance.name: instance.state for instance in fleet.instances()}


def test_a_flow_acts_in_the_accounts_of_a_unit(fleet: Fleet, flow_of: FlowOf) -> None:
    result = run(flow_of(STOP))
    assert sorted(result.changed) == ["lab-1", "web-1", "web-2"]
    assert states(fleet) == {
        "hub-1": "running",
        "web-1": "stopped",
        "web-2": "stopped",
        "lab-1": "stopped",
        "shop-1": "running",
    }
    assert result.value.startswith("4 of 4 done, 0 failed, 0 not started\nDone: ")


def test_a_rail_leaves_the_rest_and_a_dry_run_touches_nothing(fleet: Fleet, flow_of: FlowOf) -> None:
    fault("error", "web-1", action="StopInstances", code="OperationNotPermitted", message="frozen")
    fault("error", "web-2", action="StopInstances", code="OperationNotPermitted", message="frozen")
    flow = flow_of(STOP.replace("max_failures=1", "max_failures=0").replace("at_most=2", "at_most=1"))
    dry_run(flow)
    assert set(states(fleet).values()) == {"running"}
    result = run(flow)
    assert "frozen" in result.value
    assert "Not started: " in result.value
    assert states(fleet)["web-1"] == states(fleet)["web-2"] == states(fleet)["shop-1"] == "running"


def test_more_machines_in_more_accounts(fleet: Fleet, flow_of: FlowOf) -> None:
    fleet.launch(Machine("db-1", TAG, account="Workloads/dev/db", region="eu-west-1"))
    assert "db-1" in run(flow_of(STOP)).changed


def test_commands_reach_the_instances_of_their_account(fleet: Fleet, flow_of: FlowOf) -> None:
    text = """
@flow
def f() -> list[str]:
    return ssm.run_command(tag="AutoOff=yes", command="uptime", accounts="dev", regions="eu-west-1").results
"""
    result = run(flow_of(text, "from lambdas.parts import ssm"))
    assert len(result.value) == 2
    assert {name for call in result.calls if call.part == "ssm.run_command" for name in call.result["matched"]} == {
        fleet.instance("lab-1").id,
        fleet.instance("web-2").id,
    }
