"""ec2.start_instances."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.contract.errors import PartTimeout
from lambdas.parts import ec2 as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import RUN, Fault, TestAws, drive, times
from tests.parts.fleet import launch as launched
from tests.parts.fleet import stopped
from tests.parts.unkind import Unkind


def test_start_with_status_check_waits_for_both_checks(aws: TestAws, ec2: Any, launch: Any) -> None:
    Unkind(aws, power=30, checks=120)
    ids = launch(2)
    ec2.stop_instances(InstanceIds=ids)
    plain = drive(parts.start_instances, aws, {"instance_id": ids[0]})
    assert 30 <= sum(plain.waits) < 120
    checked = drive(parts.start_instances, aws, {"instance_id": ids[1], "status_check": True})
    assert checked.result["changed"] == ids[1:]
    assert sum(checked.waits) >= 120


def test_status_check_also_covers_those_already_running(aws: TestAws, launch: Any) -> None:
    unkind = Unkind(aws, checks=100)
    ids = launch(1)
    unkind.StartInstances({"InstanceIds": ids}, {})
    aws.clock += 40
    outcome = drive(parts.start_instances, aws, {"instance_id": ids, "status_check": True})
    assert outcome.result["skipped"] == [{"id": ids[0], "reason": "already running"}]
    assert sum(outcome.waits) >= 60


@pytest.mark.parametrize(("volumes", "passes"), [("ok", True), ("not-applicable", True), ("impaired", False)])
def test_the_check_of_attached_volumes_counts(aws: TestAws, launch: Any, volumes: str, passes: bool) -> None:
    (instance,) = launch(1)

    def show(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for status in answer.get("InstanceStatuses", []) if operation == "DescribeInstanceStatus" else []:
            status["AttachedEbsStatus"] = {"Status": volumes}

    aws.hooks.append(show)
    params = {"instance_id": instance, "status_check": True, "timeout": "10m", "on_failure": "continue"}
    result = drive(parts.start_instances, aws, params).result
    assert [f["id"] for f in result["failed"]] == ([] if passes else [instance])


def test_an_impaired_instance_is_no_success(aws: TestAws, ec2: Any, launch: Any) -> None:
    unkind = Unkind(aws, checks=60)
    ids = launch(2)
    ec2.stop_instances(InstanceIds=ids)
    unkind.impaired.add(ids[0])
    with pytest.raises(PartTimeout, match=f"(?s)impaired: {ids[0]}.*{ids[0]}.*has not passed its status checks"):
        drive(parts.start_instances, aws, {"instance_id": ids, "status_check": True, "timeout": "10m"})


def test_a_timeout_goes_on_when_asked_to(aws: TestAws, ec2: Any, launch: Any) -> None:
    unkind = Unkind(aws, checks=60)
    ids = launch(2)
    ec2.stop_instances(InstanceIds=ids)
    unkind.impaired.add(ids[0])
    params = {"instance_id": ids, "status_check": True, "timeout": "10m", "on_failure": "continue"}
    outcome = drive(parts.start_instances, aws, params)
    assert outcome.result["changed"] == ids[1:]
    assert [(f["id"], f["error"]) for f in outcome.result["failed"]] == [(ids[0], "Timeout")]
    assert sum(outcome.waits) <= 601


def test_a_start_that_falls_back_reports_the_state_reason(aws: TestAws, ec2: Any, launch: Any) -> None:
    unkind = Unkind(aws)
    ids = launch(2)
    ec2.stop_instances(InstanceIds=ids)
    unkind.fall_back[ids[0]] = ("Client.InternalError", "Client.InternalError: Client error on launch")
    outcome = drive(parts.start_instances, aws, {"instance_id": ids, "on_failure": "continue"})
    assert outcome.result["changed"] == ids[1:]
    failure = outcome.result["failed"][0]
    assert (failure["id"], failure["error"]) == (ids[0], "Client.InternalError")
    assert "fell back to stopped" in failure["message"]
    assert "Client error on launch" in failure["message"]


def test_a_description_that_lags_is_not_a_fall_back(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(1)
    ec2.stop_instances(InstanceIds=ids)
    stale = [1]

    def lag(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        started = aws.count()["StartInstances"]
        if operation == "DescribeInstances" and started and stale:
            stale.pop()
            instance = answer["Reservations"][0]["Instances"][0]
            instance["State"] = {"Name": "stopped", "Code": 80}
            instance["StateReason"] = {"Code": "Client.UserInitiatedShutdown", "Message": "User initiated"}

    aws.hooks.append(lag)
    assert drive(parts.start_instances, aws, {"instance_id": ids}).result["changed"] == ids
    assert not stale


def test_a_stopping_instance_is_started_when_it_has_stopped(aws: TestAws, ec2: Any, launch: Any) -> None:
    unkind = Unkind(aws, power=50)
    ids = launch(1)
    ec2.stop_instances(InstanceIds=ids)
    unkind.StopInstances({"InstanceIds": ids}, {})
    outcome = drive(parts.start_instances, aws, {"instance_id": ids})
    assert outcome.result["changed"] == ids
    assert aws.count()["StartInstances"] == 1


def test_terminated_ones_fail_by_id_and_are_not_found_by_tag(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(2, AutoOn="yes")
    ec2.stop_instances(InstanceIds=ids)
    ec2.terminate_instances(InstanceIds=ids[:1])
    outcome = drive(parts.start_instances, aws, {"instance_id": ids, "on_failure": "continue"})
    assert outcome.result["changed"] == ids[1:]
    assert [(f["id"], f["error"]) for f in outcome.result["failed"]] == [(ids[0], "IncorrectInstanceState")]
    again = drive(parts.start_instances, aws, {"tag": "AutoOn=yes"}, run=replace(RUN, call=2))
    assert again.result["matched"] == ids[1:]


def test_a_lack_of_capacity_that_names_nothing_spares_the_other_types(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(40)
    ec2.stop_instances(InstanceIds=ids)
    for i in ids[:30]:
        ec2.modify_instance_attribute(InstanceId=i, InstanceType={"Value": "p5.48xlarge"})
    scarce = set(ids[:30])
    refused = (500, "InsufficientInstanceCapacity", "We do not have sufficient p5.48xlarge capacity in us-east-1a")
    aws.faults["StartInstances"] = Fault(lambda p: refused if scarce & set(p["InstanceIds"]) else None)
    outcome = drive(parts.start_instances, aws, {"instance_id": ids, "on_failure": "continue"})
    assert set(outcome.result["changed"]) == set(ids) - scarce
    assert {f["id"] for f in outcome.result["failed"]} == scarce
    assert aws.count()["StartInstances"] <= 2 * (40).bit_length() + 2


def test_a_refusal_for_a_state_that_has_passed_gets_a_second_try(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(2)
    ec2.stop_instances(InstanceIds=ids)
    refused = (
        400,
        "IncorrectInstanceState",
        f"The instance '{ids[0]}' is not in a state from which it can be started.",
    )
    aws.faults["StartInstances"] = times(1, refused)
    outcome = drive(parts.start_instances, aws, {"instance_id": ids})
    assert outcome.result["changed"] == sorted(ids)
    aws.faults["StopInstances"] = Fault(lambda p: (400, refused[1], refused[2]) if ids[0] in p["InstanceIds"] else None)
    stopped = drive(parts.stop_instances, aws, {"instance_id": ids, "on_failure": "continue"})
    assert [(f["id"], f["error"]) for f in stopped.result["failed"]] == [(ids[0], "IncorrectInstanceState")]


def _start(aws: FaultyAws) -> dict[str, Any]:
    ids = launched(3, AutoOn="yes")
    stopped(*ids[:2])
    launched(1)
    Unkind(aws, power=15, checks=30)
    return {"tag": "AutoOn=yes", "status_check": True}


SCENARIOS = [
    Scenario("by tag, with status checks", "ec2.start_instances", _start),
]
