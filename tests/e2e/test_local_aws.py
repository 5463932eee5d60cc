"""The whole line: flows deployed by the cdk CLI, started by their triggers, on the local AWS."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from nightshift.local import LocalAws, sent_mail
from nightshift.local.fleet.client import FleetControl
from tests.e2e.runs import TOKYO, calls, executions, finished, instances, snapshots, start, worker
from tests.waiting import until

pytestmark = pytest.mark.e2e


def test_the_schedule_starts_the_nightly_backup(local: LocalAws) -> None:
    before = instances(local, Backup="nightly")
    assert set(before.values()) == {"running", "stopped"}
    earlier = {run["executionArn"] for run in executions(local, "nightly_backup")}
    local.set_scheduler_clock(datetime(2026, 12, 1, 21, 59, 59, tzinfo=TOKYO))

    def fired() -> list[dict[str, Any]]:
        return [run for run in executions(local, "nightly_backup") if run["executionArn"] not in earlier]

    (run,) = until(fired, "the schedule to fire")
    ended = finished(local, run["executionArn"])

    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    trigger = json.loads(ended["input"])["nightshift"]["trigger"]
    assert trigger["type"] == "schedule"
    assert datetime.fromisoformat(trigger["scheduled_time"].replace("Z", "+00:00")) == datetime(
        2026, 12, 1, 22, 0, tzinfo=TOKYO
    )
    assert instances(local, Backup="nightly") == before
    made = snapshots(local, nightshift__run=run["executionArn"])
    assert len(made) == 9
    assert all([s["State"] for s in of_volume] == ["completed"] for of_volume in made.values())
    (mail,) = [m for m in sent_mail(local) if run["executionArn"] in m.text]
    assert mail.to == ("ops@example.com",)
    assert all(volume in mail.text for volume in made)


def test_an_alarm_starts_the_recovery_once(local: LocalAws) -> None:
    session = local.session()
    described = session.client("ec2").describe_instances(Filters=[{"Name": "tag:Name", "Values": ["app-1"]}])
    instance_id = described["Reservations"][0]["Instances"][0]["InstanceId"]
    message = {
        "AlarmName": "status check of app-1",
        "AWSAccountId": local.account,
        "Region": "Asia Pacific (Tokyo)",
        "NewStateValue": "ALARM",
        "OldStateValue": "OK",
        "NewStateReason": "Threshold Crossed: 2 datapoints were greater than or equal to the threshold (1.0).",
        "StateChangeTime": "2026-12-01T12:00:00.000+0000",
        "Trigger": {
            "Namespace": "AWS/EC2",
            "MetricName": "StatusCheckFailed",
            "Dimensions": [{"name": "InstanceId", "value": instance_id}],
        },
    }
    topic = next(
        outputs["AlarmTopicRecoverInstanceArn"]
        for outputs in local.outputs.values()
        if "AlarmTopicRecoverInstanceArn" in outputs
    )
    stops, starts = calls(local, "StopInstances"), calls(local, "StartInstances")
    before = executions(local, "recover_instance")
    for _ in range(2):
        session.client("sns").publish(TopicArn=topic, Message=json.dumps(message))

    def started() -> list[str]:
        known = {run["executionArn"] for run in before}
        return [
            run["executionArn"] for run in executions(local, "recover_instance") if run["executionArn"] not in known
        ]

    ended = finished(local, until(started, "the alarm to start the flow")[0])

    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    assert json.loads(ended["input"])["instance_id"] == instance_id
    assert calls(local, "StopInstances") == stops + 1
    assert calls(local, "StartInstances") == starts + 1
    assert instances(local, Name="app-1") == {"app-1": "running"}
    assert any(instance_id in mail.text or instance_id in mail.subject for mail in sent_mail(local))
    assert len(started()) == 1


def test_two_generations_are_kept_at_every_moment(local: LocalAws) -> None:
    seen: list[dict[str, int]] = []
    for generation in range(3):
        arn = start(local, "two_generations")
        states = local.session().client("stepfunctions")
        running = True
        while running:
            running = states.describe_execution(executionArn=arn)["status"] == "RUNNING"
            seen.append(completed(local))
        assert finished(local, arn)["status"] == "SUCCEEDED"
        now = completed(local)
        assert len(now) == 9
        assert set(now.values()) == {min(generation + 1, 2)}
        if generation < 2:
            seen.clear()
    assert seen
    assert all(count >= 2 for counts in seen for count in counts.values())


def completed(local: LocalAws) -> dict[str, int]:
    """How many completed snapshots of `two_generations` each volume has."""
    found = snapshots(local, nightshift__flow="two_generations")
    return {volume: sum(s["State"] == "completed" for s in made) for volume, made in found.items()}


def test_a_worker_killed_amid_create_snapshot_leaves_one_snapshot_per_volume(local: LocalAws) -> None:
    fleet = FleetControl(local.fleet.url)
    fleet.add_fault("hang", action="CreateSnapshot", skip=4, times=1)
    before = calls(local, "CreateSnapshot")
    arn = start(local, "two_generations")
    until(lambda: fleet.faults()[0]["hits"], "the fifth CreateSnapshot")
    assert calls(local, "CreateSnapshot") == before + 4
    process = worker(local, "nightshift-ebs-create_snapshot")
    assert process is not None
    process.kill()
    fleet.clear_faults()

    ended = finished(local, arn)

    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    made = snapshots(local, nightshift__run=arn)
    assert len(made) == 9
    assert all(len(of_volume) == 1 for of_volume in made.values())
