"""s3.put_object and s3.get_object with files of an instance, sent and fetched by the scripts and curl themselves."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.contract.errors import InvalidParameter, PartFailed, PartTimeout
from lambdas.parts import s3 as parts
from lambdas.parts.s3 import _multipart, _put_file
from tests.parts.driver import Fault, Killed, drive, times
from tests.parts.managed import ManagedFleet

BUCKET = "night-data"
HOST = "i-0123456789abcdef0"
MIB = 1024 * 1024


@pytest.fixture
def aws(s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ManagedFleet]:
    monkeypatch.setenv("NIGHTSHIFT_RESULTS_BUCKET", "results")
    with mock_aws():
        fleet = ManagedFleet(tmp_path, s3_server)
        fleet.manage(HOST)
        yield fleet


@pytest.fixture
def s3(aws: ManagedFleet) -> Any:
    """A client of its own; there is one bucket, which keeps versions, besides that of the results."""
    client = boto3.client("s3")
    client.create_bucket(Bucket="results")
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client


@pytest.fixture
def data(aws: ManagedFleet) -> Path:
    """The folder /data of the instance."""
    folder = aws.disk(HOST) / "data"
    folder.mkdir()
    return folder


def put(path: str | list[str], key: str = "in/", **more: Any) -> dict[str, Any]:
    return {"bucket": BUCKET, "key": key, "instance_id": HOST, "path": path, **more}


def get(key: str, path: str, **more: Any) -> dict[str, Any]:
    return {"bucket": BUCKET, "key": key, "instance_id": HOST, "path": path, **more}


def stored(s3: Any) -> dict[str, bytes]:
    listed = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {o["Key"]: s3.get_object(Bucket=BUCKET, Key=o["Key"])["Body"].read() for o in listed}


def count_versions(s3: Any) -> int:
    return len(s3.list_object_versions(Bucket=BUCKET).get("Versions", []))


def once(action: Any) -> Any:
    left = [1]

    def do(*_: Any) -> None:
        if left:
            left.pop()
            action()

    return do


def die() -> None:
    raise Killed


# Sending


def test_one_file(aws: ManagedFleet, s3: Any, data: Path) -> None:
    (data / "app.log").write_text("all is well\n")
    result = drive(parts.put_object, aws, put("/data/app.log", "logs/night.log", content_type="text/plain")).result
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
    drive(parts.put_object, aws, put("/data/app.log"))
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
    result = drive(parts.put_object, aws, put("/data/*.log", "in")).result
    assert stored(s3) == {f"in/{name}": name.encode() for name in names}
    assert len(result["changed"]) == len(names)


def test_a_path_is_not_run(aws: ManagedFleet, s3: Any, data: Path) -> None:
    params = put("/data/$(touch /data/run)`touch /data/run`;touch /data/run*", on_failure="continue")
    result = drive(parts.put_object, aws, params).result
    assert list(data.iterdir()) == []
    assert "nothing matched" in result["warnings"][0]


def test_many_files_go_in_several_scripts_and_their_list_by_the_bucket(aws: ManagedFleet, s3: Any, data: Path) -> None:
    for number in range(45):
        (data / f"{number:02}-{'x' * 60}").write_text(str(number))
    result = drive(parts.put_object, aws, put("/data/*")).result
    assert len(result["changed"]) == len(stored(s3)) == 45
    # The list, and twenty files in each script.
    assert aws.count()["SendCommand"] == 4
    assert aws.count()["GetObject"] == 1


def test_an_empty_file(aws: ManagedFleet, s3: Any, data: Path) -> None:
    (data / "empty").touch()
    drive(parts.put_object, aws, put("/data/empty"))
    assert stored(s3) == {"in/empty": b""}


def test_files_that_are_missing_or_of_the_same_name_are_told(aws: ManagedFleet, s3: Any, data: Path) -> None:
    for folder in ("a", "b"):
        (data / folder).mkdir()
        (data / folder / "same").write_text(folder)
    params = put(["/data/a/same", "/data/b/same", "/data/none"], on_failure="continue")
    result = drive(parts.put_object, aws, params).result
    assert stored(s3) == {"in/same": b"a"}
    assert [(Path(f["id"]).name, f["error"]) for f in result["failed"]] == [
        ("same", "DuplicateKey"),
        ("none", "NoSuchFile"),
    ]


@pytest.fixture
def small_parts(aws: ManagedFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files over 5 MiB, the least S3 takes, go in parts."""
    monkeypatch.setattr(_multipart, "PART", 5 * MIB)
    monkeypatch.setattr(_put_file, "PART", 5 * MIB)

    def begun_now(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "ListMultipartUploads":
            # moto tells the same day in 2010 of all.
            for upload in answer.get("Uploads", []):
                upload["Initiated"] = datetime.fromtimestamp(aws.clock, UTC)

    aws.hooks.append(begun_now)


LARGE = os.urandom(12 * MIB + 7)


@pytest.mark.usefixtures("small_parts")
def test_a_large_file_goes_in_parts(aws: ManagedFleet, s3: Any, data: Path) -> None:
    (data / "large.tar").write_bytes(LARGE)
    (data / "small.tar").write_bytes(b"s")
    result = drive(parts.put_object, aws, put("/data/*.tar")).result
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
    outcome = drive(parts.put_object, aws, put("/data/*"))
    assert outcome.deaths == 1
    assert stored(s3) == {"in/large": LARGE, "in/small": b"s"}
    assert count_versions(s3) == 2
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
    result = drive(parts.put_object, aws, put("/data/*")).result
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
    result = drive(parts.put_object, aws, put("/data/large")).result
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
        drive(parts.put_object, aws, put("/data/*"))
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)
    assert aws.count()["SendCommand"] == 4


