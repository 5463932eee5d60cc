"""Calls of the S3 parts that waited while their code was deployed anew: recorded states of before there were versions
are read on, and end as they would have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambdas.parts.s3 import delete_object, get_object, put_object
from tests.parts.driver import drive, invoke, noted
from tests.parts.managed import ManagedFleet
from tests.parts.s3.large import LARGE, MIB
from tests.parts.s3.objects import BUCKET, HOST, fill, keys, stored, versions

NOW = 1_800_000_000.0


def name(key: str) -> str:
    return f"s3://{BUCKET}/{key}"


def test_a_deletion_goes_on(aws: ManagedFleet, versioned: Any) -> None:
    fill(versioned, "a/1", "a/2", "a/3")
    versioned.delete_object(Bucket=BUCKET, Key="a/1")
    objects = [["a/1", "", 11], ["a/2", "", 11], ["a/3", "", 11], ["a/locked", "", 5]]
    state = {
        "objects": objects,
        "left": objects[1:3],
        "keeps": True,
        "failed": [["AccessDenied", "locked", [name("a/locked")]]],
        "ids": {"excluded": [name("a/none")]},
        "skipped": [["does not exist", [name("a/none")]]],
    }
    params = {"bucket": BUCKET, "key": ["a/*", "a/none"], "limit": 10, "on_failure": "continue"}
    result = drive(delete_object, aws, params, state=noted(aws, state)).result
    assert result["changed"] == [name("a/1"), name("a/2"), name("a/3")]
    assert (result["bytes"], [f["id"] for f in result["failed"]]) == (33, [name("a/locked")])
    assert result["matched"] == sorted([*result["changed"], name("a/locked")])
    assert len([kind for _, kind in versions(versioned) if kind == "marker"]) == 3


def test_a_deletion_of_versions_goes_on(aws: ManagedFleet, versioned: Any) -> None:
    fill(versioned, "a", "a")
    found = versioned.list_object_versions(Bucket=BUCKET)["Versions"]
    objects = [["a", version["VersionId"], 9] for version in found]
    state = {"objects": objects, "left": objects}
    params = {"bucket": BUCKET, "key": "a", "versions": True}
    result = drive(delete_object, aws, params, state=noted(aws, state)).result
    assert (len(result["changed"]), versions(versioned)) == (2, [])


def test_copies_go_on(aws: ManagedFleet, versioned: Any) -> None:
    fill(versioned, "in/a", "in/b")
    record = {"bucket": BUCKET, "key": "out/a", "size": 12, "version_id": "v1", "path": ""}
    state = {"todo": [["in/b", "out/b", 12]], "done": [record], "planned_at": NOW}
    params = {"bucket": BUCKET, "key": "out/", "source": name("in/*")}
    result = drive(put_object, aws, params, state=noted(aws, state)).result
    assert result["changed"] == result["matched"] == [name("out/a"), name("out/b")]
    assert (result["objects"][0]["version_id"], result["bytes"]) == ("v1", 24)
    assert keys(versioned) == ["in/a", "in/b", "out/b"]


@pytest.mark.usefixtures("small_parts")
def test_a_copy_in_parts_goes_on_with_its_upload(aws: ManagedFleet, versioned: Any) -> None:
    versioned.put_object(Bucket=BUCKET, Key="in", Body=LARGE)
    upload = versioned.create_multipart_upload(Bucket=BUCKET, Key="out")["UploadId"]
    versioned.upload_part(Bucket=BUCKET, Key="out", UploadId=upload, PartNumber=1, Body=LARGE[:MIB])
    state = {"todo": [["in", "out", len(LARGE)]], "done": [], "planned_at": NOW, "upload": upload}
    params = {"bucket": BUCKET, "key": "out", "source": name("in")}
    result = drive(put_object, aws, params, state=noted(aws, state)).result
    assert (result["changed"], stored(versioned)["out"]) == ([name("out")], LARGE)
    assert (aws.count()["UploadPartCopy"], aws.count()["CreateMultipartUpload"]) == (2, 0)


def remote(aws: ManagedFleet, *scripts: str) -> dict[str, Any]:
    sent = {script: command.id for script, command in zip(scripts, aws.commands, strict=True)}
    return {"platform": "Linux", "began": NOW, "sent": sent}


@pytest.mark.parametrize("sent", [["list"], ["list", "put-0"]])
def test_files_go_on_after_what_was_sent(aws: ManagedFleet, versioned: Any, data: Path, sent: list[str]) -> None:
    for file in ("a", "b"):
        (data / file).write_text(file)
    params = {"bucket": BUCKET, "key": "in/", "instance_id": HOST, "path": "/data/*"}
    invoke(put_object, aws, params, 3 if "put-0" in sent else 1)
    state: dict[str, Any] = {"remote": remote(aws, *sent)}
    if len(sent) > 1:
        files = [{"path": str(data / file), "size": 1, "key": f"in/{file}", "tries": 0} for file in ("a", "b")]
        state |= {"files": files, "round": 0, "bucket_region": "us-east-1", "pieces": [[0, 0], [1, 0]]}
    result = drive(put_object, aws, params, state=noted(aws, state)).result
    assert result["changed"] == [name("in/a"), name("in/b")]
    assert [o["path"] for o in result["objects"]] == [str(data / "a"), str(data / "b")]
    assert (len(aws.commands), stored(versioned)) == (2, {"in/a": b"a", "in/b": b"b"})


def test_files_that_were_listed_done_or_failed_stay_so(aws: ManagedFleet, versioned: Any, data: Path) -> None:
    (data / "c").write_text("c")
    invoke(put_object, aws, {"bucket": BUCKET, "key": "in/", "instance_id": HOST, "path": "/data/*"}, 1)
    files = [
        {"path": "/data/a", "size": 1, "key": "in/a", "tries": 0, "sent": [0], "done": "v1"},
        {"path": "/data/b", "size": 1, "key": "in/b", "tries": 3, "failed": "UploadFailed"},
        {"path": str(data / "c"), "size": 1, "key": "in/c", "tries": 1},
    ]
    failed = [["UploadFailed", "no way", ["/data/b"]]]
    state = {"remote": remote(aws, "list"), "files": files, "round": 1, "pieces": [], "settle": [], "failed": failed}
    params = {"bucket": BUCKET, "key": "in/", "instance_id": HOST, "path": "/data/*", "on_failure": "continue"}
    result = drive(put_object, aws, params, state=noted(aws, state)).result
    assert result["changed"] == [name("in/a"), name("in/c")]
    assert [(f["id"], f["message"]) for f in result["failed"]] == [("/data/b", "no way")]
    assert stored(versioned) == {"in/c": b"c"}


def test_fetching_goes_on(aws: ManagedFleet, s3: Any, data: Path) -> None:
    fill(s3, "a", "b", "c")
    params = {"bucket": BUCKET, "key": "*", "instance_id": HOST, "path": "/data"}
    invoke(get_object, aws, params, 2)
    files = [{"key": key, "size": 9, "path": f"/data/{key}", "tries": 0} for key in "abc"]
    files[2] |= {"done": True}
    state = {"remote": remote(aws, "get-0"), "files": files, "round": 0, "pieces": [0, 1]}
    result = drive(get_object, aws, params, state=noted(aws, state)).result
    assert result["changed"] == [name("a"), name("b"), name("c")]
    assert (result["bytes"], len(aws.commands)) == (27, 1)


@pytest.mark.parametrize(
    ("part", "params"),
    [
        (delete_object, {"key": "a"}),
        (put_object, {"key": "b", "source": name("a")}),
        (put_object, {"key": "b", "instance_id": HOST, "path": "/data/none*"}),
        (get_object, {"key": "a", "instance_id": HOST, "path": "/data/a"}),
    ],
)
def test_a_plan_that_was_throttled_half_way_is_made_again(
    aws: ManagedFleet, s3: Any, data: Path, part: Any, params: dict[str, Any]
) -> None:
    fill(s3, "a")
    state = {"skipped": [["half way", [name("x")]]]}
    result = drive(part, aws, {"bucket": BUCKET, **params}, state=noted(aws, state)).result
    assert (result["skipped"], result["failed"]) == ([], [])
