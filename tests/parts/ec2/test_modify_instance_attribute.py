"""ec2.modify_instance_attribute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdas.contract.errors import PartFailed
from lambdas.parts import ec2 as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import RUN, THROTTLED, Fault, Killed, TestAws, drive, times
from tests.parts.fleet import launch as launched
from tests.parts.fleet import stopped
from tests.parts.unkind import Unkind

SMALL, BIG, OTHER = "m1.small", "m5.2xlarge", "m5a.2xlarge"


@pytest.fixture
def types(ec2: Any) -> Callable[[], dict[str, tuple[str, str]]]:
    """types() -> {instance id: (type, state)}."""

    def types() -> dict[str, tuple[str, str]]:
        return {
            i["InstanceId"]: (i["InstanceType"], i["State"]["Name"])
            for r in ec2.describe_instances()["Reservations"]
            for i in r["Instances"]
        }

    return types


def no_capacity(types: Any, *scarce: str) -> Fault:
    """Starts of these types are refused, naming the type."""

    def do(params: dict[str, Any]) -> tuple[int, str, str] | None:
        now = types()
        wanted = next((now[i][0] for i in params["InstanceIds"] if now[i][0] in scarce), None)
        text = f"We currently do not have sufficient {wanted} capacity in the Availability Zone us-east-1a"
        return (500, "InsufficientInstanceCapacity", text) if wanted else None

    return Fault(do)


def dies(count: int) -> Callable[..., None]:
    """Kills the worker at the `count`th call."""
    left = [count]

    def die(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    return die


def stop_behind(aws: TestAws, unkind: Unkind, instance: str) -> None:
    """Let moto's instance be stopped when it seems so: it takes no new type otherwise."""
    from tests.parts.driver import shared_session

    client: Any = shared_session().create_client("ec2", region_name="us-east-1")

    def hook(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "StartInstances" and instance in unkind.fall_back:
            client.stop_instances(InstanceIds=[instance])

    aws.hooks.append(hook)


def test_running_ones_are_stopped_for_it_and_started_again(aws: TestAws, ec2: Any, launch: Any, types: Any) -> None:
    Unkind(aws, power=30)
    ids = launch(3, Role="batch")
    ec2.stop_instances(InstanceIds=ids[:1])
    params = {"tag": "Role=batch", "instance_type": BIG, "restart": True}
    outcome = drive(parts.modify_instance_attribute, aws, params)
    assert outcome.result["changed"] == sorted(ids)
    assert types() == {ids[0]: (BIG, "stopped"), ids[1]: (BIG, "running"), ids[2]: (BIG, "running")}
    assert sum(outcome.waits) >= 60
    assert (aws.count()["StopInstances"], aws.count()["StartInstances"]) == (1, 1)


def test_with_status_check_it_waits_for_both_checks(aws: TestAws, launch: Any) -> None:
    Unkind(aws, power=30, checks=150)
    ids = launch(1)
    params = {"instance_id": ids, "instance_type": BIG, "restart": True, "status_check": True}
    outcome = drive(parts.modify_instance_attribute, aws, params)
    assert outcome.result["changed"] == ids
    assert sum(outcome.waits) >= 180


def test_without_restart_a_running_one_fails_and_the_others_proceed(
    aws: TestAws, ec2: Any, launch: Any, types: Any
) -> None:
    ids = launch(2)
    ec2.stop_instances(InstanceIds=ids[:1])
    params = {"instance_id": ids, "instance_type": BIG, "on_failure": "continue"}
    result = drive(parts.modify_instance_attribute, aws, params).result
    assert result["changed"] == ids[:1]
    assert result["failed"][0]["id"] == ids[1]
    assert "restart=True" in result["failed"][0]["message"]
    assert types()[ids[1]] == (SMALL, "running")


def test_those_that_have_the_type_are_left_alone(aws: TestAws, launch: Any) -> None:
    ids = launch(1)
    params = {"instance_id": ids, "instance_type": SMALL, "restart": True}
    result = drive(parts.modify_instance_attribute, aws, params).result
    assert result["skipped"] == [{"id": ids[0], "reason": f"already {SMALL}"}]
    assert aws.count()["StopInstances"] == 0


def test_without_capacity_a_fallback_type_is_taken(aws: TestAws, launch: Any, types: Any) -> None:
    Unkind(aws)
    ids = launch(3)
    aws.faults["StartInstances"] = no_capacity(types, BIG)
    params = {"instance_id": ids, "instance_type": BIG, "restart": True, "fallback_types": [OTHER]}
    result = drive(parts.modify_instance_attribute, aws, params).result
    assert result["changed"] == result["fallen_back"] == sorted(ids)
    assert set(types().values()) == {(OTHER, "running")}
    assert len(result["warnings"]) == 3
    assert f"is {OTHER}, not {BIG}" in result["warnings"][0]
    assert "capacity" in result["warnings"][0]


def test_without_any_capacity_it_is_back_at_its_old_type_running_and_failed(
    aws: TestAws, launch: Any, types: Any
) -> None:
    Unkind(aws)
    ids = launch(2)
    aws.faults["StartInstances"] = no_capacity(types, BIG, OTHER)
    params = {"instance_id": ids, "instance_type": BIG, "restart": True, "fallback_types": [OTHER]}
    with pytest.raises(PartFailed) as raised:
        drive(parts.modify_instance_attribute, aws, params)
    assert "InsufficientInstanceCapacity" in str(raised.value)
    assert f"stays {SMALL}" in str(raised.value)
    assert set(types().values()) == {(SMALL, "running")}


def test_a_start_that_falls_back_to_stopped_counts_as_no_capacity(aws: TestAws, launch: Any, types: Any) -> None:
    unkind = Unkind(aws)
    ids = launch(1)
    unkind.fall_back[ids[0]] = ("Server.InsufficientInstanceCapacity", "Insufficient capacity")

    def enough(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "ModifyInstanceAttribute" and params["InstanceType"]["Value"] == OTHER:
            unkind.fall_back.clear()

    aws.hooks.append(enough)
    aws.hooks.append(lambda *_: None)
    stop_behind(aws, unkind, ids[0])
    params = {"instance_id": ids, "instance_type": BIG, "restart": True, "fallback_types": [OTHER]}
    result = drive(parts.modify_instance_attribute, aws, params).result
    assert result["fallen_back"] == ids
    assert types()[ids[0]] == (OTHER, "running")


def test_a_type_the_instance_cannot_have_brings_it_back(aws: TestAws, launch: Any, types: Any) -> None:
    ids = launch(1)
    refused = (400, "InvalidParameterCombination", "The architecture of the instance does not match")
    aws.faults["ModifyInstanceAttribute"] = Fault(lambda p: refused if p["InstanceType"]["Value"] == BIG else None)
    params = {"instance_id": ids, "instance_type": BIG, "restart": True}
    with pytest.raises(PartFailed, match="does not match"):
        drive(parts.modify_instance_attribute, aws, params)
    assert types()[ids[0]] == (SMALL, "running")


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("operation", ["StopInstances", "ModifyInstanceAttribute", "StartInstances"])
def test_a_killed_worker_changes_nothing_about_the_end(
    aws: TestAws, launch: Any, types: Any, operation: str, moment: str
) -> None:
    Unkind(aws)
    ids = launch(2)
    die = dies(1)
    aws.faults[operation] = Fault(die) if moment == "before" else Fault(after=die)
    params = {"instance_id": ids, "instance_type": BIG, "restart": True}
    outcome = drive(parts.modify_instance_attribute, aws, params)
    assert outcome.deaths == 1
    assert outcome.result["changed"] == sorted(ids)
    assert set(types().values()) == {(BIG, "running")}


def test_dry_run_of_modify(aws: TestAws, launch: Any, types: Any) -> None:
    ids = launch(2)
    before = types()
    params = {"instance_id": ids, "instance_type": BIG, "restart": True}
    dry = drive(parts.modify_instance_attribute, aws, params, run=replace(RUN, dry_run=True)).result
    assert types() == before
    real = drive(parts.modify_instance_attribute, aws, params).result
    assert dry["changed"] == real["changed"]
    assert dry.keys() == real.keys()
    assert dry["summary"] == "would modify 2 instances"


def test_dry_run_of_modify_is_carried_over_throttling_and_tells_what_would_fail(
    aws: TestAws, launch: Any, types: Any
) -> None:
    ids = launch(3)
    before = types()
    protected = (400, "OperationNotPermitted", f"The instance '{ids[0]}' may not be stopped")
    throttle = [THROTTLED, THROTTLED]

    def stop(params: dict[str, Any]) -> tuple[int, str, str] | None:
        return throttle.pop() if throttle else protected if ids[0] in params["InstanceIds"] else None

    aws.faults["StopInstances"] = Fault(stop)
    aws.faults["ModifyInstanceAttribute"] = times(2, THROTTLED)
    params = {"instance_id": ids, "instance_type": BIG, "restart": True, "on_failure": "continue"}
    result = drive(parts.modify_instance_attribute, aws, {**params, "dry_run": True}).result
    assert result["changed"] == sorted(ids[1:])
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(ids[0], "OperationNotPermitted")]
    assert types() == before


def test_throttled_modifications_are_carried_on(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(3)
    ec2.stop_instances(InstanceIds=ids)
    aws.faults["ModifyInstanceAttribute"] = times(2, THROTTLED)
    result = drive(parts.modify_instance_attribute, aws, {"instance_id": ids, "instance_type": BIG}).result
    assert result["changed"] == sorted(ids)


def _resize(aws: FaultyAws) -> dict[str, Any]:
    ids = launched(2)
    stopped(ids[1])
    Unkind(aws, power=15, checks=30)
    return {"instance_id": ids, "instance_type": "m5.large", "restart": True, "status_check": True}


def _resize_falls_back(aws: FaultyAws) -> dict[str, Any]:
    (instance,) = launched(1)
    unkind = Unkind(aws, power=15)

    def no_capacity(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        """There is none for the first type."""
        if operation == "ModifyInstanceAttribute":
            refused = params["InstanceType"]["Value"] == "p5.48xlarge"
            text = "Server.InsufficientInstanceCapacity: none"
            unkind.fall_back = {instance: ("Server.InsufficientInstanceCapacity", text)} if refused else {}

    aws.hooks.append(no_capacity)
    return {
        "instance_id": instance,
        "instance_type": "p5.48xlarge",
        "restart": True,
        "fallback_types": ["m5.large"],
    }


SCENARIOS = [
    Scenario("one running, one stopped", "ec2.modify_instance_attribute", _resize),
    Scenario("no capacity for the first type", "ec2.modify_instance_attribute", _resize_falls_back),
]
