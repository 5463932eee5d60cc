"""s3.get_object: text into the result, and objects to files of an instance by the scripts and curl themselves."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts.s3 import get_object
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import Fault, client, drive
from tests.parts.managed import ManagedFleet
from tests.parts.s3.objects import BUCKET, HOST, die, fill, once
from tests.parts.s3.scenarios import bucket, host


def get(key: str, path: str, **more: Any) -> dict[str, Any]:
    return {"bucket": BUCKET, "key": key, "instance_id": HOST, "path": path, **more}


def test_small_text_is_read_into_the_result(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "a")
    result = drive(get_object, aws, {"bucket": BUCKET, "key": "a"}).result
    assert (result["content"], result["matched"], result["changed"]) == ("this is a", [f"s3://{BUCKET}/a"], [])
    assert aws.count() == {"GetObject": 1}


def test_text_that_is_missing_fails_or_is_told(aws: ManagedFleet, s3: Any) -> None:
    with pytest.raises(PartFailed, match=f"s3://{BUCKET}/none  NoSuchKey"):
        drive(get_object, aws, {"bucket": BUCKET, "key": "none"})
    result = drive(get_object, aws, {"bucket": BUCKET, "key": "none", "on_failure": "continue"}).result
    assert (result["content"], result["failed"][0]["error"]) == ("", "NoSuchKey")


@pytest.mark.parametrize("body", [b"x" * (32 * 1024 + 1), b"\xff\xfe"])
def test_what_is_no_small_text_is_refused(aws: ManagedFleet, s3: Any, body: bytes) -> None:
    s3.put_object(Bucket=BUCKET, Key="a", Body=body)
    with pytest.raises(InvalidParameter):
        drive(get_object, aws, {"bucket": BUCKET, "key": "a"})


@pytest.mark.parametrize("params", [{"key": "a*"}, {"key": "a", "instance_id": "i-1"}, {"key": "a", "path": "/x"}])
def test_what_cannot_be_got_is_refused(aws: ManagedFleet, params: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        drive(get_object, aws, {"bucket": BUCKET, **params})
    assert not aws.calls


def test_an_object_becomes_a_file(aws: ManagedFleet, s3: Any, data: Path) -> None:
    fill(s3, "conf/app.ini")
    result = drive(get_object, aws, get("conf/app.ini", "/data/new/app.ini")).result
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
    result = drive(get_object, aws, get("conf/*.ini", "/data", on_failure="continue")).result
    files = {str(p.relative_to(data)): p.read_text() for p in data.rglob("*") if p.is_file()}
    assert files == {"a.ini": "this is conf/a.ini", "x/it's b.ini": "this is conf/x/it's b.ini", "empty.ini": ""}
    assert [f["error"] for f in result["failed"]] == ["InvalidKey"]


def test_a_file_that_is_replaced_keeps_its_mode(aws: ManagedFleet, s3: Any, data: Path) -> None:
    fill(s3, "a")
    (data / "a").write_text("old")
    (data / "a").chmod(0o751)
    drive(get_object, aws, get("a", "/data/"))
    assert (data / "a").read_text() == "this is a"
    assert stat.S_IMODE((data / "a").stat().st_mode) == 0o751


def test_what_does_not_arrive_whole_replaces_nothing(aws: ManagedFleet, s3: Any, data: Path) -> None:
    fill(s3, "a", "b")
    (data / "a").write_text("old")

    def shrink(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "ListObjectsV2":
            s3.put_object(Bucket=BUCKET, Key="a", Body=b"short")

    aws.hooks.append(shrink)
    result = drive(get_object, aws, get("*", "/data", on_failure="continue")).result
    assert result["changed"] == [f"s3://{BUCKET}/b"]
    assert result["failed"][0]["error"] == "DownloadFailed"
    assert "has not 9 bytes" in result["failed"][0]["message"]
    assert (data / "a").read_text() == "old"
    assert sorted(p.name for p in data.iterdir()) == ["a", "b"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_files_are_fetched_once_though_a_worker_is_killed(aws: ManagedFleet, s3: Any, data: Path, moment: str) -> None:
    fill(s3, *(f"{n:02}" for n in range(25)))
    aws.faults["SendCommand"] = Fault(once(die)) if moment == "before" else Fault(after=once(die))
    outcome = drive(get_object, aws, get("*", "/data"))
    assert outcome.deaths == 1
    assert len(list(data.iterdir())) == len(outcome.result["changed"]) == 25
    assert len(aws.commands) == 2


def test_an_object_that_is_missing_is_told(aws: ManagedFleet, s3: Any, data: Path) -> None:
    with pytest.raises(PartFailed, match="NoSuchKey"):
        drive(get_object, aws, get("none", "/data/none"))
    assert aws.commands == []


def test_a_dry_run_fetches_nothing(aws: ManagedFleet, s3: Any, data: Path) -> None:
    fill(s3, "a", "b")
    dry = drive(get_object, aws, get("*", "/data", dry_run=True)).result
    assert (aws.commands, list(data.iterdir())) == ([], [])
    real = drive(get_object, aws, get("*", "/data")).result
    for name in ("matched", "changed", "objects", "bytes"):
        assert dry[name] == real[name], name


def test_a_bucket_in_another_region_gets_urls_for_that(aws: ManagedFleet, s3: Any, data: Path) -> None:
    there = client("s3", "eu-west-1")
    there.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    there.put_object(Bucket="far", Key="a", Body=b"far away")
    drive(get_object, aws, get("a", "/data/a", bucket="far"))
    assert "far.s3.eu-west-1.amazonaws.com" in "\n".join(aws.commands[-1].parameters["commands"])
    assert (data / "a").read_text() == "far away"


def text(aws: FaultyAws) -> dict[str, Any]:
    return {"bucket": bucket("night", "a.txt"), "key": "a.txt"}


def files(aws: FaultyAws) -> dict[str, Any]:
    night = bucket("night", "logs/a.txt", "logs/b.txt")
    return {"bucket": night, "key": "logs/*", "instance_id": host(aws), "path": "/data/"}


def files_too_long(aws: FaultyAws) -> dict[str, Any]:
    params = files(aws)
    aws.takes = {params["instance_id"]: 10_000.0}
    return {**params, "timeout": "1m"}


SCENARIOS = [
    Scenario("text", "s3.get_object", text),
    Scenario("files of an instance", "s3.get_object", files),
    Scenario("files too long", "s3.get_object", files_too_long, swept=False, fails="PartTimeout"),
]
