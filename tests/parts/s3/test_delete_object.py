"""s3.delete_object: by key, wildcard and prefix, versions, and what S3 refuses."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, NoMatch
from lambdas.parts.s3 import delete_object
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import STATE_LIMIT, Fault, drive, times
from tests.parts.managed import ManagedFleet
from tests.parts.s3.objects import BUCKET, die, fill, fill_many, keys, once, versions
from tests.parts.s3.scenarios import bucket


def test_one_object_is_deleted(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "a", "ab")
    result = drive(delete_object, aws, {"bucket": BUCKET, "key": "a"}).result
    assert keys(s3) == ["ab"]
    assert result["changed"] == [f"s3://{BUCKET}/a"]
    assert (result["bytes"], result["recoverable"], result["summary"]) == (9, False, "1 object deleted")
    assert aws.count() == {"ListObjectsV2": 1, "GetBucketVersioning": 1, "DeleteObjects": 1}


def test_by_wildcard_and_by_prefix(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "logs/a.log", "logs/x/b.log", "logs/c.txt", "tmp*/a", "tmpx/a", "z")
    params = {"bucket": BUCKET, "key": ["logs/*.log", "z"], "prefix": "tmp*/", "limit": 10}
    result = drive(delete_object, aws, params).result
    assert keys(s3) == ["logs/c.txt", "tmpx/a"]
    assert len(result["changed"]) == 4


def test_the_limit_has_to_be_stated_and_is_kept(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, *(f"logs/{n}" for n in range(5)))
    with pytest.raises(InvalidParameter, match="state limit"):
        drive(delete_object, aws, {"bucket": BUCKET, "prefix": "logs/"})
    with pytest.raises(InvalidParameter, match="matches more than limit=4; nothing was deleted"):
        drive(delete_object, aws, {"bucket": BUCKET, "prefix": "logs/", "limit": 4})
    assert len(keys(s3)) == 5
    drive(delete_object, aws, {"bucket": BUCKET, "prefix": "logs/", "limit": 5})
    assert keys(s3) == []


def test_thousands_take_a_call_for_each_thousand(aws: ManagedFleet, s3: Any) -> None:
    fill_many(2100)
    outcome = drive(delete_object, aws, {"bucket": BUCKET, "key": "*", "limit": 3000})
    assert len(outcome.result["changed"]) == 2100
    assert len(outcome.result["objects"]) == 100
    assert aws.count() == {"ListObjectsV2": 3, "GetBucketVersioning": 1, "DeleteObjects": 3}
    assert outcome.largest_state < STATE_LIMIT
    assert keys(s3) == []


def test_a_key_without_object_is_skipped(aws: ManagedFleet, versioned: Any) -> None:
    fill(versioned, "a")
    result = drive(delete_object, aws, {"bucket": BUCKET, "key": ["a", "b"]}).result
    assert result["skipped"] == [{"id": f"s3://{BUCKET}/b", "reason": "does not exist"}]
    assert versions(versioned) == [("a", "marker"), ("a", "version")]
    assert (result["recoverable"], result["matched"]) == (True, [f"s3://{BUCKET}/a"])
    assert result["summary"] == f"1 object deleted, 1 skipped; {BUCKET} keeps their versions"
    with pytest.raises(NoMatch):
        drive(delete_object, aws, {"bucket": BUCKET, "key": "c", "require_match": True})


def test_all_versions_for_good(aws: ManagedFleet, versioned: Any) -> None:
    fill(versioned, "a", "a", "ab")
    versioned.delete_object(Bucket=BUCKET, Key="a")
    result = drive(delete_object, aws, {"bucket": BUCKET, "key": "a", "versions": True}).result
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
    outcome = drive(delete_object, aws, params)
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
    result = drive(delete_object, aws, params).result
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
        drive(delete_object, aws, {"bucket": BUCKET, "key": "*", "limit": 10})


def test_throttled_deletions_are_waited_for(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "a", "b")
    aws.faults["DeleteObjects"] = times(2, (503, "SlowDown", "Please reduce your request rate."))
    outcome = drive(delete_object, aws, {"bucket": BUCKET, "key": "*", "limit": 10})
    assert len(outcome.result["changed"]) == 2
    assert keys(s3) == []


def test_a_timeout_tells_what_is_still_there(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "a", "b")
    aws.faults["DeleteObjects"] = times(999, (503, "SlowDown", "Please reduce your request rate."))
    params = {"bucket": BUCKET, "key": "*", "limit": 10, "timeout": "1m", "on_failure": "continue"}
    result = drive(delete_object, aws, params).result
    assert {f["error"] for f in result["failed"]} == {"Timeout"}
    assert result["changed"] == []


@pytest.mark.parametrize("whole", [False, True])
def test_a_dry_run_lists_exactly_what_goes(aws: ManagedFleet, versioned: Any, whole: bool) -> None:
    fill(versioned, "a", "a", "b")
    before = versions(versioned)
    params = {"bucket": BUCKET, "key": ["a", "none"], "versions": whole}
    dry = drive(delete_object, aws, {**params, "dry_run": True}).result
    assert versions(versioned) == before
    assert aws.count()["DeleteObjects"] == 0
    real = drive(delete_object, aws, params).result
    for name in ("matched", "changed", "skipped", "failed", "objects", "bytes", "recoverable"):
        assert dry[name] == real[name], name


@pytest.mark.parametrize("params", [{}, {"key": "a", "limit": 0}, {"key": "*", "limit": 100_001}, {"key": [""]}])
def test_what_cannot_be_deleted_is_refused(aws: ManagedFleet, params: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        drive(delete_object, aws, {"bucket": BUCKET, **params})
    assert not aws.calls


def test_an_empty_list_deletes_nothing(aws: ManagedFleet, s3: Any) -> None:
    fill(s3, "a")
    result = drive(delete_object, aws, {"bucket": BUCKET, "key": []}).result
    assert (result["matched"], keys(s3)) == ([], ["a"])


def by_prefix(aws: FaultyAws) -> dict[str, Any]:
    return {"bucket": bucket("night", "a/1", "a/2", "b", versions=True), "prefix": "a/", "limit": 10}


def all_versions(aws: FaultyAws) -> dict[str, Any]:
    return {"bucket": bucket("night", "a/1", "a/1", "b", versions=True), "key": "a/1", "versions": True}


SCENARIOS = [
    Scenario("by prefix", "s3.delete_object", by_prefix),
    Scenario("all versions", "s3.delete_object", all_versions),
]
