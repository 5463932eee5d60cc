"""ebs.modify_volume: done when AWS has optimized it, or says that it does."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, PartFailed
from lambdas.parts import ebs as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.driver import RUN, Fault, Killed, TestAws, drive, times


class Slow:
    """Modifications that take their time: six seconds modifying, then forty optimizing."""

    def __init__(self, aws: TestAws, ends: str = "completed") -> None:
        self.aws, self.ends = aws, ends
        self.since: dict[str, float] = {}
        aws.hooks.append(self.hook)

    def hook(self, operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "ModifyVolume":
            self.since[params["VolumeId"]] = self.aws.now()
        for found in answer["VolumesModifications"] if operation == "DescribeVolumesModifications" else []:
            passed = self.aws.now() - self.since.get(found["VolumeId"], 0)
            state = "modifying" if passed < 6 else "optimizing" if passed < 46 else self.ends
            found.update(ModificationState=state, Progress=min(100, int(passed * 2)), StatusMessage="why")


def types(ec2: Any, *volumes: str) -> set[str]:
    return {v["VolumeType"] for v in ec2.describe_volumes(VolumeIds=list(volumes))["Volumes"]}


def test_it_is_done_when_optimized(aws: TestAws, ec2: Any, make_volume: Any) -> None:
    volumes = [make_volume(Env="test"), make_volume(Env="test")]
    Slow(aws)
    outcome = drive(parts.modify_volume, aws, {"tag": "Env=test", "volume_type": "gp3", "throughput": 250})
    assert sum(outcome.waits) >= 46
    assert outcome.result["changed"] == sorted(volumes)
    assert {v["volume_type"] for v in outcome.result["volumes"]} == types(ec2, *volumes) == {"gp3"}
    assert outcome.result["summary"] == "2 volumes modified"


def test_it_need_not_wait_for_that(aws: TestAws, make_volume: Any) -> None:
    Slow(aws)
    params = {"volume_id": make_volume(), "volume_type": "gp3", "optimized": False}
    outcome = drive(parts.modify_volume, aws, params)
    assert len(outcome.result["changed"]) == 1
    assert sum(outcome.waits) < 40


def test_how_far_it_is_stands_in_what_is_awaited(aws: TestAws, make_volume: Any) -> None:
    volume = make_volume()
    Slow(aws)
    aws.left = 250
    state: Any = None
    told = []
    for _ in range(6):
        reply = parts.modify_volume.invoke(aws, RUN, {"volume_id": volume, "volume_type": "gp3"}, state)
        if reply["done"]:
            break
        state = reply["state"]
        told.append(state["waiting_for"])
        aws.clock += reply["wait"]
    assert any(f"{volume} is optimizing, " in text and text.endswith("%") for text in told), told


def test_again_it_has_nothing_to_do(aws: TestAws, make_volume: Any) -> None:
    params = {"volume_id": make_volume(), "volume_type": "gp3", "size": 20}
    drive(parts.modify_volume, aws, params)
    again = drive(parts.modify_volume, aws, params).result
    assert again["skipped"] == [{"id": params["volume_id"], "reason": "already gp3, 20"}]
    assert aws.count()["ModifyVolume"] == 1


def test_none_shrinks(aws: TestAws, make_volume: Any) -> None:
    with pytest.raises(PartFailed, match="has 8 GiB and cannot shrink to 4"):
        drive(parts.modify_volume, aws, {"volume_id": make_volume(), "size": 4})
    assert aws.count()["ModifyVolume"] == 0


def test_a_failed_modification_fails(aws: TestAws, make_volume: Any) -> None:
    Slow(aws, ends="failed")
    with pytest.raises(PartFailed, match="could not be modified: why"):
        drive(parts.modify_volume, aws, {"volume_id": make_volume(), "size": 20, "volume_type": "gp3"})


def test_one_that_is_being_modified_is_waited_for(aws: TestAws, make_volume: Any) -> None:
    aws.faults["ModifyVolume"] = times(2, (400, "IncorrectModificationState", "Volume is currently being modified"))
    outcome = drive(parts.modify_volume, aws, {"volume_id": make_volume(), "size": 20})
    assert len(outcome.result["changed"]) == 1
    assert sum(outcome.waits) >= 120


def test_something_has_to_change(aws: TestAws, make_volume: Any) -> None:
    with pytest.raises(InvalidParameter, match="give volume_type, size, iops or throughput"):
        drive(parts.modify_volume, aws, {"volume_id": make_volume()})


@pytest.mark.parametrize("moment", ["before", "after"])
def test_changed_survives_a_killed_worker(aws: TestAws, ec2: Any, make_volume: Any, moment: str) -> None:
    volume = make_volume()
    Slow(aws)
    deaths = [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["ModifyVolume"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.modify_volume, aws, {"volume_id": volume, "volume_type": "gp3"})
    assert (outcome.deaths, outcome.result["changed"]) == (1, [volume])
    assert types(ec2, volume) == {"gp3"}


def test_a_missing_permission_is_named(aws: TestAws, make_volume: Any) -> None:
    aws.faults["ModifyVolume"] = Fault(lambda p: (403, "UnauthorizedOperation", "You are not authorized."))
    with pytest.raises(AccessDenied, match="may not modify volumes"):
        drive(parts.modify_volume, aws, {"volume_id": make_volume(), "size": 20})


def _one_already(aws: FaultyAws) -> dict[str, Any]:
    ec2 = client("ec2")
    spec = [{"ResourceType": "volume", "Tags": [{"Key": "Env", "Value": "test"}]}]
    for kind in ("gp2", "gp2", "gp3"):
        ec2.create_volume(AvailabilityZone="us-east-1a", Size=8, VolumeType=kind, TagSpecifications=spec)
    Slow(aws)
    return {"tag": "Env=test", "volume_type": "gp3"}


SCENARIOS = [Scenario("two of gp2, one of gp3", "ebs.modify_volume", _one_already)]
