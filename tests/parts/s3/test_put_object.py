"""s3.put_object of text and copies; its files are in test_put_object_files.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts.s3 import _multipart, put_object
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.driver import RUN, Fault, Killed, drive, times
from tests.parts.managed import ManagedFleet
from tests.parts.s3.large import LARGE, MIB, make_parts_small
from tests.parts.s3.objects import BUCKET, die, fill, keys, once, versions
from tests.parts.s3.scenarios import bucket


def read(s3: Any, key: str) -> Any:
    return s3.get_object(Bucket=BUCKET, Key=key)


def test_text_becomes_an_object(aws: ManagedFleet, s3: Any) -> None:
    result = drive(put_object, aws, {"bucket": BUCKET, "key": "a/report.txt", "body": "gut 夜"}).result
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
    outcome = drive(put_object, aws, params)
    assert outcome.deaths == 1
    assert versions(versioned) == [("a", "version")]
    assert outcome.result["objects"][0]["version_id"] == read(versioned, "a")["VersionId"]
    drive(put_object, aws, params, run=replace(RUN, call=2))
    assert len(versions(versioned)) == 2


def test_a_dry_run_writes_no_text(aws: ManagedFleet, s3: Any) -> None:
    params = {"bucket": BUCKET, "key": "a", "body": "x"}
    dry = drive(put_object, aws, {**params, "dry_run": True}).result
    assert keys(s3) == []
    real = drive(put_object, aws, params).result
    assert (dry["changed"], dry["bytes"], dry.keys()) == (real["changed"], real["bytes"], real.keys())
    assert dry["summary"] == "would write 1 object"


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
        drive(put_object, aws, {"bucket": BUCKET, "key": "k", **params})
    assert not aws.calls


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
    result = drive(put_object, aws, {"bucket": BUCKET, "key": "out.csv", "source": "s3://archive/in/a.csv"}).result
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
    drive(put_object, aws, {"bucket": BUCKET, "key": "out", "source": f"s3://{BUCKET}/in/*"})
    copied = {key: s3.head_object(Bucket=BUCKET, Key=f"out/{key}").get("ExpiresString") for key in ("small", "large")}
    assert copied == {"small": expires, "large": expires}
    assert "ExpiresString" not in s3.head_object(Bucket=BUCKET, Key="out/without")


def test_wildcards_copy_several_below_their_folder(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "logs/2026/a.log", "logs/2026/b.log", "logs/2026/c.txt", "logs/2027/a.log", "logs.log")
    params = {"bucket": BUCKET, "key": "kept", "source": f"s3://{BUCKET}/logs/*.log"}
    result = drive(put_object, aws, params).result
    copied = ["kept/2026/a.log", "kept/2026/b.log", "kept/2027/a.log"]
    assert [k for k in keys(s3) if k.startswith("kept")] == copied
    assert result["changed"] == [f"s3://{BUCKET}/{k}" for k in copied]
    assert read(s3, "kept/2027/a.log")["Body"].read() == b"this is logs/2027/a.log"


def test_one_that_fails_does_not_stop_the_others(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "in/a", "in/b", "in/c")
    refused = (403, "AccessDenied", "no")
    aws.faults["CopyObject"] = Fault(lambda p: refused if p["Key"] == "out/b" else None)
    params = {"bucket": BUCKET, "key": "out/", "source": f"s3://{BUCKET}/in/*", "on_failure": "continue"}
    result = drive(put_object, aws, params).result
    assert result["changed"] == [f"s3://{BUCKET}/out/a", f"s3://{BUCKET}/out/c"]
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(f"s3://{BUCKET}/in/b", "AccessDenied")]


def test_a_source_that_is_missing_fails(aws: ManagedFleet, s3: Any) -> None:
    with pytest.raises(PartFailed, match="NoSuchKey"):
        drive(put_object, aws, {"bucket": BUCKET, "key": "b", "source": f"s3://{BUCKET}/a"})
    result = drive(put_object, aws, {"bucket": BUCKET, "key": "b", "source": f"s3://{BUCKET}/a*"}).result
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
    outcome = drive(put_object, aws, {"bucket": BUCKET, "key": "out/", "source": f"s3://{BUCKET}/in/*"})
    assert outcome.deaths == 1
    assert [v for v in versions(versioned) if v[0].startswith("out")] == [(f"out/{n}", "version") for n in "abc"]
    assert outcome.result["changed"] == [f"s3://{BUCKET}/out/{n}" for n in "abc"]


def test_copies_go_on_where_the_time_ran_out(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, *(f"in/{n}" for n in range(4)))
    aws.left = 1
    outcome = drive(put_object, aws, {"bucket": BUCKET, "key": "out/", "source": f"s3://{BUCKET}/in/*"})
    assert len(outcome.result["changed"]) == 4
    assert len(outcome.waits) == 4


def test_throttled_copies_are_waited_for(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "in/a", "in/b")
    aws.faults["CopyObject"] = times(2, (503, "SlowDown", "Please reduce your request rate."))
    outcome = drive(put_object, aws, {"bucket": BUCKET, "key": "out/", "source": f"s3://{BUCKET}/in/*"})
    assert len(outcome.result["changed"]) == 2
    assert aws.count()["CopyObject"] == 4


def test_a_dry_run_copies_nothing_and_lists_the_copies(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "in/a", "in/b")
    params = {"bucket": BUCKET, "key": "out/", "source": f"s3://{BUCKET}/in/*"}
    dry = drive(put_object, aws, {**params, "dry_run": True}).result
    assert keys(s3) == ["in/a", "in/b"]
    real = drive(put_object, aws, params).result
    assert (dry["changed"], dry["matched"], dry["bytes"]) == (real["changed"], real["matched"], real["bytes"])


@pytest.mark.usefixtures("small_parts")
def test_a_large_object_is_copied_in_parts(aws: ManagedFleet, s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="in", Body=LARGE, ContentType="text/csv", Tagging="team=night")
    result = drive(put_object, aws, {"bucket": BUCKET, "key": "out", "source": f"s3://{BUCKET}/in"}).result
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
    outcome = drive(put_object, aws, {"bucket": BUCKET, "key": "out", "source": f"s3://{BUCKET}/in"})
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
        drive(put_object, aws, {"bucket": BUCKET, "key": "out", "source": f"s3://{BUCKET}/in"})
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)


def test_parts_fit_every_size_s3_takes() -> None:
    for size in (1, _multipart.PART, _multipart.PART + 1, 5 * 1024**4, 48 * 1024**4):
        ranges = list(_multipart.part_ranges(size))
        assert len(ranges) <= _multipart.MOST_PARTS
        assert sum(length for _, _, length in ranges) == size
        assert all(first % MIB == 0 for _, first, _ in ranges)
        assert max(length for _, _, length in ranges) <= 5 * 1024**3


def text(aws: FaultyAws) -> dict[str, Any]:
    return {"bucket": bucket("night", versions=True), "key": "report.txt", "body": "All is well."}


def copies(aws: FaultyAws) -> dict[str, Any]:
    bucket("source", "logs/a.txt", "logs/b.txt", "other.txt")
    return {"bucket": bucket("night", versions=True), "key": "kept/", "source": "s3://source/logs/*"}


def large_copy(aws: FaultyAws) -> dict[str, Any]:
    """An object that is copied in two parts, which are made as small as S3 allows."""
    make_parts_small(aws, aws.patch)
    bucket("source")
    client("s3").put_object(Bucket="source", Key="large", Body=LARGE[: MIB + 7], Tagging="Team=ops")
    return {"bucket": bucket("night", versions=True), "key": "large", "source": "s3://source/large"}


def large_copy_too_long(aws: FaultyAws) -> dict[str, Any]:
    aws.left = 10
    return {**large_copy(aws), "timeout": "30s"}


SCENARIOS = [
    Scenario("text", "s3.put_object", text),
    Scenario("copies", "s3.put_object", copies),
    Scenario("a large copy", "s3.put_object", large_copy),
    Scenario("a large copy too long", "s3.put_object", large_copy_too_long, swept=False, fails="PartTimeout"),
]
