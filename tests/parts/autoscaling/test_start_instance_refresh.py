"""autoscaling.start_instance_refresh."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed, PartTimeout
from lambdas.parts import autoscaling as parts
from nightshift.local.fleet.faults import Fault as FleetFault
from nightshift.local.fleet.world import World
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts import honest
from tests.parts.autoscaling.groups import described, group
from tests.parts.driver import Fault, Killed, TestAws, client, drive

WEB: dict[str, Any] = {"auto_scaling_group_name": "web"}


@pytest.fixture(autouse=True)
def web(world: World) -> None:
    group("web", 1, 2, 4, Patch="weekly")
    world.settle()


def _ids() -> set[str]:
    return {i["InstanceId"] for i in described("web")["Instances"]}


def _refreshes() -> list[dict[str, Any]]:
    return list(client("autoscaling").describe_instance_refreshes(AutoScalingGroupName="web")["InstanceRefreshes"])


def test_every_instance_is_replaced(aws: TestAws) -> None:
    before = _ids()
    outcome = drive(parts.start_instance_refresh, aws, {"tag": "Patch=weekly"})
    (refresh,) = _refreshes()
    assert outcome.result["changed"] == ["web"]
    (told,) = outcome.result["refreshes"]
    assert (told["instance_refresh_id"], told["status"]) == (refresh["InstanceRefreshId"], "Successful")
    assert (told["auto_scaling_group_name"], told["percentage_complete"]) == ("web", 100)
    assert not _ids() & before
    assert (len(_ids()), len(outcome.waits) > 2) == (2, True)


def test_it_stops_at_a_checkpoint(aws: TestAws) -> None:
    params = {
        **WEB,
        "min_healthy_percentage": 50,
        "instance_warmup": "1m",
        "checkpoint_percentages": [50, 100],
        "checkpoint_delay": "2h",
        "skip_matching": True,
    }
    began = aws.now()
    assert drive(parts.start_instance_refresh, aws, params).result["changed"] == ["web"]
    assert aws.now() - began > 7200
    assert aws.made("StartInstanceRefresh")[0]["Preferences"] == {
        "MinHealthyPercentage": 50,
        "InstanceWarmup": 60,
        "CheckpointPercentages": [50, 100],
        "CheckpointDelay": 7200,
        "SkipMatching": True,
    }


@pytest.mark.parametrize("when", ["do", "after"])
def test_a_lost_answer_starts_no_second_one(aws: TestAws, when: str) -> None:
    deaths = [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["StartInstanceRefresh"] = Fault(**{when: die})
    outcome = drive(parts.start_instance_refresh, aws, WEB)
    assert (outcome.deaths, outcome.result["changed"], len(_refreshes())) == (1, ["web"], 1)


def test_one_of_somebody_else_is_waited_for(aws: TestAws) -> None:
    client("autoscaling").start_instance_refresh(AutoScalingGroupName="web")
    outcome = drive(parts.start_instance_refresh, aws, WEB)
    assert (outcome.result["changed"], len(_refreshes()), 60 in outcome.waits) == (["web"], 2, True)


def test_why_it_failed_is_told(aws: TestAws, world: World) -> None:
    world.faults.append(FleetFault("task_fails", resource="web", message="{2} instances were not healthy"))
    told = r"the refresh of 'web' ended Failed at 0%: \(2\) instances were not healthy"
    with pytest.raises(PartFailed, match=told):
        drive(parts.start_instance_refresh, aws, WEB)


def test_what_takes_too_long_goes_on(aws: TestAws, world: World) -> None:
    world.faults.append(FleetFault("stuck", resource="web"))
    with pytest.raises(PartTimeout, match="the refresh of 'web' is InProgress at 0% and goes on"):
        drive(parts.start_instance_refresh, aws, {**WEB, "timeout": "20m"})


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_absent_group_fails(aws: TestAws, dry_run: bool) -> None:
    with pytest.raises(PartFailed, match="The Auto Scaling group 'webb' does not exist"):
        drive(parts.start_instance_refresh, aws, {"auto_scaling_group_name": "webb", "dry_run": dry_run})


@pytest.mark.parametrize(
    "given",
    [
        {"min_healthy_percentage": 101},
        {"max_healthy_percentage": 99},
        {"checkpoint_percentages": [50, 20]},
        {"checkpoint_percentages": [0, 20]},
        {"checkpoint_percentages": [50, 101]},
        {"checkpoint_delay": "1h"},
        {"checkpoint_percentages": [50], "checkpoint_delay": "3d"},
    ],
)
def test_what_aws_would_not_take_is_refused(aws: TestAws, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        drive(parts.start_instance_refresh, aws, {**WEB, **given})
    assert not aws.calls


def _two(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    group("web", 1, 1, 4, Patch="weekly")
    group("workers", 0, 0, 3, Patch="weekly")
    world.settle()
    return {"tag": "Patch=weekly"}


SCENARIOS = [Scenario("by tag", "autoscaling.start_instance_refresh", _two)]
