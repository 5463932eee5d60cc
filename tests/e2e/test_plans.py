"""`nightshift plan` of flows within guard rails: it says what a run would not touch, and touches nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from nightshift.local import LocalAws
from nightshift.local.fleet.client import FleetControl
from tests.cli.conftest import Done, command
from tests.e2e.runs import calls, deployed
from tests.parts.cloudwatch.test_describe_alarms import put_alarm
from tests.waiting import until

pytestmark = pytest.mark.e2e

ALARM = "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:shop-errors"
FLOWS = f'''
from lambdas.parts import ec2
from nightshift import flow, for_each


@flow
def most():
    """No more than three."""
    ec2.stop_instances(tag="Rails=yes", max_resources=3)


@flow
def part_waves():
    """Two at a time, and none after a failure."""
    ec2.stop_instances(tag="Rails=yes", at_most=2, max_failures=0)


@flow
def part_half():
    """Two at a time, and half of them may fail."""
    ec2.stop_instances(tag="Rails=yes", at_most=2, max_failures="50%", on_failure="continue")


@flow
def flow_waves():
    """Two at a time, and none after a failure."""
    found = ec2.describe_instances(tag="Rails=yes")
    for_each(sorted(found.matched), one, at_most=2, max_failures=0)


@flow
def watched():
    """Two at a time, while the alarm is not on."""
    found = ec2.describe_instances(tag="Rails=yes")
    for_each(sorted(found.matched), one, at_most=2, stop_on_alarm="{ALARM}")


@flow
def spread():
    """Each in an execution of its own."""
    found = ec2.describe_instances(tag="Rails=yes")
    for_each(found.matched, one, at_most=2, distributed=True)


def one(instance: str):
    """Stop one."""
    ec2.stop_instances(instance_id=instance)
'''


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS with the flows of this file, which lie in its folder."""
    project = tmp_path_factory.mktemp("plans")
    (project / "flow_defs").mkdir()
    (project / "flow_defs" / "rails.py").write_text(FLOWS, encoding="utf-8")
    with deployed(project, project / "flow_defs") as brought_up:
        yield brought_up


@pytest.fixture(scope="module")
def ids(local: LocalAws) -> list[str]:
    """Four running instances that the flows select, in the order in which they take them."""
    ec2: Any = local.session().client("ec2")
    names = [{"Name": "tag:Name", "Values": ["B", "C", "D", "app-1"]}]
    pages = ec2.get_paginator("describe_instances").paginate(Filters=names)
    found = sorted(i["InstanceId"] for page in pages for r in page["Reservations"] for i in r["Instances"])
    ec2.create_tags(Resources=found, Tags=[{"Key": "Rails", "Value": "yes"}])
    FleetControl(local.fleet.url).settle()
    return found


@pytest.fixture
def protected(local: LocalAws, ids: list[str]) -> Iterator[None]:
    """StopInstances is refused for the second of them."""
    with FleetControl(local.fleet.url).fault("error", resource=ids[1], action="StopInstances", code="Protected"):
        yield


def planned(local: LocalAws, flow: str) -> Done:
    """What `nightshift plan FLOW` says, which changes nothing."""
    fleet = FleetControl(local.fleet.url)
    before = states(fleet)
    fleet.forget_calls()
    done = command("plan", flow, cwd=local.project)
    assert states(fleet) == before
    # What would succeed is refused as a dry run.
    assert all(error for _, action, error in fleet.calls() if action == "StopInstances")
    assert "nothing was changed" in done.out
    assert "Changed before" not in done.out
    return done


def states(fleet: FleetControl) -> dict[str, Any]:
    """The state of each instance."""
    return {i: one["state"] for i, one in fleet.world().items() if i.startswith("i-")}


def test_more_than_max_resources_are_refused(local: LocalAws, ids: list[str]) -> None:
    told = planned(local, "most")
    assert told.code == 1
    assert "matches 4 instances" in told.out
    assert calls(local, "StopInstances") == 0


def test_a_part_starts_none_after_a_failure_too_many(local: LocalAws, ids: list[str]) -> None:
    with FleetControl(local.fleet.url).fault("error", tag="Rails=yes", action="StopInstances", code="Protected"):
        told = planned(local, "part_waves")
    assert told.code == 1
    failing, left = told.out.split("\n2 would not be started:")
    # It takes them in the order in which AWS names them.
    assert sorted(named(failing) + named(left)) == ids
    assert len(named(left)) == 2


@pytest.mark.usefixtures("protected")
def test_a_part_goes_on_below_max_failures(local: LocalAws, ids: list[str]) -> None:
    told = planned(local, "part_half")
    assert told.code == 0
    assert "would stop 3 instances, 1 would fail" in told.out
    assert f"ec2.stop_instances: {ids[1]} " in told.out
    assert named(told.out.split("would change")[1].partition("\n")[0]) == [ids[0], *ids[2:]]


@pytest.mark.usefixtures("protected")
def test_a_wave_after_a_failure_too_many_is_not_started(local: LocalAws, ids: list[str]) -> None:
    told = planned(local, "flow_waves")
    assert told.code == 1
    assert "FanOutStopped: 1 of 4 failed, and max_failures is 0: 1 of 4 done, 1 failed, 2 not started" in told.out
    assert named(told.out.split("; not started:")[1].partition("\n")[0]) == ids[2:]
    assert "What to do: Look at what failed" in told.out
    # Not even asked about.
    assert calls(local, "StopInstances") == 2


def test_no_wave_is_started_while_the_alarm_is_on(local: LocalAws, ids: list[str]) -> None:
    cloudwatch: Any = local.session().client("cloudwatch")
    put_alarm(cloudwatch, "shop-errors", "OK")
    told = planned(local, "watched")
    assert told.code == 0
    assert "4 resources would change" in told.out
    assert calls(local, "StopInstances") == 4
    put_alarm(cloudwatch, "shop-errors", "ALARM")
    told = planned(local, "watched")
    assert told.code == 1
    assert "only if not (the alarm is on)" in told.out
    assert f"the alarm {ALARM} is in ALARM: 0 of 4 done, 0 failed, 4 not started" in told.out
    assert named(told.out.split("; not started:")[1].partition("\n")[0]) == ids
    assert calls(local, "StopInstances") == 0


def test_the_executions_of_a_distributed_map_count(local: LocalAws, ids: list[str]) -> None:
    told = planned(local, "spread")
    assert told.code == 0
    would = [line for line in told.out.splitlines() if "would change" in line]
    assert sorted(named("\n".join(would))) == ids
    assert "4 resources would change" in told.out
    assert "4 changed" in command("run", "spread", cwd=local.project).out

    def recorded() -> bool:
        (run,) = [run for run in runs("spread", local) if not run["dry_run"]]
        return bool(run["state"] == "SUCCEEDED" and run["counts"]["changed"] == 4)

    until(recorded, "the record of the run with what its items changed")


def runs(flow: str, local: LocalAws) -> list[dict[str, Any]]:
    """The records of the runs of a flow."""
    found: list[dict[str, Any]] = json.loads(command("runs", flow, "--json", cwd=local.project).out)
    return found


def named(text: str) -> list[str]:
    """The instances in a text."""
    return list(dict.fromkeys(re.findall(r"i-[0-9a-f]{17}", text)))