def test_a_file_that_changes_meanwhile_is_warned_of(aws: ManagedFleet, s3: Any, data: Path) -> None:
    (data / "app.log").write_text("12345")

    def grow(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "ListCommandInvocations":
            (data / "app.log").write_text("1234567890")

    aws.hooks.append(grow)
    result = drive(parts.put_object, aws, put("/data/app.log")).result
    assert stored(s3) == {"in/app.log": b"1234567890"}
    assert "changed while it was sent: 5 bytes before, 10 in S3" in result["warnings"][0]
    assert result["bytes"] == 10


def test_a_dry_run_sends_nothing_and_lists_the_files(aws: ManagedFleet, s3: Any, data: Path) -> None:
    for name in ("a", "b"):
        (data / name).write_text(name)
    dry = drive(parts.put_object, aws, put(["/data/*", "/data/none"], dry_run=True, on_failure="continue")).result
    assert stored(s3) == {}
    assert aws.count()["SendCommand"] == 1
    real = drive(parts.put_object, aws, put(["/data/*", "/data/none"], on_failure="continue")).result
    for name in ("matched", "changed", "failed", "bytes"):
        assert dry[name] == real[name], name


def test_an_instance_out_of_reach_is_told(aws: ManagedFleet, s3: Any) -> None:
    aws.managed[HOST]["PingStatus"] = "ConnectionLost"
    with pytest.raises(PartFailed, match=f"{HOST}  ConnectionLost"):
        drive(parts.put_object, aws, put("/data/a"))
    aws.managed.clear()
    for part, params in ((parts.put_object, put("/data/a")), (parts.get_object, get("a", "/data/a"))):
        with pytest.raises(PartFailed, match=f"{HOST}  NotManaged"):
            drive(part, aws, params)
    assert aws.commands == []


@pytest.mark.parametrize("path", ["data/a", "~/a", "C:\\data", "/data/a\n/data/b"])
def test_a_path_that_is_not_absolute_is_refused(aws: ManagedFleet, s3: Any, path: str) -> None:
    for part, params in ((parts.put_object, put(path)), (parts.get_object, get("a", path))):
        with pytest.raises(InvalidParameter, match="is not absolute on Linux"):
            drive(part, aws, params)
    assert aws.commands == []


def test_a_timeout_cancels_the_script(aws: ManagedFleet, s3: Any, data: Path) -> None:
    (data / "a").write_text("a")
    aws.takes[HOST] = 10_000
    with pytest.raises(PartTimeout, match="Timeout"):
        drive(parts.put_object, aws, put("/data/a", timeout="5m"))
    assert aws.cancelled == [(aws.commands[0].id, [HOST])]


def test_windows_gets_powershell(aws: ManagedFleet, s3: Any) -> None:
    aws.managed[HOST]["PlatformType"] = "Windows"
    aws.runs = False
    listed = "0 5 C:\\logs\\it's [1].log\r\nnightshift: exit 0, 25 bytes, uploaded\r\n"

    def answer(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "ListCommandInvocations":
            answer["CommandInvocations"][0]["CommandPlugins"][0]["Output"] = listed

    aws.hooks.append(answer)
    result = drive(parts.put_object, aws, put("C:\\logs\\it's [1]*.log", on_failure="continue")).result
    first, second = ("\n".join(c.parameters["commands"]) for c in aws.commands[:2])
    assert aws.commands[0].document == "AWS-RunPowerShellScript"
    assert "\nlist 0 'C:\\logs\\it''s `[1`]*.log'\n" in first
    assert "\nPut 0 'C:\\logs\\it''s [1].log' 0 0 'url = \"https://night-data.s3." in second
    # No instance has sent anything here.
    assert [f["error"] for f in result["failed"]] == ["UploadFailed"]


# Fetching


def fill(s3: Any, *keys: str) -> None:
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=key, Body=f"this is {key}".encode())


def test_an_object_becomes_a_file(aws: ManagedFleet, s3: Any, data: Path) -> None:
    fill(s3, "conf/app.ini")
    result = drive(parts.get_object, aws, get("conf/app.ini", "/data/new/app.ini")).result
    assert (data / "new/app.ini").read_text() == "this is conf/app.ini"
    assert result["changed"] == result["matched"] == [f"s3://{BUCKET}/conf/app.ini"]
    assert result["objects"][0]["path"] == "/data/new/app.ini"
    assert aws.count() == {
        "DescribeInstanceInformation": 1,
        "ListObjectsV2": 1,
        "HeadBucket": 1,
        "ListCommands": 1,
        "SendCommand": 1,
        "ListCommandInvocations": 1,
    }


def test_objects_keep_their_folders(aws: ManagedFleet, s3: Any, data: Path) -> None:
    fill(s3, "conf/a.ini", "conf/x/it's b.ini", "conf/c.txt", "conf/x/", "conf/../../../evil.ini")
    s3.put_object(Bucket=BUCKET, Key="conf/empty.ini", Body=b"")
    result = drive(parts.get_object, aws, get("conf/*.ini", "/data", on_failure="continue")).result
    files = {str(p.relative_to(data)): p.read_text() for p in data.rglob("*") if p.is_file()}
    assert files == {"a.ini": "this is conf/a.ini", "x/it's b.ini": "this is conf/x/it's b.ini", "empty.ini": ""}
    assert [f["error"] for f in result["failed"]] == ["InvalidKey"]


def test_a_file_that_is_replaced_keeps_its_mode(aws: ManagedFleet, s3: Any, data: Path) -> None:
    fill(s3, "a")
    (data / "a").write_text("old")
    (data / "a").chmod(0o751)
    drive(parts.get_object, aws, get("a", "/data/"))
    assert (data / "a").read_text() == "this is a"
    assert stat.S_IMODE((data / "a").stat().st_mode) == 0o751


def test_what_does_not_arrive_whole_replaces_nothing(aws: ManagedFleet, s3: Any, data: Path) -> None:
    fill(s3, "a", "b")
    (data / "a").write_text("old")

    def shrink(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "ListObjectsV2":
            s3.put_object(Bucket=BUCKET, Key="a", Body=b"short")

    aws.hooks.append(shrink)
    result = drive(parts.get_object, aws, get("*", "/data", on_failure="continue")).result
    assert result["changed"] == [f"s3://{BUCKET}/b"]
    assert result["failed"][0]["error"] == "DownloadFailed"
    assert "has not 9 bytes" in result["failed"][0]["message"]
    assert (data / "a").read_text() == "old"
    assert sorted(p.name for p in data.iterdir()) == ["a", "b"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_files_are_fetched_once_though_a_worker_is_killed(aws: ManagedFleet, s3: Any, data: Path, moment: str) -> None:
    fill(s3, *(f"{n:02}" for n in range(25)))
    aws.faults["SendCommand"] = Fault(once(die)) if moment == "before" else Fault(after=once(die))
    outcome = drive(parts.get_object, aws, get("*", "/data"))
    assert outcome.deaths == 1
    assert len(list(data.iterdir())) == len(outcome.result["changed"]) == 25
    assert len(aws.commands) == 2


def test_an_object_that_is_missing_is_told(aws: ManagedFleet, s3: Any, data: Path) -> None:
    with pytest.raises(PartFailed, match="NoSuchKey"):
        drive(parts.get_object, aws, get("none", "/data/none"))
    assert aws.commands == []


def test_a_dry_run_fetches_nothing(aws: ManagedFleet, s3: Any, data: Path) -> None:
    fill(s3, "a", "b")
    dry = drive(parts.get_object, aws, get("*", "/data", dry_run=True)).result
    assert (aws.commands, list(data.iterdir())) == ([], [])
    real = drive(parts.get_object, aws, get("*", "/data")).result
    for name in ("matched", "changed", "objects", "bytes"):
        assert dry[name] == real[name], name


def test_a_bucket_in_another_region_gets_urls_for_that(aws: ManagedFleet, s3: Any, data: Path) -> None:
    there = boto3.client("s3", region_name="eu-west-1")
    there.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    there.put_object(Bucket="far", Key="a", Body=b"far away")
    drive(parts.get_object, aws, get("a", "/data/a", bucket="far"))
    assert "far.s3.eu-west-1.amazonaws.com" in "\n".join(aws.commands[-1].parameters["commands"])
    assert (data / "a").read_text() == "far away"
