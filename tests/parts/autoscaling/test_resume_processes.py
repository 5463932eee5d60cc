"""autoscaling.resume_processes."""

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
    client("autoscaling").suspend_processes(AutoScalingGroupName=name)


def test_processes_are_resumed(aws: TestAws) -> None:
    _prepared("web")
    outcome = drive(parts.resume_processes, aws, {"tag": "Role=web", "scaling_processes": "Launch;Terminate"})
    assert outcome.result["changed"] == ["web"]
    assert not {"Launch", "Terminate"} & suspended("web")
    assert "HealthCheck" in suspended("web")
    again = drive(parts.resume_processes, aws, {"tag": "Role=web", "scaling_processes": ["Launch"]})
    assert [s["reason"] for s in again.result["skipped"]] == ["already so"]
    drive(parts.resume_processes, aws, {"tag": "Role=web"})
    assert not suspended("web")


def test_it_waits_while_the_group_is_busy(aws: TestAws) -> None:
    _prepared("web")
    aws.faults["ResumeProcesses"] = times(1, (400, "ResourceContention", "You already have a pending update."))
    result = drive(parts.resume_processes, aws, {"auto_scaling_group_name": "web"}).result
    assert result["changed"] == ["web"]
    assert len(aws.made("ResumeProcesses")) == 2


def test_a_process_that_does_not_exist(aws: TestAws) -> None:
    with pytest.raises(InvalidParameter, match="'Lunch' is no process; there are AddToLoadBalancer"):
        drive(parts.resume_processes, aws, {"auto_scaling_group_name": "web", "scaling_processes": "Lunch"})


def _by_tag(aws: FaultyAws) -> dict[str, Any]:
    _prepared("web")
    _prepared("workers")
    client("autoscaling").resume_processes(AutoScalingGroupName="workers")
    return {"tag": "Role=web", "scaling_processes": ["Launch", "Terminate"]}


SCENARIOS = [Scenario("by tag", "autoscaling.resume_processes", _by_tag)]
