"""notify.email: what is in the mail, who gets it, and when it is sent again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed, Throttled
from lambdas.contract.part import Failure, Result, Skipped
from lambdas.parts import ebs, ec2, notify
from lambdas.parts.notify import _mail
from lambdas.parts.notify._memory import forget
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.driver import RUN, Fault, TestAws, drive

SENDER = "nightshift@example.com"
OPS = "ops@example.com"


@pytest.fixture(autouse=True)
def sender(aws: TestAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_MAIL_FROM", SENDER)
    monkeypatch.delenv("NIGHTSHIFT_TEMPLATES", raising=False)
    forget()
    boto3.client("sesv2").create_email_identity(EmailIdentity=SENDER)


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's own templates."""
    monkeypatch.setenv("NIGHTSHIFT_TEMPLATES", str(tmp_path))
    return tmp_path


def failed_stop() -> dict[str, Any]:
    result = Result(
        part="ec2.stop_instances",
        matched=["i-1", "i-2", "i-3"],
        changed=["i-1"],
        skipped=[Skipped("i-2", "already stopped")],
        failed=[Failure("i-3", "OperationNotPermitted", "The instance 'i-3' may not be stopped & <that> is \"it\"")],
        summary="1 instance stopped, 1 skipped, 1 failed",
        responses={
            "DescribeInstancesResponse": {
                "Reservations": [{"Instances": [{"InstanceId": "i-3", "Tags": [{"Key": "Name", "Value": "<db-1>"}]}]}]
            }
        },
    )
    return result.to_json()


def sent(aws: TestAws) -> dict[str, Any]:
    return dict(aws.made("SendEmail")[-1])


def test_only_to_is_required(aws: TestAws) -> None:
    result = drive(notify.email, aws, {"to": OPS}).result
    assert result["changed"] == [OPS]
    assert result["message_id"]
    assert result["subject"] == "[nightshift] night: finished"
    assert RUN.id in result["text"]
    assert sent(aws)["FromEmailAddress"] == SENDER


def test_subject_and_body_are_taken_as_they_are(aws: TestAws) -> None:
    drive(notify.email, aws, {"to": OPS, "subject": "Hello {{flow}}", "body": "100 % <done> & {{ready}}\nbye"})
    simple = sent(aws)["Content"]["Simple"]
    assert simple["Subject"]["Data"] == "Hello {{flow}}"
    assert "100 % <done> & {{ready}}\nbye" in simple["Body"]["Text"]["Data"]
    assert "100 % &lt;done&gt; &amp; {{ready}}" in simple["Body"]["Html"]["Data"]


def test_the_default_mail_says_what_failed_why_and_what_to_do(aws: TestAws) -> None:
    result = drive(notify.email, aws, {"to": OPS, "result": failed_stop()}).result
    assert result["subject"] == "[nightshift] night: FAILED: 1 instance stopped, 1 skipped, 1 failed"
    text = result["text"]
    assert "i-3 (<db-1>)" in text
    assert "why:  OperationNotPermitted: The instance 'i-3' may not be stopped & <that> is \"it\"" in text
    assert "do:   The resource is protected" in text
    assert "i-2: already stopped" in text
    assert (
        f"https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/{RUN.id}" in text
    )


def test_values_are_escaped_in_html_and_only_there(aws: TestAws) -> None:
    drive(notify.email, aws, {"to": OPS, "result": failed_stop()})
    body = sent(aws)["Content"]["Simple"]["Body"]
    assert "&lt;db-1&gt;" in body["Html"]["Data"]
    assert "<db-1>" not in body["Html"]["Data"]
    assert "&lt;" not in body["Text"]["Data"]


def test_a_list_of_results_is_reported_one_by_one(aws: TestAws) -> None:
    good = Result(part="ec2.start_instances", changed=["i-9"], summary="1 instance started").to_json()
    result = drive(notify.email, aws, {"to": OPS, "result": [good, failed_stop()]}).result
    assert result["text"].index("ec2.start_instances: 1 instance started") < result["text"].index("ec2.stop_instances:")
    assert "FAILED: 1 instance started; 1 instance stopped" in result["subject"]


def test_thousands_of_ids_do_not_make_a_mail_of_megabytes(aws: TestAws) -> None:
    many = Result(part="x.y", changed=[f"i-{n}" for n in range(10_000)], summary="10000 done").to_json()
    result = drive(notify.email, aws, {"to": OPS, "result": many}).result
    assert "CHANGED (10000)" in result["text"]
    assert "... and 9950 more" in result["text"]
    assert len(result["text"]) < 5000


