"""ec2.terminate_instances."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, PartTimeout
from lambdas.parts import ec2 as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import THROTTLED, Fault, Killed, TestAws, drive, times
from tests.parts.fleet import launch as launched

OWN = {"nightshift:flow": "night"}


@pytest.fixture
def slow(aws: TestAws) -> None:
    """Instances that take 30 seconds to end."""
    ended: dict[str, float] = {}

    def hook(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "TerminateInstances":
            ended.update({i: aws.now() for i in params["InstanceIds"] if i not in ended})
        for reservation in answer["Reservations"] if operation == "DescribeInstances" else []:
            for instance in reservation["Instances"]:
                if aws.now() - ended.get(instance["InstanceId"], 0) < 30:
                    instance["State"] = {"Name": "shutting-down", "Code": 32}

    aws.hooks.append(hook)


@pytest.mark.usefixtures("slow")
def test_it_is_done_only_when_terminated(aws: TestAws, launch: Any, states: Any) -> None:
    ids = launch(2, **OWN)
    outcome = drive(parts.terminate_instances, aws, {"instance_id": ids})
    assert outcome.result["changed"] == sorted(ids)
    assert outcome.result["summary"] == "2 instances terminated"
    assert {i["state"] for i in outcome.result["instances"]} == {"terminated"}
    assert sum(outcome.waits) >= 30
    assert aws.count()["TerminateInstances"] == 1
    assert set(states().values()) == {"terminated"}


def test_what_this_flow_has_not_made_is_left_alone(aws: TestAws, launch: Any, states: Any) -> None:
    own, foreign, bare = (
        launch(1, Role="t", **OWN),
        launch(1, Role="t", **{"nightshift:flow": "day"}),
        launch(1, Role="t"),
    )
    result = drive(parts.terminate_instances, aws, {"tag": "Role=t", "on_failure": "continue"}).result
    assert result["changed"] == own
    assert {f["id"] for f in result["failed"]} == {*foreign, *bare}
    assert {f["error"] for f in result["failed"]} == {"NotMadeByThisFlow"}
    assert "nightshift:flow=night" in result["failed"][0]["message"]
    assert {states()[i] for i in (*foreign, *bare)} == {"running"}


def test_again_it_has_nothing_to_do(aws: TestAws, launch: Any) -> None:
    ids = launch(1, **OWN)
    drive(parts.terminate_instances, aws, {"instance_id": ids})
    again = drive(parts.terminate_instances, aws, {"instance_id": ids}).result
    assert (again["changed"], again["skipped"]) == ([], [{"id": ids[0], "reason": "already terminated"}])
    assert aws.count()["TerminateInstances"] == 1


def test_protection_fails_that_instance_and_the_others_end(aws: TestAws, ec2: Any, launch: Any, states: Any) -> None:
    ids = launch(3, **OWN)
    refused = (400, "OperationNotPermitted", f"The instance '{ids[1]}' may not be terminated. Modify its attribute.")
    aws.faults["TerminateInstances"] = Fault(lambda p: refused if ids[1] in p["InstanceIds"] else None)
    result = drive(parts.terminate_instances, aws, {"instance_id": ids, "on_failure": "continue"}).result
    assert result["changed"] == sorted({*ids} - {ids[1]})
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(ids[1], "OperationNotPermitted")]
    assert states()[ids[1]] == "running"


def test_a_dry_run_asks_and_terminates_nothing(aws: TestAws, launch: Any, states: Any) -> None:
    own, other = launch(1, **OWN), launch(1)
    params = {"instance_id": own + other, "dry_run": True, "on_failure": "continue"}
    result = drive(parts.terminate_instances, aws, params).result
    assert (result["changed"], [f["id"] for f in result["failed"]]) == (own, other)
    assert result["summary"] == "would terminate 1 instance, 1 would fail"
    assert [(p["InstanceIds"], p["DryRun"]) for p in aws.made("TerminateInstances")] == [(own, True)]
    assert set(states().values()) == {"running"}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_changed_survives_a_killed_worker(aws: TestAws, launch: Any, moment: str) -> None:
    ids = launch(2, **OWN)
    deaths = [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["TerminateInstances"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.terminate_instances, aws, {"instance_id": ids})
    assert (outcome.deaths, outcome.result["changed"]) == (1, sorted(ids))


def test_it_is_paced(aws: TestAws, launch: Any) -> None:
    ids = launch(2, **OWN)
    aws.faults["TerminateInstances"] = times(2, THROTTLED)
    assert drive(parts.terminate_instances, aws, {"instance_id": ids}).result["changed"] == sorted(ids)


def test_a_missing_permission_is_named(aws: TestAws, launch: Any) -> None:
    aws.faults["TerminateInstances"] = Fault(lambda p: (403, "UnauthorizedOperation", "You are not authorized."))
    with pytest.raises(AccessDenied, match="may not terminate instances"):
        drive(parts.terminate_instances, aws, {"instance_id": launch(1, **OWN)})


def test_one_that_does_not_end_in_time_is_named(aws: TestAws, launch: Any) -> None:
    ids = launch(1, **OWN)

    def stuck(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeInstances" and aws.count()["TerminateInstances"]:
            answer["Reservations"][0]["Instances"][0]["State"] = {"Name": "shutting-down", "Code": 32}

    aws.hooks.append(stuck)
    with pytest.raises(PartTimeout, match=f"(?s)1 to be terminated.*'{ids[0]}' is not terminated in time"):
        drive(parts.terminate_instances, aws, {"instance_id": ids, "timeout": "10m"})


def _terminate(aws: FaultyAws) -> dict[str, Any]:
    launched(1)
    launched(2, Role="test", **{"nightshift:flow": "swept"})
    return {"tag": "Role=test"}


SCENARIOS = [Scenario("two of this flow", "ec2.terminate_instances", _terminate)]
