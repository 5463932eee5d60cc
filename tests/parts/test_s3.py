"""s3.put_object of text and copies, s3.get_object of text, s3.delete_object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.contract.errors import AccessDenied, InvalidParameter, NoMatch, PartFailed
from lambdas.parts import s3 as parts
from lambdas.parts.s3 import _multipart
from tests.parts.driver import RUN, STATE_LIMIT, Fault, Killed, drive, times
from tests.parts.managed import ManagedFleet

BUCKET = "night-data"
MIB = 1024 * 1024


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[ManagedFleet]:
    with mock_aws():
        yield ManagedFleet(tmp_path, "unused")


@pytest.fixture
def s3(aws: ManagedFleet) -> Any:
    """A client of its own; there is one bucket."""
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture
def versioned(s3: Any) -> Any:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return s3


def fill(s3: Any, *keys: str) -> None:
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=key, Body=f"this is {key}".encode())


def keys(s3: Any, bucket: str = BUCKET) -> list[str]:
    return [o["Key"] for o in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def versions(s3: Any) -> list[tuple[str, str]]:
    """(key, kind) of everything in the bucket, delete markers too."""
    found = s3.list_object_versions(Bucket=BUCKET)
    markers = [(v["Key"], "marker") for v in found.get("DeleteMarkers", [])]
    return sorted([(v["Key"], "version") for v in found.get("Versions", [])] + markers)


def read(s3: Any, key: str) -> Any:
    return s3.get_object(Bucket=BUCKET, Key=key)


def once(action: Any) -> Any:
    """`action` the first time, then nothing."""
    left = [1]

    def do(*_: Any) -> None:
        if left:
            left.pop()
            action()

    return do


def die() -> None:
    raise Killed


# Text


def test_text_becomes_an_object(aws: ManagedFleet, s3: Any) -> None:
    result = drive(parts.put_object, aws, {"bucket": BUCKET, "key": "a/report.txt", "body": "gut 夜"}).result
    found = read(s3, "a/report.txt")
    assert found["Body"].read().decode() == "gut 夜"
    assert found["ContentType"] == "text/plain; charset=utf-8"
    assert result["changed"] == result["matched"] == [f"s3://{BUCKET}/a/report.txt"]
    assert result["bytes"] == result["objects"][0]["size"] == 7
    assert result["summary"] == "1 object written"
    assert aws.count() == {"HeadObject": 1, "PutObject": 1}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_text_is_written_once(aws: ManagedFleet, versioned: Any, moment: str) -> None:
    aws.faults["PutObject"] = Fault(once(die)) if moment == "before" else Fault(after=once(die))
    params = {"bucket": BUCKET, "key": "a", "body": "x"}
    outcome = drive(parts.put_object, aws, params)
    assert outcome.deaths == 1
    assert versions(versioned) == [("a", "version")]
    assert outcome.result["objects"][0]["version_id"] == read(versioned, "a")["VersionId"]
    drive(parts.put_object, aws, params, run=replace(RUN, call=2))
    assert len(versions(versioned)) == 2


def test_a_dry_run_writes_no_text(aws: ManagedFleet, s3: Any) -> None:
    params = {"bucket": BUCKET, "key": "a", "body": "x"}
    dry = drive(parts.put_object, aws, {**params, "dry_run": True}).result
    assert keys(s3) == []
    real = drive(parts.put_object, aws, params).result
    assert (dry["changed"], dry["bytes"], dry.keys()) == (real["changed"], real["bytes"], real.keys())
    assert dry["summary"] == "would write 1 object"


def test_small_text_is_read_into_the_result(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "a")
    result = drive(parts.get_object, aws, {"bucket": BUCKET, "key": "a"}).result
    assert (result["content"], result["matched"], result["changed"]) == ("this is a", [f"s3://{BUCKET}/a"], [])
    assert aws.count() == {"GetObject": 1}


def test_text_that_is_missing_fails_or_is_told(aws: ManagedFleet, s3: Any) -> None:
    with pytest.raises(PartFailed, match=f"s3://{BUCKET}/none  NoSuchKey"):
        drive(parts.get_object, aws, {"bucket": BUCKET, "key": "none"})
    result = drive(parts.get_object, aws, {"bucket": BUCKET, "key": "none", "on_failure": "continue"}).result
    assert (result["content"], result["failed"][0]["error"]) == ("", "NoSuchKey")


@pytest.mark.parametrize("body", [b"x" * (32 * 1024 + 1), b"\xff\xfe"])
def test_what_is_no_small_text_is_refused(aws: ManagedFleet, s3: Any, body: bytes) -> None:
    s3.put_object(Bucket=BUCKET, Key="a", Body=body)
    with pytest.raises(InvalidParameter):
        drive(parts.get_object, aws, {"bucket": BUCKET, "key": "a"})


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"body": "x", "source": "s3://a/b"},
        {"instance_id": "i-1"},
        {"path": "/a"},
        {"source": "a/b"},
        {"body": "x", "key": ""},
        {"body": "x", "key": "é" * 513},
        {"body": "x", "bucket": "no_bucket/x"},
    ],
)
def test_what_cannot_be_put_is_refused(aws: ManagedFleet, params: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        drive(parts.put_object, aws, {"bucket": BUCKET, "key": "k", **params})
    assert not aws.calls


@pytest.mark.parametrize("params", [{"key": "a*"}, {"key": "a", "instance_id": "i-1"}, {"key": "a", "path": "/x"}])
def test_what_cannot_be_got_is_refused(aws: ManagedFleet, params: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        drive(parts.get_object, aws, {"bucket": BUCKET, **params})
    assert not aws.calls


# Copies


def test_a_copy_keeps_what_the_source_has(aws: ManagedFleet, s3: Any) -> None:
    s3.create_bucket(Bucket="archive")
    s3.put_object(
        Bucket="archive",
        Key="in/a.csv",
        Body=b"1,2",
        ContentType="text/csv",
        CacheControl="no-store",
        Metadata={"owner": "ops"},
        Tagging="team=night",
    )
    result = drive(
        parts.put_object, aws, {"bucket": BUCKET, "key": "out.csv", "source": "s3://archive/in/a.csv"}
    ).result
    found = read(s3, "out.csv")
    assert found["Body"].read() == b"1,2"
    assert (found["ContentType"], found["CacheControl"], found["Metadata"]["owner"]) == ("text/csv", "no-store", "ops")
    assert s3.get_object_tagging(Bucket=BUCKET, Key="out.csv")["TagSet"] == [{"Key": "team", "Value": "night"}]
    assert result["changed"] == [f"s3://{BUCKET}/out.csv"]
    assert aws.count() == {"ListObjectsV2": 1, "HeadObject": 2, "CopyObject": 1}


def put_expiring(s3: Any, key: str, body: bytes, expires: str) -> None:
    """An object with a header Expires that need not be a date: boto takes nothing else."""

    def add(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["Expires"] = expires

    s3.meta.events.register("before-call.s3.PutObject", add)
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    s3.meta.events.unregister("before-call.s3.PutObject", add)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("expires", ["0", "never", "Thu, 01 Dec 2033 16:00:00 GMT"])
def test_what_the_source_says_of_its_expiry_is_copied_though_it_is_no_date(
    aws: ManagedFleet, s3: Any, expires: str
) -> None:
    put_expiring(s3, "in/small", b"s", expires)
    put_expiring(s3, "in/large", LARGE, expires)
    s3.put_object(Bucket=BUCKET, Key="in/without", Body=b"w")
    drive(parts.put_object, aws, {"bucket": BUCKET, "key": "out", "source": f"s3://{BUCKET}/in/*"})
    copied = {key: s3.head_object(Bucket=BUCKET, Key=f"out/{key}").get("ExpiresString") for key in ("small", "large")}
    assert copied == {"small": expires, "large": expires}
    assert "ExpiresString" not in s3.head_object(Bucket=BUCKET, Key="out/without")


def test_wildcards_copy_several_below_their_folder(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "logs/2026/a.log", "logs/2026/b.log", "logs/2026/c.txt", "logs/2027/a.log", "logs.log")
    params = {"bucket": BUCKET, "key": "kept", "source": f"s3://{BUCKET}/logs/*.log"}
    result = drive(parts.put_object, aws, params).result
    copied = ["kept/2026/a.log", "kept/2026/b.log", "kept/2027/a.log"]
    assert [k for k in keys(s3) if k.startswith("kept")] == copied
    assert result["changed"] == [f"s3://{BUCKET}/{k}" for k in copied]
    assert read(s3, "kept/2027/a.log")["Body"].read() == b"this is logs/2027/a.log"


def test_one_that_fails_does_not_stop_the_others(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "in/a", "in/b", "in/c")
    refused = (403, "AccessDenied", "no")
    aws.faults["CopyObject"] = Fault(lambda p: refused if p["Key"] == "out/b" else None)
    params = {"bucket": BUCKET, "key": "out/", "source": f"s3://{BUCKET}/in/*", "on_failure": "continue"}
    result = drive(parts.put_object, aws, params).result
    assert result["changed"] == [f"s3://{BUCKET}/out/a", f"s3://{BUCKET}/out/c"]
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(f"s3://{BUCKET}/in/b", "AccessDenied")]


def test_a_source_that_is_missing_fails(aws: ManagedFleet, s3: Any) -> None:
    with pytest.raises(PartFailed, match="NoSuchKey"):
        drive(parts.put_object, aws, {"bucket": BUCKET, "key": "b", "source": f"s3://{BUCKET}/a"})
    result = drive(parts.put_object, aws, {"bucket": BUCKET, "key": "b", "source": f"s3://{BUCKET}/a*"}).result
    assert "nothing matched" in result["warnings"][0]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_copies_are_made_once(aws: ManagedFleet, versioned: Any, moment: str) -> None:
    fill(versioned, "in/a", "in/b", "in/c")
    seen: list[str] = []

    def second(params: dict[str, Any], *_: Any) -> None:
        seen.append(params["Key"])
        if len(seen) == 2:
            raise Killed

    aws.faults["CopyObject"] = Fault(second) if moment == "before" else Fault(after=second)
    outcome = drive(parts.put_object, aws, {"bucket": BUCKET, "key": "out/", "source": f"s3://{BUCKET}/in/*"})
    assert outcome.deaths == 1
    assert [v for v in versions(versioned) if v[0].startswith("out")] == [(f"out/{n}", "version") for n in "abc"]
    assert outcome.result["changed"] == [f"s3://{BUCKET}/out/{n}" for n in "abc"]


def test_copies_go_on_where_the_time_ran_out(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, *(f"in/{n}" for n in range(4)))
    aws.left = 1
    outcome = drive(parts.put_object, aws, {"bucket": BUCKET, "key": "out/", "source": f"s3://{BUCKET}/in/*"})
    assert len(outcome.result["changed"]) == 4
    assert len(outcome.waits) == 4


def test_throttled_copies_are_waited_for(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "in/a", "in/b")
    aws.faults["CopyObject"] = times(2, (503, "SlowDown", "Please reduce your request rate."))
    outcome = drive(parts.put_object, aws, {"bucket": BUCKET, "key": "out/", "source": f"s3://{BUCKET}/in/*"})
    assert len(outcome.result["changed"]) == 2
    assert aws.count()["CopyObject"] == 4


def test_a_dry_run_copies_nothing_and_lists_the_copies(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "in/a", "in/b")
    params = {"bucket": BUCKET, "key": "out/", "source": f"s3://{BUCKET}/in/*"}
    dry = drive(parts.put_object, aws, {**params, "dry_run": True}).result
    assert keys(s3) == ["in/a", "in/b"]
    real = drive(parts.put_object, aws, params).result
    assert (dry["changed"], dry["matched"], dry["bytes"]) == (real["changed"], real["matched"], real["bytes"])


@pytest.fixture
def small_parts(aws: ManagedFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects over 5 MiB, the least S3 takes, go in parts."""
    monkeypatch.setattr(_multipart, "PART", 5 * MIB)
    monkeypatch.setattr(import_module("lambdas.parts.s3.put_object"), "PART", 5 * MIB)

    def begun_now(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "ListMultipartUploads":
            # moto tells the same day in 2010 of all.
            for upload in answer.get("Uploads", []):
                upload["Initiated"] = datetime.fromtimestamp(aws.clock, UTC)

    aws.hooks.append(begun_now)


LARGE = b"a" * 5 * MIB + b"b" * 5 * MIB + b"c" * 7


@pytest.mark.usefixtures("small_parts")
def test_a_large_object_is_copied_in_parts(aws: ManagedFleet, s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="in", Body=LARGE, ContentType="text/csv", Tagging="team=night")
    result = drive(parts.put_object, aws, {"bucket": BUCKET, "key": "out", "source": f"s3://{BUCKET}/in"}).result
    found = read(s3, "out")
    assert found["Body"].read() == LARGE
    assert found["ContentType"] == "text/csv"
    assert s3.get_object_tagging(Bucket=BUCKET, Key="out")["TagSet"] == [{"Key": "team", "Value": "night"}]
    assert result["bytes"] == len(LARGE)
    assert aws.count()["UploadPartCopy"] == 3


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("operation", ["CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_copy_in_parts_survives_a_killed_worker(
    aws: ManagedFleet, versioned: Any, operation: str, moment: str
) -> None:
    versioned.put_object(Bucket=BUCKET, Key="in", Body=LARGE)
    aws.faults[operation] = Fault(once(die)) if moment == "before" else Fault(after=once(die))
    outcome = drive(parts.put_object, aws, {"bucket": BUCKET, "key": "out", "source": f"s3://{BUCKET}/in"})
    assert outcome.deaths == 1
    assert outcome.result["changed"] == [f"s3://{BUCKET}/out"]
    assert read(versioned, "out")["Body"].read() == LARGE
    assert versions(versioned) == [("in", "version"), ("out", "version")]
    assert "Uploads" not in versioned.list_multipart_uploads(Bucket=BUCKET)
    # What was copied is not copied again, but for the part in whose copy the worker died.
    assert aws.count()["UploadPartCopy"] <= 4


@pytest.mark.usefixtures("small_parts")
def test_a_copy_in_parts_that_fails_leaves_nothing_behind(aws: ManagedFleet, s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="in", Body=LARGE)
    aws.faults["UploadPartCopy"] = times(9, (403, "AccessDenied", "no"))
    with pytest.raises(PartFailed, match="AccessDenied"):
        drive(parts.put_object, aws, {"bucket": BUCKET, "key": "out", "source": f"s3://{BUCKET}/in"})
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)


def test_parts_fit_every_size_s3_takes() -> None:
    for size in (1, _multipart.PART, _multipart.PART + 1, 5 * 1024**4, 48 * 1024**4):
        ranges = list(_multipart.part_ranges(size))
        assert len(ranges) <= _multipart.MOST_PARTS
        assert sum(length for _, _, length in ranges) == size
        assert all(first % MIB == 0 for _, first, _ in ranges)
        assert max(length for _, _, length in ranges) <= 5 * 1024**3


# Deleting


def test_one_object_is_deleted(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "a", "ab")
    result = drive(parts.delete_object, aws, {"bucket": BUCKET, "key": "a"}).result
    assert keys(s3) == ["ab"]
    assert result["changed"] == [f"s3://{BUCKET}/a"]
    assert (result["bytes"], result["recoverable"], result["summary"]) == (9, False, "1 object deleted")
    assert aws.count() == {"ListObjectsV2": 1, "GetBucketVersioning": 1, "DeleteObjects": 1}


def test_by_wildcard_and_by_prefix(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "logs/a.log", "logs/x/b.log", "logs/c.txt", "tmp*/a", "tmpx/a", "z")
    params = {"bucket": BUCKET, "key": ["logs/*.log", "z"], "prefix": "tmp*/", "limit": 10}
    result = drive(parts.delete_object, aws, params).result
    assert keys(s3) == ["logs/c.txt", "tmpx/a"]
    assert len(result["changed"]) == 4


def test_the_limit_has_to_be_stated_and_is_kept(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, *(f"logs/{n}" for n in range(5)))
    with pytest.raises(InvalidParameter, match="state limit"):
        drive(parts.delete_object, aws, {"bucket": BUCKET, "prefix": "logs/"})
    with pytest.raises(InvalidParameter, match="matches more than limit=4; nothing was deleted"):
        drive(parts.delete_object, aws, {"bucket": BUCKET, "prefix": "logs/", "limit": 4})
    assert len(keys(s3)) == 5
    drive(parts.delete_object, aws, {"bucket": BUCKET, "prefix": "logs/", "limit": 5})
    assert keys(s3) == []


def test_thousands_take_a_call_for_each_thousand(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, *(f"{n:05}" for n in range(2100)))
    outcome = drive(parts.delete_object, aws, {"bucket": BUCKET, "key": "*", "limit": 3000})
    assert len(outcome.result["changed"]) == 2100
    assert len(outcome.result["objects"]) == 100
    assert aws.count() == {"ListObjectsV2": 3, "GetBucketVersioning": 1, "DeleteObjects": 3}
    assert outcome.largest_state < STATE_LIMIT
    assert keys(s3) == []


def test_a_key_without_object_is_skipped(aws: ManagedFleet, versioned: Any) -> None:
    fill(versioned, "a")
    result = drive(parts.delete_object, aws, {"bucket": BUCKET, "key": ["a", "b"]}).result
    assert result["skipped"] == [{"id": f"s3://{BUCKET}/b", "reason": "does not exist"}]
    assert versions(versioned) == [("a", "marker"), ("a", "version")]
    assert (result["recoverable"], result["matched"]) == (True, [f"s3://{BUCKET}/a"])
    assert result["summary"] == f"1 object deleted, 1 skipped; {BUCKET} keeps their versions"
    with pytest.raises(NoMatch):
        drive(parts.delete_object, aws, {"bucket": BUCKET, "key": "c", "require_match": True})


def test_all_versions_for_good(aws: ManagedFleet, versioned: Any) -> None:
    fill(versioned, "a", "a", "ab")
    versioned.delete_object(Bucket=BUCKET, Key="a")
    result = drive(parts.delete_object, aws, {"bucket": BUCKET, "key": "a", "versions": True}).result
    assert versions(versioned) == [("ab", "version")]
    assert len(result["changed"]) == 3
    assert all("?versionId=" in name for name in result["changed"])
    assert result["summary"] == "3 versions deleted"


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("whole", [False, True])
def test_a_worker_killed_around_deleting_leaves_one_marker(
    aws: ManagedFleet, versioned: Any, moment: str, whole: bool
) -> None:
    fill(versioned, "a", "b", "c")
    aws.faults["DeleteObjects"] = Fault(once(die)) if moment == "before" else Fault(after=once(die))
    params = {"bucket": BUCKET, "key": "*", "limit": 10, "versions": whole}
    outcome = drive(parts.delete_object, aws, params)
    assert outcome.deaths == 1
    assert len(outcome.result["changed"]) == 3
    left = [] if whole else sorted((k, kind) for k in "abc" for kind in ("marker", "version"))
    assert versions(versioned) == left


def test_what_s3_refuses_is_told_and_the_rest_goes(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "a", "b", "c")

    def refuse(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DeleteObjects" and len(params["Delete"]["Objects"]) == 3:
            answer["Errors"] = [
                {"Key": "b", "Code": "AccessDenied", "Message": "locked"},
                {"Key": "c", "Code": "InternalError", "Message": "again"},
            ]

    aws.hooks.append(refuse)
    params = {"bucket": BUCKET, "key": "*", "limit": 10, "on_failure": "continue"}
    result = drive(parts.delete_object, aws, params).result
    assert result["changed"] == [f"s3://{BUCKET}/a", f"s3://{BUCKET}/c"]
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(f"s3://{BUCKET}/b", "AccessDenied")]
    assert [len(p["Delete"]["Objects"]) for p in aws.made("DeleteObjects")] == [3, 1]


def test_a_missing_permission_is_named(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "a", "b")
    message = "User: arn:aws:sts::1:assumed-role/r is not authorized to perform: s3:DeleteObject on resource: x"

    def refuse(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DeleteObjects":
            answer["Errors"] = [{"Key": k, "Code": "AccessDenied", "Message": message} for k in "ab"]

    aws.hooks.append(refuse)
    with pytest.raises(AccessDenied, match="may not delete"):
        drive(parts.delete_object, aws, {"bucket": BUCKET, "key": "*", "limit": 10})


def test_throttled_deletions_are_waited_for(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "a", "b")
    aws.faults["DeleteObjects"] = times(2, (503, "SlowDown", "Please reduce your request rate."))
    outcome = drive(parts.delete_object, aws, {"bucket": BUCKET, "key": "*", "limit": 10})
    assert len(outcome.result["changed"]) == 2
    assert keys(s3) == []


def test_a_timeout_tells_what_is_still_there(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "a", "b")
    aws.faults["DeleteObjects"] = times(999, (503, "SlowDown", "Please reduce your request rate."))
    params = {"bucket": BUCKET, "key": "*", "limit": 10, "timeout": "1m", "on_failure": "continue"}
    result = drive(parts.delete_object, aws, params).result
    assert {f["error"] for f in result["failed"]} == {"Timeout"}
    assert result["changed"] == []


@pytest.mark.parametrize("whole", [False, True])
def test_a_dry_run_lists_exactly_what_goes(aws: ManagedFleet, versioned: Any, whole: bool) -> None:
    fill(versioned, "a", "a", "b")
    before = versions(versioned)
    params = {"bucket": BUCKET, "key": ["a", "none"], "versions": whole}
    dry = drive(parts.delete_object, aws, {**params, "dry_run": True}).result
    assert versions(versioned) == before
    assert aws.count()["DeleteObjects"] == 0
    real = drive(parts.delete_object, aws, params).result
    for name in ("matched", "changed", "skipped", "failed", "objects", "bytes", "recoverable"):
        assert dry[name] == real[name], name


@pytest.mark.parametrize("params", [{}, {"key": "a", "limit": 0}, {"key": "*", "limit": 100_001}, {"key": [""]}])
def test_what_cannot_be_deleted_is_refused(aws: ManagedFleet, params: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        drive(parts.delete_object, aws, {"bucket": BUCKET, **params})
    assert not aws.calls


def test_an_empty_list_deletes_nothing(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "a")
    result = drive(parts.delete_object, aws, {"bucket": BUCKET, "key": []}).result
    assert (result["matched"], keys(s3)) == ([], ["a"])
