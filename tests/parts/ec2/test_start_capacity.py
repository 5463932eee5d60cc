"""ec2.start_instances where AWS has no capacity: other types, and waiting."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import PartFailed
from lambdas.parts import ec2 as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.driver import Fault, Killed, TestAws, drive
from tests.parts.fleet import launch as launched

SMALL, MEDIUM, LARGE = "t3.small", "t3.medium", "t3.large"


def kinds(ec2: Any, ids: list[str]) -> list[str]:
    found = ec2.describe_instances(InstanceIds=ids)["Reservations"]
    by = {i["InstanceId"]: i["InstanceType"] for r in found for i in r["Instances"]}
    return [by[i] for i in ids]


def stopped(ec2: Any, launch: Any, count: int = 1) -> list[str]:
    ids: list[str] = launch(count)
    ec2.stop_instances(InstanceIds=ids)
    for i in ids:
        ec2.modify_instance_attribute(InstanceId=i, InstanceType={"Value": SMALL})
    return ids


def lacking(ec2: Any, *without: str, until: float = float("inf"), now: Any = None) -> Fault:
    """AWS has no capacity for these types, up to a moment."""

    def do(params: dict[str, Any]) -> tuple[int, str, str] | None:
        # A dry run asks about permissions alone.
        lacks = (now is None or now() < until) and not params.get("DryRun")
        found = [kind for kind in kinds(ec2, params["InstanceIds"]) if kind in without]
        text = f"We currently do not have sufficient {found[:1]} capacity in the Availability Zone you requested"
        return (500, "InsufficientInstanceCapacity", text) if found and lacks else None

    return Fault(do)


def start(aws: TestAws, ids: list[str], **given: Any) -> dict[str, Any]:
    return drive(parts.start_instances, aws, {"instance_id": ids, **given}).result


def test_the_next_type_is_taken_and_told(aws: TestAws, ec2: Any, launch: Any, states: Any) -> None:
    ids = stopped(ec2, launch, 2)
    aws.faults["StartInstances"] = lacking(ec2, SMALL, MEDIUM)
    result = start(aws, ids, fallback_types=[MEDIUM, LARGE])
    assert kinds(ec2, ids) == [LARGE, LARGE]
    assert set(states().values()) == {"running"}
    assert result["changed"] == sorted(ids) == result["fallen_back"]
    assert f"{ids[0]} is {LARGE}, not {SMALL}" in "".join(result["warnings"])


def test_with_capacity_nothing_is_changed(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = stopped(ec2, launch)
    result = start(aws, ids, fallback_types=[MEDIUM], capacity_wait="10m")
    assert (kinds(ec2, ids), result["fallen_back"]) == ([SMALL], [])
    assert aws.count()["ModifyInstanceAttribute"] == 0


def test_one_for_which_there_is_none_gets_its_type_back(aws: TestAws, ec2: Any, launch: Any, states: Any) -> None:
    ids = stopped(ec2, launch)
    aws.faults["StartInstances"] = lacking(ec2, SMALL, MEDIUM, LARGE)
    with pytest.raises(PartFailed, match="InsufficientInstanceCapacity"):
        start(aws, ids, fallback_types=[MEDIUM, LARGE])
    assert kinds(ec2, ids) == [SMALL]
    assert set(states().values()) == {"stopped"}


def test_without_other_types_it_fails_at_once(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = stopped(ec2, launch)
    aws.faults["StartInstances"] = lacking(ec2, SMALL)
    with pytest.raises(PartFailed, match="InsufficientInstanceCapacity"):
        start(aws, ids)
    assert aws.count()["ModifyInstanceAttribute"] == 0


@pytest.mark.parametrize("types", [[], [MEDIUM]])
def test_capacity_is_waited_for(aws: TestAws, ec2: Any, launch: Any, states: Any, types: list[str]) -> None:
    ids = stopped(ec2, launch)
    aws.faults["StartInstances"] = lacking(ec2, SMALL, MEDIUM, until=aws.now() + 300, now=aws.now)
    result = start(aws, ids, fallback_types=types, capacity_wait="30m")
    assert set(states().values()) == {"running"}
    assert result["changed"] == ids
    assert aws.count()["StartInstances"] < 20


def test_the_wait_for_capacity_ends(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = stopped(ec2, launch)
    began = aws.now()
    aws.faults["StartInstances"] = lacking(ec2, SMALL, MEDIUM)
    with pytest.raises(PartFailed, match="InsufficientInstanceCapacity"):
        start(aws, ids, fallback_types=[MEDIUM], capacity_wait="5m")
    assert 300 <= aws.now() - began < 900
    assert kinds(ec2, ids) == [SMALL]


@pytest.mark.parametrize("operation", ["ModifyInstanceAttribute", "StartInstances"])
def test_a_worker_that_dies_loses_no_type(aws: TestAws, ec2: Any, launch: Any, operation: str) -> None:
    ids = stopped(ec2, launch)
    lack, deaths = lacking(ec2, SMALL), [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["StartInstances"] = lack
    aws.faults[operation] = Fault(lack.do if operation == "StartInstances" else lambda params: None, die)
    result = start(aws, ids, fallback_types=[MEDIUM])
    assert (kinds(ec2, ids), result["fallen_back"]) == ([MEDIUM], ids)


def test_a_dry_run_tries_no_other_type(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = stopped(ec2, launch)
    assert start(aws, ids, fallback_types=[MEDIUM], dry_run=True)["changed"] == ids
    assert aws.count()["ModifyInstanceAttribute"] == 0


def _fall_back(aws: FaultyAws) -> dict[str, Any]:
    ec2 = client("ec2")
    ids = launched(1)
    ec2.stop_instances(InstanceIds=ids)
    ec2.modify_instance_attribute(InstanceId=ids[0], InstanceType={"Value": SMALL})
    aws.faults["StartInstances"] = lacking(ec2, SMALL)
    return {"instance_id": ids, "fallback_types": [MEDIUM]}


SCENARIOS = [Scenario("another type", "ec2.start_instances", _fall_back)]
