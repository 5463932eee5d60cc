"""A request refused for one of its members: only who was refused itself, or is of the same type and zone, fails."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied
from lambdas.contract.part import Part
from lambdas.parts import ec2 as parts
from tests.parts.big_fleet import BigFleet
from tests.parts.driver import Fault, TestAws, drive

CAPACITY = "We currently do not have sufficient m5.large capacity in the Availability Zone you requested (us-east-1a)."
LIMIT = "You have requested more vCPU capacity than your current vCPU limit of 32 allows."
DENIED = "You are not authorized to perform this operation. Encoded authorization failure message: "
PATTERNS = ["dodoooo", "ododo", "dddo", "oodd", "doddoood", "oooooood", "d" * 11 + "o"]


def refusing(key: str, ids: Collection[str], code: str, text: str, status: int = 403) -> Fault:
    """Refuse requests that hold one of `ids`; the text is new in each, as an encoded message is."""
    count = iter(range(10_000))
    return Fault(lambda p: (status, code, f"{text}{next(count)}") if {*p[key]} & {*ids} else None)


@pytest.fixture
def stopped(ec2: Any) -> Callable[[int, str, str], list[str]]:
    """stopped(3, "m5.large", "us-east-1a") -> ids."""

    def stopped(count: int, kind: str, zone: str) -> list[str]:
        answer = ec2.run_instances(
            ImageId="ami-12345678",
            MinCount=count,
            MaxCount=count,
            InstanceType=kind,
            Placement={"AvailabilityZone": zone},
        )
        ids = [i["InstanceId"] for i in answer["Instances"]]
        ec2.stop_instances(InstanceIds=ids)
        return ids

    return stopped


def start(aws: TestAws, ids: list[str]) -> tuple[set[str], set[str]]:
    result = drive(parts.start_instances, aws, {"instance_id": ids, "on_failure": "continue"}).result
    return set(result["changed"]), {f["id"] for f in result["failed"]}


@pytest.mark.parametrize(("short", "rest"), [(3, 5), (1, 3), (3, 2), (5, 7)])
@pytest.mark.parametrize(
    ("code", "text"), [("InsufficientInstanceCapacity", CAPACITY), ("VcpuLimitExceeded", LIMIT), ("Unsupported", "no")]
)
def test_what_one_type_lacks_is_no_matter_of_another(
    aws: TestAws, stopped: Any, short: int, rest: int, code: str, text: str
) -> None:
    scarce, free = stopped(short, "m5.large", "us-east-1a"), stopped(rest, "t3.micro", "us-east-1a")
    aws.faults["StartInstances"] = refusing("InstanceIds", scarce, code, text, 500 if "Capacity" in code else 400)
    assert start(aws, [*scarce, *free]) == ({*free}, {*scarce})


def test_a_zone_without_capacity_is_no_matter_of_another(aws: TestAws, stopped: Any) -> None:
    scarce, free = stopped(30, "m5.large", "us-east-1a"), stopped(10, "m5.large", "us-east-1b")
    aws.faults["StartInstances"] = refusing("InstanceIds", scarce, "InsufficientInstanceCapacity", CAPACITY, 500)
    assert start(aws, [*free, *scarce]) == ({*free}, {*scarce})
    # Both, each zone, and down to one that is refused by itself.
    assert aws.count()["StartInstances"] <= 3 + (30).bit_length()


def test_as_many_start_as_there_is_capacity_for(aws: TestAws, stopped: Any) -> None:
    ids = stopped(9, "m5.large", "us-east-1a")
    there = [5]

    def do(params: dict[str, Any]) -> tuple[int, str, str] | None:
        if len(params["InstanceIds"]) > there[0]:
            return 500, "InsufficientInstanceCapacity", CAPACITY
        there[0] -= len(params["InstanceIds"])
        return None

    aws.faults["StartInstances"] = Fault(do)
    changed, failed = start(aws, ids)
    assert (len(changed), len(failed), there) == (5, 4, [0])


def test_without_a_description_each_is_asked_for(aws: TestAws, stopped: Any) -> None:
    scarce, free = stopped(3, "m5.large", "us-east-1a"), stopped(5, "t3.micro", "us-east-1a")
    aws.faults["StartInstances"] = refusing("InstanceIds", scarce, "InsufficientInstanceCapacity", CAPACITY, 500)

    def blind(params: dict[str, Any]) -> tuple[int, str, str] | None:
        asked = len(aws.made("StartInstances"))
        return (403, "UnauthorizedOperation", "no") if 1 <= asked < 3 and len(params["InstanceIds"]) > 1 else None

    aws.faults["DescribeInstances"] = Fault(blind)
    assert start(aws, [*scarce, *free]) == ({*free}, {*scarce})


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(
    ("part", "operation"),
    [(parts.stop_instances, "StopInstances"), (parts.reboot_instances, "RebootInstances")],
    ids=["stop", "reboot"],
)
def test_only_who_is_denied_fails(
    aws: TestAws, launch: Any, pattern: str, part: Part[..., Any], operation: str
) -> None:
    ids = sorted(launch(len(pattern)))
    locked = {i for i, c in zip(ids, pattern, strict=True) if c == "d"}
    aws.faults[operation] = refusing("InstanceIds", locked, "UnauthorizedOperation", DENIED)
    result = drive(part, aws, {"instance_id": ids, "on_failure": "continue"}).result
    assert result["changed"] == [i for i in ids if i not in locked]
    assert {f["id"] for f in result["failed"]} == locked
    assert aws.count()[operation] <= len(ids) + 1


@pytest.mark.parametrize("pattern", PATTERNS)
def test_only_who_may_not_be_tagged_fails(aws: TestAws, launch: Any, pattern: str) -> None:
    ids = sorted(launch(len(pattern)))
    locked = {i for i, c in zip(ids, pattern, strict=True) if c == "d"}
    aws.faults["CreateTags"] = refusing("Resources", locked, "UnauthorizedOperation", DENIED)
    result = drive(parts.create_tags, aws, {"resource_id": ids, "tags": {"a": "b"}, "on_failure": "continue"}).result
    assert result["changed"] == [i for i in ids if i not in locked]
    assert {f["id"] for f in result["failed"]} == locked


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("operation", ["StopInstances", "ModifyInstanceAttribute"])
def test_only_who_may_not_be_resized_fails(aws: TestAws, launch: Any, pattern: str, operation: str) -> None:
    ids = sorted(launch(len(pattern)))
    locked = {i for i, c in zip(ids, pattern, strict=True) if c == "d"}
    key = "InstanceIds" if operation == "StopInstances" else "InstanceId"
    aws.faults[operation] = Fault(
        lambda p: (
            (403, "UnauthorizedOperation", DENIED)
            if locked & {*([p[key]] if key == "InstanceId" else p[key])}
            else None
        )
    )
    params = {"instance_id": ids, "instance_type": "m5.large", "restart": True, "on_failure": "continue"}
    result = drive(parts.modify_instance_attribute, aws, params).result
    assert result["changed"] == [i for i in ids if i not in locked]
    assert {f["id"] for f in result["failed"]} == locked


def test_a_zone_without_capacity_for_the_new_type_is_no_matter_of_another(aws: TestAws, ec2: Any, stopped: Any) -> None:
    scarce, free = stopped(3, "t3.micro", "us-east-1a"), stopped(5, "t3.micro", "us-east-1b")
    ec2.start_instances(InstanceIds=[*scarce, *free])

    def types() -> dict[str, str]:
        reservations = ec2.describe_instances(InstanceIds=[*scarce, *free])["Reservations"]
        return {i["InstanceId"]: i["InstanceType"] for r in reservations for i in r["Instances"]}

    def do(params: dict[str, Any]) -> tuple[int, str, str] | None:
        now = types()
        wanted = any(now[i] == "m5.large" for i in {*params["InstanceIds"]} & {*scarce})
        return (500, "InsufficientInstanceCapacity", CAPACITY) if wanted else None

    aws.faults["StartInstances"] = Fault(do)
    params = {"instance_id": [*scarce, *free], "instance_type": "m5.large", "restart": True, "on_failure": "continue"}
    result = drive(parts.modify_instance_attribute, aws, params).result
    assert ({*result["changed"]}, {f["id"] for f in result["failed"]}) == ({*free}, {*scarce})
    assert types() == dict.fromkeys(scarce, "t3.micro") | dict.fromkeys(free, "m5.large")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_denial_that_names_one_is_for_that_one(aws: TestAws, launch: Any, pattern: str) -> None:
    ids = sorted(launch(len(pattern)))
    locked = [i for i, c in zip(ids, pattern, strict=True) if c == "d"]

    def do(params: dict[str, Any]) -> tuple[int, str, str] | None:
        named = next((i for i in params["InstanceIds"] if i in locked), None)
        text = f"not authorized to perform: ec2:StopInstances on resource: arn:aws:ec2:us-east-1:1:instance/{named}"
        return (403, "UnauthorizedOperation", text) if named else None

    aws.faults["StopInstances"] = Fault(do)
    result = drive(parts.stop_instances, aws, {"instance_id": ids, "on_failure": "continue"}).result
    assert result["changed"] == [i for i in ids if i not in locked]
    assert {f["id"] for f in result["failed"]} == {*locked}


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("count", [1, 5, 40])
def test_a_role_that_may_nothing_takes_few_calls(aws: TestAws, launch: Any, count: int, named: bool) -> None:
    ids = launch(count)
    aws.faults["StopInstances"] = Fault(
        lambda p: (403, "UnauthorizedOperation", f"{DENIED}{p['InstanceIds'][0] if named else id(p)}")
    )
    with pytest.raises(AccessDenied, match="may not stop instances"):
        drive(parts.stop_instances, aws, {"instance_id": ids})
    assert aws.count()["StopInstances"] <= min(count, 12) + 1


def test_the_first_being_denied_keeps_no_image_from_the_others(aws: TestAws, launch: Any) -> None:
    ids = sorted(launch(3))
    aws.faults["CreateImage"] = Fault(
        lambda p: (403, "UnauthorizedOperation", DENIED) if p["InstanceId"] == ids[0] else None
    )
    params = {"instance_id": ids, "name": "nightly", "dry_run": True, "on_failure": "continue"}
    result = drive(parts.create_image, aws, params).result
    assert [f["id"] for f in result["failed"]] == [ids[0]]


def scattered(share: float) -> BigFleet:
    """A thousand running instances, a share of which refuse wherever they stand."""
    fleet = BigFleet(1000, "running")
    fleet.refused = set(random.Random(1).sample(fleet.ids, int(share * 1000)))
    fleet.names_refused = False
    return fleet


@pytest.mark.parametrize(("share", "calls"), [(0.002, 50), (0.05, 450), (0.5, 1150), (1.0, 1050)])
def test_refusals_that_name_nobody_take_hardly_more_calls_than_resources(share: float, calls: int) -> None:
    fleet = scattered(share)
    result = drive(parts.stop_instances, fleet, {"tag": "AutoOff=yes", "interval": 40, "on_failure": "continue"}).result
    assert {f["id"] for f in result["failed"]} == fleet.refused
    assert set(result["changed"]) == {*fleet.ids} - fleet.refused
    assert fleet.count()["StopInstances"] <= calls
