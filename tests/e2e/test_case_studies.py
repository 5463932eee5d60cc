"""The flows that are shipped, as their users meet them: deployed, started, watched for what they leave and mail."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from nightshift.local import LocalAws, Mail, sent_mail
from tests.cli.conftest import ROOT, Done, command
from tests.e2e.runs import TOKYO, calls, executions, finished, instances, snapshots, start
from tests.waiting import until

pytestmark = pytest.mark.e2e

REGION_2 = "ap-northeast-3"


def nightshift(local: LocalAws, *arguments: str) -> Done:
    """`nightshift ...` in the folder of the local AWS."""
    return command(*arguments, "--flow-defs", str(ROOT / "flow_defs"), cwd=local.project)


def run(local: LocalAws, flow: str, **parameters: Any) -> dict[str, Any]:
    """Start a flow and wait for its end."""
    return finished(local, start(local, flow, **parameters))


def mails(local: LocalAws, arn: str) -> list[Mail]:
    """The mails of one run."""
    return [mail for mail in sent_mail(local) if arn in mail.text or arn in mail.html]


def ids(local: LocalAws, *names: str) -> list[str]:
    """Ids of the instances with these names, in that order."""
    ec2: Any = local.session().client("ec2")
    found = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": list(names)}])["Reservations"]
    by_name = {
        t["Value"]: i["InstanceId"] for r in found for i in r["Instances"] for t in i["Tags"] if t["Key"] == "Name"
    }
    return [by_name[name] for name in names]


def types(local: LocalAws, **tags: str) -> set[str]:
    """The types of the instances with these tags."""
    filters = [{"Name": f"tag:{name}", "Values": [value]} for name, value in tags.items()]
    ec2: Any = local.session().client("ec2")
    found = ec2.describe_instances(Filters=filters)["Reservations"]
    return {i["InstanceType"] for r in found for i in r["Instances"]}


def test_stopping_by_tag_takes_what_has_the_tag_and_a_new_instance_needs_no_change(local: LocalAws) -> None:
    ec2: Any = local.session().client("ec2")
    ec2.delete_tags(Resources=ids(local, "A"), Tags=[{"Key": "AutoOff"}])
    done = nightshift(local, "run", "evening_stop")
    assert done.code == 0, done.out + done.err
    assert {name: instances(local, Name=name)[name] for name in "ABCD"} == {
        "A": "running",
        "B": "stopped",
        "C": "stopped",
        "D": "stopped",
    }
    ec2.start_instances(InstanceIds=ids(local, "B", "C", "D"))
    tags = [{"Key": "Name", "Value": "E"}, {"Key": "AutoOff", "Value": "yes"}]
    ec2.run_instances(
        ImageId="ami-12345678",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    local.control().settle()
    assert set(instances(local, AutoOff="yes")) >= {"B", "C", "D", "E"}

    assert nightshift(local, "run", "evening_stop").code == 0

    assert set(instances(local, AutoOff="yes").values()) == {"stopped"}
    assert instances(local, Name="A") == {"A": "running"}


def test_the_morning_start_waits_for_the_status_checks_and_mails_who_has_no_tag(local: LocalAws) -> None:
    ec2: Any = local.session().client("ec2")
    ended = run(local, "morning_start")
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    office = instances(local, AutoOn="yes")
    assert set(office.values()) == {"running"}
    checks = ec2.describe_instance_status(InstanceIds=ids(local, *office))["InstanceStatuses"]
    assert {s["InstanceStatus"]["Status"] for s in checks} == {"ok"}
    (mail,) = mails(local, ended["executionArn"])
    every = ec2.describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["running", "stopped"]}])
    tagged = {
        i["InstanceId"]: {t["Key"] for t in i.get("Tags", [])} for r in every["Reservations"] for i in r["Instances"]
    }
    assert all((instance in mail.text) == ("AutoOn" not in keys) for instance, keys in tagged.items())


def test_the_mail_line_for_line_has_all_that_the_manual_shows(local: LocalAws) -> None:
    ended = run(local, "line_for_line")
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    made = snapshots(local, nightshift__run=ended["executionArn"])
    assert len(made) == 9
    mail = sent_mail(local)[-1]
    for volume, (snapshot,) in made.items():
        assert f"***** VolumeId: {volume} *****\nsnapshotId: {snapshot['SnapshotId']}\nstatus: completed" in mail.text
        assert f"snapshotId: {snapshot['SnapshotId']}\n\n----- rotation result -----" in mail.text
        assert f"TargetVolumeId={volume}\n" in mail.text
    for line in (
        "deleteOnTermination: true",
        "deleteOnTermination: false",
        f"ownerId: {local.account}",
        "progress: 100%",
    ):
        assert line in mail.text.splitlines()
    assert not [line for line in mail.text.splitlines() if line.endswith(": ")]


def test_the_nightly_backup_mails_each_snapshot_with_its_volume(local: LocalAws) -> None:
    ended = run(local, "nightly_backup")
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    (mail,) = mails(local, ended["executionArn"])
    made = snapshots(local, nightshift__run=ended["executionArn"])
    assert len(made) == 9
    for volume, (snapshot,) in made.items():
        assert re.search(rf"^  {volume} \(.+\): {snapshot['SnapshotId']}, \d+ GiB$", mail.text, re.MULTILINE)


def test_the_backup_of_the_night_is_restored_read_and_removed(local: LocalAws) -> None:
    assert nightshift(local, "run", "nightly_backup").code == 0
    ended = run(local, "restore_test")
    assert json.loads(ended["output"]) == "5 snapshots restored", ended
    (mail,) = mails(local, ended["executionArn"])
    assert mail.subject == "restore_test: 5 snapshots restored and read"
    assert mail.text.count("Success") == 5
    volumes = local.session().client("ec2").describe_volumes()["Volumes"]
    assert not [volume for volume in volumes if volume.get("SnapshotId")]


def test_a_patch_group_is_snapshotted_patched_rebooted_and_scanned(local: LocalAws) -> None:
    ec2: Any = local.session().client("ec2")
    servers = ids(local, "web-1", "web-2")
    ec2.create_tags(Resources=servers, Tags=[{"Key": "PatchGroup", "Value": "web"}])
    try:
        before = calls(local, "RebootInstances")
        done = nightshift(local, "run", "patch_servers", "--json", "-p", "at_most=1")
        report = json.loads(done.out)
        assert (done.code, report["status"]) == (0, "SUCCEEDED"), (report["error"], report["cause"])
        assert report["output"] == [f"{server} has 3 patches, and lacks 0" for server in servers]
        assert calls(local, "RebootInstances") == before + 2
        statuses = ec2.describe_instance_status(InstanceIds=servers)["InstanceStatuses"]
        assert [s["InstanceStatus"]["Status"] for s in statuses] == ["ok", "ok"]
        found = ec2.describe_instances(InstanceIds=servers)["Reservations"]
        disks = {d["Ebs"]["VolumeId"] for r in found for i in r["Instances"] for d in i["BlockDeviceMappings"]}
        assert snapshots(local, nightshift__run=report["execution_arn"]).keys() == disks
        (mail,) = mails(local, report["execution_arn"])
        assert mail.subject == "2 servers of the group web are patched"
        assert all(server in mail.text for server in servers)
    finally:
        ec2.delete_tags(Resources=servers, Tags=[{"Key": "PatchGroup"}])


def test_the_weekly_backup_keeps_generations_here_and_in_a_second_region(local: LocalAws) -> None:
    ec2: Any = local.session().client("ec2")
    there = local.control().client("ec2", region=REGION_2)
    before = instances(local, Backup="nightly")
    for _ in range(2):
        ended = run(local, "weekly_backup", generation=1)
        assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    assert instances(local, Backup="nightly") == before
    own = [{"Name": "tag:nightshift:flow", "Values": ["weekly_backup"]}]
    images = ec2.describe_images(Owners=["self"], Filters=own)["Images"]
    assert [i["State"] for i in images] == ["available"] * 4
    copies = there.describe_snapshots(OwnerIds=["self"], Filters=own)["Snapshots"]
    assert len(copies) == 2 * 9
    assert {s["State"] for s in copies} == {"completed"}
    (mail,) = mails(local, ended["executionArn"])
    assert all(image["ImageId"] in mail.text for image in images)
    latest = snapshots(local, nightshift__run=ended["executionArn"])
    assert sum("weekly_backup" in s["Description"] for made in latest.values() for s in made) == 9
    assert all(volume in mail.text for volume in latest)
    assert f"to {REGION_2}" in mail.text


def test_a_weekly_backup_that_fails_starts_again_what_ran_and_says_so(local: LocalAws) -> None:
    before = instances(local, Backup="nightly")
    with local.control().fault("snapshot_error", tag="Name=db-1"):
        ended = run(local, "weekly_backup")
    assert (ended["status"], ended["error"]) == ("FAILED", "PartFailed")
    assert ids(local, "db-1")[0] in ended["cause"]
    assert instances(local, Backup="nightly") == before
    mail = sent_mail(local)[-1]
    assert mail.subject == "weekly_backup failed"
    assert ids(local, "db-1")[0] in mail.text


def test_the_last_day_of_the_month_makes_the_report_server_large(local: LocalAws) -> None:
    assert types(local, Role="report") == {"m6i.large"}
    local.set_scheduler_clock(datetime(2026, 11, 30, 4, 59, 59, tzinfo=TOKYO))
    (execution,) = until(lambda: executions(local, "larger_at_month_end"), "the schedule to fire")
    ended = finished(local, execution["executionArn"])
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    assert types(local, Role="report") == {"m6i.2xlarge"}
    assert instances(local, Role="report") == {"report-1": "running"}
    assert f"{ids(local, 'report-1')[0]} (report-1) is m6i.2xlarge, running" in sent_mail(local)[-1].text

    assert run(local, "smaller_after_month_end")["status"] == "SUCCEEDED"
    assert types(local, Role="report") == {"m6i.large"}


def test_without_capacity_the_report_server_runs_on_as_it_was(local: LocalAws) -> None:
    fleet = local.control()
    with fleet.fault("capacity", instance_type="m6i.4xlarge"), fleet.fault("capacity", instance_type="m5.4xlarge"):
        ended = run(local, "change_spec", instance_type="m6i.4xlarge", fallback_types=["m5.4xlarge"])
    assert (ended["status"], ended["error"]) == ("FAILED", "PartFailed")
    assert "InsufficientInstanceCapacity" in ended["cause"]
    assert types(local, Role="report") == {"m6i.large"}
    assert instances(local, Role="report") == {"report-1": "running"}
    assert sent_mail(local)[-1].subject == "not everything could become m6i.4xlarge"


def test_a_business_batch_runs_between_start_and_stop(local: LocalAws, batch_servers: list[str]) -> None:
    ended = run(local, "business_batch", command="echo the books balance", working_directory="/")
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    assert json.loads(ended["output"]) == "2 instances ran the command"
    assert instances(local, Role="batch") == {"batch-1": "stopped", "batch-2": "stopped"}
    (mail,) = mails(local, ended["executionArn"])
    for number, instance in enumerate(batch_servers, 1):
        heading = f"===== {instance} (batch-{number}) ====="
        assert f"{heading}\nSuccess, exit code 0\nthe books balance\nall of it: s3://" in mail.text


def test_a_batch_that_fails_fails_the_flow_and_the_servers_are_stopped_again(
    local: LocalAws, batch_servers: list[str]
) -> None:
    _, second = batch_servers
    command = f'if [ "$AWS_SSM_INSTANCE_ID" = {second} ]; then echo the books do not balance; exit 3; fi'
    ended = run(local, "business_batch", command=command, working_directory="/")
    assert (ended["status"], ended["error"]) == ("FAILED", "PartFailed")
    assert instances(local, Role="batch") == {"batch-1": "stopped", "batch-2": "stopped"}
    mail = sent_mail(local)[-1]
    assert mail.subject == "business_batch failed"
    assert f"exit code 3 on '{second}': the books do not balance" in mail.text


@pytest.fixture
def batch_servers(local: LocalAws) -> Iterator[list[str]]:
    """The ids of the two batch servers, stopped, on which commands are executed."""
    servers = ids(local, "batch-1", "batch-2")
    local.session().client("ec2").stop_instances(InstanceIds=servers)
    control = local.control()
    control.settle()
    control.execute_commands(True)
    yield servers
    control.execute_commands(False)