def test_the_snapshot_mail_of_a_real_result(aws: TestAws, launch: Any) -> None:
    launch(1, Backup="nightly")
    params = {"instance_tag": "Backup=nightly", "generation": 1}
    first = drive(ebs.create_snapshot, aws, params, run=replace(RUN, id=RUN.id + "0")).result
    second = drive(ebs.create_snapshot, aws, params).result
    volume, snapshot = second["changed"][0], second["snapshot_ids"][0]
    text = drive(notify.email, aws, {"to": OPS, "template": "snapshot_result", "result": second}).result["text"]
    for line in (
        "Snapshot Result",
        f"***** VolumeId: {volume} *****",
        "status: attached",
        "deviceName: /dev/sda1",
        f"snapshotId: {snapshot}",
        "status: completed",
        "encrypted: false",
        "deleteOnTermination: true",
        "----- deleted -----",
        f"snapshotId: {first['snapshot_ids'][0]}",
        f"TargetVolumeId={volume}",
    ):
        assert line in text.splitlines()
    assert "True" not in text
    assert "None" not in text


GOLDEN = """\
Snapshot Result
===== target volumes =====
***** VolumeId: vol-82492239 *****
status: attached
deleteOnTermination: true
attachTime: 2016-11-15T08:34:01.000Z
deviceName: /dev/sda1
instanceId: i-e30fc36d

===== snapshot status check =====
***** VolumeId: vol-82492239 *****
snapshotId: snap-dabca954
status: completed
ownerId: 628364910513
encrypted: false
volumeSize: 40
startTime: 2016-11-25T03:53:11.000Z

===== snapshot result =====
***** VolumeId: vol-82492239 *****
----- snapshot result -----
snapshotId: snap-dabca954

----- rotation result -----
***** snapshotId: snap-dabca954 *****
volumeId: vol-82492239
progress: 100%
ownerId: 628364910513
encrypted: false
description: backup
status: completed
volumeSize: 40
startTime: 2016-11-25T03:53:11.000Z

===== summary =====
TargetVolumeId=vol-82492239
"""


class OldAccount(TestAws):
    """An EC2 that gives the API results of the manual's example, and takes a snapshot of its one volume."""

    def client(self, service: str, **_: Any) -> Any:
        return self

    def get_paginator(self, operation: str) -> Any:
        self.operation = operation
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [getattr(self, self.operation)()]

    def describe_volumes(self) -> dict[str, Any]:
        attachment = {
            "AttachTime": datetime(2016, 11, 15, 8, 34, 1, tzinfo=UTC),
            "Device": "/dev/sda1",
            "InstanceId": "i-e30fc36d",
            "State": "attached",
            "DeleteOnTermination": True,
        }
        volume = {"VolumeId": "vol-82492239", "State": "in-use", "Size": 40, "Attachments": [attachment]}
        return {"Volumes": [volume]}

    def snapshot(self, state: str) -> dict[str, Any]:
        own = {"nightshift:flow": RUN.flow, "nightshift:run": RUN.id, "nightshift:volume": "vol-82492239"}
        return {
            "SnapshotId": "snap-dabca954",
            "VolumeId": "vol-82492239",
            "State": state,
            "Progress": "100%",
            "OwnerId": "628364910513",
            "Encrypted": False,
            "Description": "backup",
            "VolumeSize": 40,
            "StartTime": datetime(2016, 11, 25, 3, 53, 11, tzinfo=UTC),
            "Tags": [{"Key": k, "Value": v} for k, v in own.items()],
        }

    def describe_snapshots(self) -> dict[str, Any]:
        return {"Snapshots": [self.snapshot("completed")] if hasattr(self, "created") else []}

    def create_snapshot(self, **_: Any) -> dict[str, Any]:
        self.created = True
        return self.snapshot("pending")


def test_the_snapshot_mail_of_the_manual_line_for_line() -> None:
    params = {"volume_id": "vol-82492239", "description": "backup", "generation": 2}
    made = drive(ebs.create_snapshot, OldAccount(), params).result
    rendered = _mail.render(RUN, subject=None, body=None, template="snapshot_result", results=[made])
    body, _, footer = rendered.text.partition("\n--\n")
    assert body == GOLDEN
    assert RUN.id in footer


