"""ecs.update_service."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed, PartTimeout
from lambdas.parts import ecs as parts
from nightshift.local.fleet.faults import Fault as FleetFault
from nightshift.local.fleet.world import World
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts import honest
from tests.parts.driver import Fault, Killed, TestAws, client, drive, times
from tests.parts.ecs.clusters import counts, service, tags

OFF: dict[str, Any] = {"cluster": "test", "tag": "AutoOff=yes", "desired_count": 0}
ON: dict[str, Any] = {"cluster": "test", "tag": "AutoOff=yes", "restore": True}
WEB: dict[str, Any] = {"cluster": "test", "service": "web"}

pytestmark = pytest.mark.usefixtures("world")


def test_to_zero_for_the_night_and_back(aws: TestAws) -> None:
    service("web", 2, AutoOff="yes")
    service("workers", 0, AutoOff="yes")
    service("other", 3)
    off = drive(parts.update_service, aws, OFF)
    assert off.result["changed"] == ["web"]
    assert {s["id"]: s["reason"] for s in off.result["skipped"]} == {"workers": "already so"}
    assert off.result["summary"] == "1 service updated, 1 skipped"
    assert (counts("web"), counts("other")) == ((0, 0, 0), (3, 3, 0))
    assert tags("web") == {"AutoOff": "yes", "nightshift:capacity": "desired=2"}
    on = drive(parts.update_service, aws, ON)
    assert on.result["changed"] == ["web"]
    assert {s["id"]: s["reason"] for s in on.result["skipped"]} == {"workers": "remembers no capacity"}
    assert (counts("web"), tags("web")) == ((2, 2, 0), {"AutoOff": "yes"})
    shown = {s["service"]: s for s in on.result["services"]}
    assert (shown["web"]["previous_count"], shown["web"]["desired_count"]) == (0, 2)


def test_it_waits_until_the_tasks_run(aws: TestAws) -> None:
    service("web", 1)
    outcome = drive(parts.update_service, aws, {**WEB, "desired_count": 3})
    assert outcome.result["changed"] == ["web"]
    assert len(outcome.waits) > 3
    assert counts("web") == (3, 3, 0)


def test_more_than_a_description_takes(aws: TestAws) -> None:
    for n in range(12):
        service(f"web-{n:02}", 1, AutoOff="yes")
    assert len(drive(parts.update_service, aws, OFF).result["changed"]) == 12


def test_a_new_deployment_is_made_once(aws: TestAws) -> None:
    service("web", 2)
    deaths = [1]

    def die(params: dict[str, Any], answer: dict[str, Any]) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["UpdateService"] = Fault(after=die)
    before = client("ecs").describe_services(cluster="test", services=["web"])["services"][0]["deployments"]
    outcome = drive(parts.update_service, aws, {**WEB, "force_new_deployment": True})
    after = client("ecs").describe_services(cluster="test", services=["web"])["services"][0]["deployments"]
    assert (outcome.deaths, outcome.result["changed"]) == (1, ["web"])
    assert aws.count()["UpdateService"] == 1
    assert [d["rolloutState"] for d in after] == ["COMPLETED"]
    assert after[0]["id"] != before[0]["id"]
    assert "nightshift:capacity" not in tags("web")


def test_a_deployment_that_fails_is_told(aws: TestAws, world: World) -> None:
    service("web", 2)
    world.faults.append(FleetFault("task_fails", resource="web", message="tasks failed {container} health checks"))
    with pytest.raises(PartFailed, match=r"deployment of 'web' failed: .* tasks failed \(container\) health checks"):
        drive(parts.update_service, aws, {**WEB, "force_new_deployment": True})


def test_what_failed_before_does_not_keep_it_from_zero(aws: TestAws, world: World) -> None:
    service("web", 2)
    world.faults.append(FleetFault("task_fails", resource="web"))
    client("ecs").update_service(cluster="test", service="web", forceNewDeployment=True)
    assert drive(parts.update_service, aws, {**WEB, "desired_count": 0}).result["changed"] == ["web"]


def test_a_lack_of_room_is_in_the_error(aws: TestAws, world: World) -> None:
    service("web", 1)
    world.faults.append(FleetFault("capacity", resource="web"))
    with pytest.raises(PartTimeout, match=r"'web' is not steady: .*was unable to place a task"):
        drive(parts.update_service, aws, {**WEB, "desired_count": 3, "timeout": "10m"})


def test_room_that_comes_is_taken(aws: TestAws, world: World) -> None:
    service("web", 1)
    world.faults.append(FleetFault("capacity", resource="web", times=2))
    assert drive(parts.update_service, aws, {**WEB, "desired_count": 3}).result["changed"] == ["web"]


def test_what_is_not_there_fails_and_the_others_go_on(aws: TestAws) -> None:
    service("web", 2)
    params = {"cluster": "test", "service": "web;webb", "desired_count": 1, "on_failure": "continue"}
    result = drive(parts.update_service, aws, params).result
    assert (result["changed"], [f["id"] for f in result["failed"]]) == (["web"], ["webb"])
    assert result["failed"][0]["message"] == "there is no service 'webb' in the cluster test"


def test_a_daemon_service_has_no_count(aws: TestAws) -> None:
    service("agent", strategy="DAEMON")
    for dry_run in (True, False):
        params = {"cluster": "test", "service": "agent", "desired_count": 1, "dry_run": dry_run}
        with pytest.raises(PartFailed, match="'agent' is a DAEMON service, which has no count"):
            drive(parts.update_service, aws, params)
    assert not aws.made("UpdateService")


def test_a_tag_that_is_no_count_fails(aws: TestAws) -> None:
    marks: dict[str, Any] = {"AutoOff": "yes", "nightshift:capacity": "two"}
    service("web", 1, **marks)
    with pytest.raises(PartFailed, match="says 'two', and no count"):
        drive(parts.update_service, aws, ON)


def test_throttling_is_waited_out(aws: TestAws) -> None:
    service("web", 1)
    aws.faults["UpdateService"] = times(2, (400, "ThrottlingException", "Rate exceeded"))
    assert drive(parts.update_service, aws, {**WEB, "desired_count": 0}).result["changed"] == ["web"]
    assert aws.count()["UpdateService"] == 3


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "give desired_count, restore=True or force_new_deployment=True"),
        ({"restore": True, "desired_count": 1}, "and not both"),
        ({"desired_count": -1}, "0 tasks or more"),
    ],
)
def test_what_is_asked_for_is_clear(aws: TestAws, given: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidParameter, match=why):
        drive(parts.update_service, aws, {**WEB, **given})
    assert not aws.calls


def _off(aws: FaultyAws) -> dict[str, Any]:
    honest.begin(aws)
    service("web", 2, AutoOff="yes")
    service("workers", 0, AutoOff="yes")
    service("other", 1)
    return OFF


def _on(aws: FaultyAws) -> dict[str, Any]:
    honest.begin(aws)
    marks: dict[str, Any] = {"AutoOff": "yes", "nightshift:capacity": "desired=2"}
    service("web", 0, **marks)
    service("workers", 0, AutoOff="yes")
    return ON


SCENARIOS = [
    Scenario("to zero", "ecs.update_service", _off),
    Scenario("restored", "ecs.update_service", _on),
]
