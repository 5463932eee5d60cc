"""s3.put_object with files of an instance, sent by the scripts and curl themselves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed, PartTimeout
from lambdas.parts.s3 import get_object, put_object
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import Fault, drive, times
from tests.parts.managed import ManagedFleet
from tests.parts.s3.large import LARGE
from tests.parts.s3.objects import BUCKET, HOST, die, new_buckets, once, stored, versions
from tests.parts.s3.scenarios import bucket, host


@pytest.fixture
def s3(aws: ManagedFleet) -> Any:
    """The bucket keeps versions."""
    return new_buckets(versions=True)


def put(path: str | list[str], key: str = "in/", **more: Any) -> dict[str, Any]:
    return {"bucket": BUCKET, "key": key, "instance_id": HOST, "path": path, **more}


def get(key: str, path: str, **more: Any) -> dict[str, Any]:
    return {"bucket": BUCKET, "key": key, "instance_id": HOST, "path": path, **more}


def test_one_file(aws: ManagedFleet, s3: Any, data: Path) -> None:
    (data / "app.log").write_text("all is well\n")
    result = drive(put_object, aws, put("/data/app.log", "logs/night.log", content_type="text/plain")).result
    assert stored(s3) == {"logs/night.log": b"all is well\n"}
    found = s3.head_object(Bucket=BUCKET, Key="logs/night.log")
    assert found["ContentType"] == "text/plain"
    assert found["Metadata"]["nightshift-call"] == "step_1/1"
    assert result["changed"] == result["matched"] == [f"s3://{BUCKET}/logs/night.log"]
    assert result["objects"][0]["path"].endswith("/data/app.log")
    assert result["objects"][0]["version_id"] == found["VersionId"]
    assert result["bytes"] == 12
    assert aws.count() == {
        "DescribeInstanceInformation": 1,
        "ListCommands": 2,
        "SendCommand": 2,
        "ListCommandInvocations": 2,
        "HeadBucket": 1,
        "HeadObject": 1,
    }


def test_the_instance_gets_no_keys_and_the_list_of_processes_no_url(aws: ManagedFleet, s3: Any, data: Path) -> None:
    (data / "app.log").write_text("x")
    drive(put_object, aws, put("/data/app.log"))
    script = "\n".join(aws.commands[-1].parameters["commands"])
    assert "X-Amz-Signature=" in script
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in script
    assert os.environ["AWS_SECRET_ACCESS_KEY"] not in script
    assert not [line for line in script.splitlines() if "curl" in line and "http" in line]


def test_wildcards_and_odd_names(aws: ManagedFleet, s3: Any, data: Path) -> None:
    names = ["a.log", "b c.log", "it's.log", "x;y&$(z).log", "[1].log", "夜.log"]
    for name in [*names, "other.txt"]:
        (data / name).write_text(name)
    (data / "folder.log").mkdir()
    result = drive(put_object, aws, put("/data/*.log", "in")).result
    assert stored(s3) == {f"in/{name}": name.encode() for name in names}
    assert len(result["changed"]) == len(names)


def test_a_path_is_not_run(aws: ManagedFleet, s3: Any, data: Path) -> None:
    params = put("/data/$(touch /data/run)`touch /data/run`;touch /data/run*", on_failure="continue")
    result = drive(put_object, aws, params).result
    assert list(data.iterdir()) == []
    assert "nothing matched" in result["warnings"][0]


def test_many_files_go_in_several_scripts_and_their_list_by_the_bucket(aws: ManagedFleet, s3: Any, data: Path) -> None:
    for number in range(45):
        (data / f"{number:02}-{'x' * 60}").write_text(str(number))
    result = drive(put_object, aws, put("/data/*")).result
    assert len(result["changed"]) == len(stored(s3)) == 45
    # The list, and twenty files in each script.
    assert aws.count()["SendCommand"] == 4
    assert aws.count()["GetObject"] == 1


def test_an_empty_file(aws: ManagedFleet, s3: Any, data: Path) -> None:
    (data / "empty").touch()
    drive(put_object, aws, put("/data/empty"))
    assert stored(s3) == {"in/empty": b""}


def test_files_that_are_missing_or_of_the_same_name_are_told(aws: ManagedFleet, s3: Any, data: Path) -> None:
    for folder in ("a", "b"):
        (data / folder).mkdir()
        (data / folder / "same").write_text(folder)
    params = put(["/data/a/same", "/data/b/same", "/data/none"], on_failure="continue")
    result = drive(put_object, aws, params).result
    assert stored(s3) == {"in/same": b"a"}
    assert [(Path(f["id"]).name, f["error"]) for f in result["failed"]] == [
        ("same", "DuplicateKey"),
        ("none", "NoSuchFile"),
    ]


@pytest.mark.usefixtures("small_parts")
def test_a_large_file_goes_in_parts(aws: ManagedFleet, s3: Any, data: Path) -> None:
    (data / "large.tar").write_bytes(LARGE)
    (data / "small.tar").write_bytes(b"s")
    result = drive(put_object, aws, put("/data/*.tar")).result
    assert stored(s3) == {"in/large.tar": LARGE, "in/small.tar": b"s"}
    assert s3.head_object(Bucket=BUCKET, Key="in/large.tar")["ContentType"] == "application/x-tar"
    assert result["bytes"] == len(LARGE) + 1
    assert list(aws.disk(HOST).glob("tmp.*")) == []


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("operation", ["SendCommand", "CreateMultipartUpload", "CompleteMultipartUpload", "HeadObject"])
def test_files_are_sent_once_though_a_worker_is_killed(
    aws: ManagedFleet, s3: Any, data: Path, operation: str, moment: str
) -> None:
    (data / "large").write_bytes(LARGE)
    (data / "small").write_bytes(b"s")
    aws.faults[operation] = Fault(once(die)) if moment == "before" else Fault(after=once(die))
    outcome = drive(put_object, aws, put("/data/*"))
    assert outcome.deaths == 1
    assert stored(s3) == {"in/large": LARGE, "in/small": b"s"}
    assert len(versions(s3)) == 2
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)
    assert len(aws.commands) == 2


@pytest.mark.usefixtures("small_parts")
def test_throttling_between_the_files_is_waited_for(aws: ManagedFleet, s3: Any, data: Path) -> None:
    (data / "large").write_bytes(LARGE)
    (data / "small").write_bytes(b"s")
    slow = (503, "SlowDown", "Please reduce your request rate.")
    for operation in ("CreateMultipartUpload", "CompleteMultipartUpload", "HeadObject", "HeadBucket"):
        aws.faults[operation] = times(6, slow)
    aws.faults["SendCommand"] = times(2, (400, "ThrottlingException", "Rate exceeded"))
    result = drive(put_object, aws, put("/data/*")).result
    assert stored(s3) == {"in/large": LARGE, "in/small": b"s"}
    assert len(result["changed"]) == 2
    assert len(aws.commands) == 2


@pytest.mark.usefixtures("small_parts")
def test_what_did_not_arrive_is_sent_again_and_nothing_else(aws: ManagedFleet, s3: Any, data: Path) -> None:
    (data / "large").write_bytes(LARGE)
    shell = aws.shell

    def broken(instance: str, script: str) -> Any:
        """The way to S3 breaks for the second part, the first time."""
        if aws.count()["SendCommand"] == 2:
            script = script.replace("&partNumber=2", "&partNumber=0")
        return shell(instance, script)

    aws.shell = broken  # type: ignore[method-assign]
    result = drive(put_object, aws, put("/data/large")).result
    assert result["changed"] == [f"s3://{BUCKET}/in/large"]
    assert stored(s3) == {"in/large": LARGE}
    again = "\n".join(aws.commands[-1].parameters["commands"])
    assert ("partNumber=2" in again, "partNumber=1" in again, "partNumber=3" in again) == (True, False, False)


@pytest.mark.usefixtures("small_parts")
def test_what_cannot_be_sent_fails_after_three_tries_and_leaves_nothing(aws: ManagedFleet, s3: Any, data: Path) -> None:
    (data / "large").write_bytes(LARGE)
    (data / "small").write_bytes(b"s")
    aws.curl = False
    with pytest.raises(PartFailed, match=r"(?s)2 of 2.*large  UploadFailed: failed: .*curl.* not found"):
        drive(put_object, aws, put("/data/*"))
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)
    assert aws.count()["SendCommand"] == 4


def test_a_file_that_changes_meanwhile_is_warned_of(aws: ManagedFleet, s3: Any, data: Path) -> None:
    (data / "app.log").write_text("12345")

    def grow(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "ListCommandInvocations":
            (data / "app.log").write_text("1234567890")

    aws.hooks.append(grow)
    result = drive(put_object, aws, put("/data/app.log")).result
    assert stored(s3) == {"in/app.log": b"1234567890"}
    assert "changed while it was sent: 5 bytes before, 10 in S3" in result["warnings"][0]
    assert result["bytes"] == 10


def test_a_dry_run_sends_nothing_and_lists_the_files(aws: ManagedFleet, s3: Any, data: Path) -> None:
    for name in ("a", "b"):
        (data / name).write_text(name)
    dry = drive(put_object, aws, put(["/data/*", "/data/none"], dry_run=True, on_failure="continue")).result
    assert stored(s3) == {}
    assert aws.count()["SendCommand"] == 1
    real = drive(put_object, aws, put(["/data/*", "/data/none"], on_failure="continue")).result
    for name in ("matched", "changed", "failed", "bytes"):
        assert dry[name] == real[name], name


def test_an_instance_out_of_reach_is_told(aws: ManagedFleet, s3: Any) -> None:
    aws.managed[HOST]["PingStatus"] = "ConnectionLost"
    with pytest.raises(PartFailed, match=f"{HOST}  ConnectionLost"):
        drive(put_object, aws, put("/data/a"))
    aws.managed.clear()
    for part, params in ((put_object, put("/data/a")), (get_object, get("a", "/data/a"))):
        with pytest.raises(PartFailed, match=f"{HOST}  NotManaged"):
            drive(part, aws, params)
    assert aws.commands == []


@pytest.mark.parametrize("path", ["data/a", "~/a", "C:\\data", "/data/a\n/data/b"])
def test_a_path_that_is_not_absolute_is_refused(aws: ManagedFleet, s3: Any, path: str) -> None:
    for part, params in ((put_object, put(path)), (get_object, get("a", path))):
        with pytest.raises(InvalidParameter, match="is not absolute on Linux"):
            drive(part, aws, params)
    assert aws.commands == []


def test_a_timeout_cancels_the_script(aws: ManagedFleet, s3: Any, data: Path) -> None:
    (data / "a").write_text("a")
    aws.takes[HOST] = 10_000
    with pytest.raises(PartTimeout, match="Timeout"):
        drive(put_object, aws, put("/data/a", timeout="5m"))
    assert aws.cancelled == [(aws.commands[0].id, [HOST])]


def test_windows_gets_powershell(aws: ManagedFleet, s3: Any) -> None:
    aws.managed[HOST]["PlatformType"] = "Windows"
    aws.runs = False
    listed = "0 5 C:\\logs\\it's [1].log\r\nnightshift: exit 0, 25 bytes, uploaded\r\n"

    def answer(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "ListCommandInvocations":
            answer["CommandInvocations"][0]["CommandPlugins"][0]["Output"] = listed

    aws.hooks.append(answer)
    result = drive(put_object, aws, put("C:\\logs\\it's [1]*.log", on_failure="continue")).result
    first, second = ("\n".join(c.parameters["commands"]) for c in aws.commands[:2])
    assert aws.commands[0].document == "AWS-RunPowerShellScript"
    assert "\nlist 0 'C:\\logs\\it''s `[1`]*.log'\n" in first
    assert "\nPut 0 'C:\\logs\\it''s [1].log' 0 0 'url = \"https://night-data.s3." in second
    # No instance has sent anything here.
    assert [f["error"] for f in result["failed"]] == ["UploadFailed"]


def files(aws: FaultyAws) -> dict[str, Any]:
    instance = host(aws)
    folder = aws.disk(instance) / "data"
    folder.mkdir()
    for name in ("a.log", "b.log"):
        (folder / name).write_text(f"this is {name}")
    night = bucket("night", versions=True)
    return {"bucket": night, "key": "logs/", "instance_id": instance, "path": "/data/*.log"}


def files_too_long(aws: FaultyAws) -> dict[str, Any]:
    params = files(aws)
    aws.takes = {params["instance_id"]: 10_000.0}
    return {**params, "timeout": "1m"}


SCENARIOS = [
    Scenario("files of an instance", "s3.put_object", files, lists=True),
    Scenario("files too long", "s3.put_object", files_too_long, swept=False, fails="PartTimeout", lists=True),
]
