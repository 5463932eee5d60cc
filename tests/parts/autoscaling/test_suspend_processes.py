"""autoscaling.suspend_processes."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter
from lambdas.parts import autoscaling as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.autoscaling.groups import group, suspended
from tests.parts.driver import TestAws, client, drive, times


def _prepared(name: str) -> None:
    group(name, Role="web")


def test_processes_are_suspended(aws: TestAws) -> None:
    _prepared("web")
    outcome = drive(parts.suspend_processes, aws, {"tag": "Role=web", "scaling_processes": "Launch;Terminate"})
    assert outcome.result["changed"] == ["web"]
    assert suspended("web") == {"Launch", "Terminate"}
    again = drive(parts.suspend_processes, aws, {"tag": "Role=web", "scaling_processes": ["Launch"]})
    assert [s["reason"] for s in again.result["skipped"]] == ["already so"]
    drive(parts.suspend_processes, aws, {"tag": "Role=web"})
    assert len(suspended("web")) == 9


def test_it_waits_while_the_group_is_busy(aws: TestAws) -> None:
    _prepared("web")
    aws.faults["SuspendProcesses"] = times(1, (400, "ResourceContention", "You already have a pending update."))
    result = drive(parts.suspend_processes, aws, {"auto_scaling_group_name": "web"}).result
    assert result["changed"] == ["web"]
    assert len(aws.made("SuspendProcesses")) == 2


def test_a_process_that_does_not_exist(aws: TestAws) -> None:
    with pytest.raises(InvalidParameter, match="'Lunch' is no process; there are AddToLoadBalancer"):
        drive(parts.suspend_processes, aws, {"auto_scaling_group_name": "web", "scaling_processes": "Lunch"})


def _by_tag(aws: FaultyAws) -> dict[str, Any]:
    _prepared("web")
    _prepared("workers")
    client("autoscaling").suspend_processes(AutoScalingGroupName="workers")
    return {"tag": "Role=web", "scaling_processes": ["Launch", "Terminate"]}


SCENARIOS = [Scenario("by tag", "autoscaling.suspend_processes", _by_tag)]
