"""ec2.reboot_instances."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import PartTimeout
from lambdas.parts import ec2 as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import THROTTLED, TestAws, drive, times
from tests.parts.fleet import launch as launched
from tests.parts.fleet import stopped
from tests.parts.unkind import Unkind


def test_reboot_takes_only_running_ones(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(3, Patch="weekly")
    ec2.stop_instances(InstanceIds=ids[:1])
    result = drive(parts.reboot_instances, aws, {"tag": "Patch=weekly"}).result
    assert result["changed"] == sorted(ids[1:])
    assert result["skipped"] == [{"id": ids[0], "reason": "is stopped"}]
    assert aws.count()["RebootInstances"] == 1
    assert result["summary"] == "2 instances rebooted, 1 skipped"


def test_reboot_with_status_check_does_not_take_the_checks_of_before(aws: TestAws, launch: Any) -> None:
    unkind = Unkind(aws, checks=100)
    ids = launch(1)

    def boot(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "RebootInstances":
            unkind.changed[ids[0]] = ("start", aws.now() + 30)

    aws.clock += 1000
    aws.hooks.append(boot)
    outcome = drive(parts.reboot_instances, aws, {"instance_id": ids, "status_check": True})
    assert outcome.result["changed"] == ids
    assert sum(outcome.waits) >= 130


@pytest.mark.parametrize(("speed", "least", "most"), [(None, 60, 600), ("60", 1, 59)])
def test_checks_count_from_a_minute_on_which_passes_as_fast_as_waits(
    aws: TestAws, launch: Any, monkeypatch: pytest.MonkeyPatch, speed: str | None, least: float, most: float
) -> None:
    """In a local AWS whose waits pass faster, a real minute would be an hour of its fleet."""
    if speed:
        monkeypatch.setenv("NIGHTSHIFT_SPEED", speed)
    outcome = drive(parts.reboot_instances, aws, {"instance_id": launch(1), "status_check": True})
    assert least <= sum(outcome.waits) <= most


def test_an_instance_that_does_not_come_back_is_no_success(aws: TestAws, launch: Any) -> None:
    unkind = Unkind(aws)
    ids = launch(2)
    unkind.impaired.add(ids[0])
    with pytest.raises(PartTimeout, match=f"(?s)2/2 status checks.*{ids[0]}"):
        drive(parts.reboot_instances, aws, {"instance_id": ids, "status_check": True, "timeout": "20m"})


def test_dry_run_of_reboot(aws: TestAws, launch: Any) -> None:
    ids = launch(2)
    dry = drive(parts.reboot_instances, aws, {"instance_id": ids, "status_check": True, "dry_run": True}).result
    assert dry["changed"] == sorted(ids)
    assert dry["summary"] == "would reboot 2 instances"
    assert all(p["DryRun"] for p in aws.made("RebootInstances"))


def test_reboot_is_paced(aws: TestAws, launch: Any) -> None:
    ids = launch(2)
    aws.faults["RebootInstances"] = times(2, THROTTLED)
    assert drive(parts.reboot_instances, aws, {"instance_id": ids}).result["changed"] == sorted(ids)


def _reboot(aws: FaultyAws) -> dict[str, Any]:
    ids = launched(3, Patch="weekly")
    stopped(ids[2])
    Unkind(aws, checks=0)
    return {"tag": "Patch=weekly", "status_check": True}


SCENARIOS = [
    Scenario("by tag, with status checks", "ec2.reboot_instances", _reboot),
]