def test_the_recovery_mail_of_a_real_result(aws: TestAws, launch: Any) -> None:
    ids = launch(1, Name="web-1")
    found = drive(ec2.describe_instances, aws, {"instance_id": ids}).result
    result = drive(notify.email, aws, {"to": OPS, "template": "recover_result", "result": found}).result
    assert result["subject"] == f"night: {ids[0]} is running again"
    assert f"{ids[0]} (web-1) was stopped and started" in result["text"]


def test_untagged_instances_are_mailed(aws: TestAws, launch: Any) -> None:
    ids = launch(1, Name="A")
    launch(1, Owner="ops")
    found = drive(ec2.find_untagged, aws, {"required": "Owner"}).result
    result = drive(notify.email, aws, {"to": OPS, "result": found}).result
    assert result["subject"] == "[nightshift] night: 1 of 2 instances lack Owner"
    assert f"{ids[0]} (A)\n  lacks Owner\n" in result["text"]


def test_descriptions_are_mailed_with_states_and_failures(aws: TestAws, launch: Any) -> None:
    ids = launch(1, Name="web-1")
    params = {"instance_id": [*ids, "i-0aaaaaaaaaaaaaaa1"], "on_failure": "continue"}
    found = drive(ec2.describe_instances, aws, params).result
    text = drive(notify.email, aws, {"to": OPS, "result": found}).result["text"]
    assert f"{ids[0]} (web-1): running" in text
    assert "why:  InvalidInstanceID.NotFound" in text


def test_every_default_template_renders_an_empty_result(aws: TestAws) -> None:
    for name in _mail.available():
        rendered = _mail.render(RUN, subject=None, body="b", template=name, results=[Result(part="x.y").to_json()])
        assert "{{" not in rendered.text + rendered.html + rendered.subject


def test_a_users_template_with_partial_and_html(aws: TestAws, templates: Path) -> None:
    (templates / "mine.txt.mustache").write_text("Subject: {{flow}} {{changed_count}}\n\n{{> _foot}}{{summary}}\n")
    (templates / "mine.html.mustache").write_text("<p>{{summary}}</p>")
    (templates / "_foot.txt.mustache").write_text("foot ")
    drive(notify.email, aws, {"to": OPS, "template": "mine", "result": failed_stop()})
    simple = sent(aws)["Content"]["Simple"]
    assert simple["Subject"]["Data"] == "night 1"
    assert simple["Body"]["Text"]["Data"].startswith("foot 1 instance stopped")
    assert simple["Body"]["Html"]["Data"].startswith("<p>1 instance")


def test_a_text_template_sends_no_html(aws: TestAws, templates: Path) -> None:
    (templates / "plain.txt.mustache").write_text("{{summary}}")
    drive(notify.email, aws, {"to": OPS, "template": "plain", "result": failed_stop()})
    assert "Html" not in sent(aws)["Content"]["Simple"]["Body"]


def test_a_template_named_as_the_part_is_its_default(aws: TestAws, templates: Path) -> None:
    (templates / "ec2.stop_instances.txt.mustache").write_text("for stops: {{summary}}")
    result = drive(notify.email, aws, {"to": OPS, "result": failed_stop()}).result
    assert result["text"] == "for stops: 1 instance stopped, 1 skipped, 1 failed"


def test_a_template_that_is_not_there_or_broken_is_named(aws: TestAws, templates: Path) -> None:
    with pytest.raises(InvalidParameter, match=r"no mail template 'nosuch'; there are .*result"):
        drive(notify.email, aws, {"to": OPS, "template": "nosuch"})
    (templates / "broken.txt.mustache").write_text("{{#open}}{{/other}}")
    with pytest.raises(InvalidParameter, match=r"mail template broken\.txt\.mustache"):
        drive(notify.email, aws, {"to": OPS, "template": "broken"})
    with pytest.raises(InvalidParameter, match="is not the name"):
        drive(notify.email, aws, {"to": OPS, "template": "../secrets"})


def test_a_retry_after_a_lost_answer_sends_once(aws: TestAws) -> None:
    first = drive(notify.email, aws, {"to": OPS}).result
    again = drive(notify.email, aws, {"to": OPS}).result
    assert again == first
    assert aws.count()["SendEmail"] == 1
    drive(notify.email, aws, {"to": OPS}, run=replace(RUN, call=2))
    assert aws.count()["SendEmail"] == 2


def test_the_mail_names_its_call_for_mail_systems(aws: TestAws) -> None:
    drive(notify.email, aws, {"to": OPS})
    headers = sent(aws)["Content"]["Simple"]["Headers"]
    assert headers == [{"Name": "X-Nightshift-Call", "Value": f"{RUN.id}/{RUN.key}"}]


def test_a_refused_address_does_not_keep_the_mail_from_the_others(
    aws: TestAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_json(
        aws,
        "MessageRejected",
        "Email address is not verified. Failed: new@example.com",
        lambda to: "new@example.com" in to,
    )
    params = {"to": [OPS, "new@example.com"], "on_failure": "continue"}
    result = drive(notify.email, aws, params).result
    assert result["changed"] == [OPS]
    assert [(f["id"], f["error"]) for f in result["failed"]] == [("new@example.com", "MessageRejected")]
    with pytest.raises(PartFailed, match=r"new@example\.com"):
        drive(notify.email, aws, {"to": "new@example.com"})


def test_throttling_is_left_to_step_functions(aws: TestAws) -> None:
    refuse_json(aws, "TooManyRequestsException", "Too many requests", lambda to: True)
    with pytest.raises(Throttled):
        drive(notify.email, aws, {"to": OPS})
    assert aws.count()["SendEmail"] == 1


def test_dry_run_sends_nothing_and_shows_the_mail(aws: TestAws) -> None:
    result = drive(notify.email, aws, {"to": OPS, "result": failed_stop(), "dry_run": True}).result
    assert aws.count()["SendEmail"] == 0
    assert result["changed"] == [OPS]
    assert "i-3" in result["text"]
    assert result["summary"].startswith("would mail ops@example.com")


@pytest.mark.parametrize("to", ["", [], ";", [f"a{n}@example.com" for n in range(51)]])
def test_no_or_too_many_recipients_are_refused(aws: TestAws, to: Any) -> None:
    with pytest.raises(InvalidParameter, match="SES takes 1 to 50"):
        drive(notify.email, aws, {"to": to})


def test_without_a_sender_it_says_what_to_do(aws: TestAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHTSHIFT_MAIL_FROM")
    with pytest.raises(InvalidParameter, match="mail_from"):
        drive(notify.email, aws, {"to": OPS})


def refuse_json(aws: TestAws, code: str, message: str, when: Any) -> None:
    """Refuse SendEmail the way a REST-JSON service does."""
    from botocore.exceptions import ClientError

    def do(params: dict[str, Any]) -> None:
        if when(params["Destination"]["ToAddresses"]):
            raise ClientError({"Error": {"Code": code, "Message": message}}, "SendEmail")

    aws.faults["SendEmail"] = Fault(do)


@pytest.mark.parametrize(
    ("to", "verified", "reached"),
    [
        (["bob@example.com", "jimbob@example.com"], {"bob@example.com"}, ["bob@example.com"]),
        (["ops@example.co", "ops@example.com"], {"ops@example.co"}, ["ops@example.co"]),
        (["Jim Bob <jimbob@example.com>", "bob@example.com"], {"bob@example.com"}, ["bob@example.com"]),
    ],
)
def test_only_who_was_refused_is_left_out(aws: TestAws, to: list[str], verified: set[str], reached: list[str]) -> None:
    boto3.client("ses").verify_email_identity(EmailAddress="nightshift@example.com")
    refused = [a for a in to if a.rpartition("<")[2].rstrip(">") not in verified]
    named = ", ".join(a.rpartition("<")[2].rstrip(">") for a in refused)
    text = f"Email address is not verified. The following identities failed the check in region US-EAST-1: {named}"
    refuse_json(aws, "MessageRejected", text, lambda sent: any(a in sent for a in refused))
    result = drive(notify.email, aws, {"to": to, "subject": "x", "on_failure": "continue"}).result
    assert result["changed"] == reached
    assert [f["id"] for f in result["failed"]] == [a for a in to if a not in reached]


def _email(aws: FaultyAws) -> dict[str, Any]:
    client("ses").verify_email_identity(EmailAddress="nightshift@example.com")
    return {"to": "ops@example.com;boss@example.com", "subject": "good morning", "body": "All is well."}


SCENARIOS = [Scenario("to two", "notify.email", _email)]
