"""S3 parts."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from lambdas.parts.s3 import _multipart
from lambdas.parts.s3._multipart import MIB
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.scenarios.ec2 import launch
from tests.faults.world import client


def _bucket(name: str, *keys: str, versions: bool = False) -> str:
    """A bucket with objects."""
    s3 = client("s3")
    s3.create_bucket(Bucket=name)
    if versions:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for key in keys:
        s3.put_object(Bucket=name, Key=key, Body=f"this is {key}".encode())
    return name


def _host(aws: FaultyAws) -> str:
    """An instance on which scripts really run."""
    _bucket("results")
    (instance,) = launch(1)
    aws.manage(instance)
    aws.runs = True
    return instance


def _put_text(aws: FaultyAws) -> dict[str, Any]:
    return {"bucket": _bucket("night", versions=True), "key": "report.txt", "body": "All is well."}


def _put_copies(aws: FaultyAws) -> dict[str, Any]:
    _bucket("source", "logs/a.txt", "logs/b.txt", "other.txt")
    return {"bucket": _bucket("night", versions=True), "key": "kept/", "source": "s3://source/logs/*"}


def _put_files(aws: FaultyAws) -> dict[str, Any]:
    instance = _host(aws)
    folder = aws.disk(instance) / "data"
    folder.mkdir()
    for name in ("a.log", "b.log"):
        (folder / name).write_text(f"this is {name}")
    bucket = _bucket("night", versions=True)
    return {"bucket": bucket, "key": "logs/", "instance_id": instance, "path": "/data/*.log"}


def _large_object(aws: FaultyAws) -> None:
    """An object that is copied in two parts, which are made as small as S3 allows."""
    for module in (_multipart, import_module("lambdas.parts.s3.put_object")):
        aws.patch.setattr(module, "PART", 5 * MIB)
    _bucket("source")
    client("s3").put_object(Bucket="source", Key="large", Body=b"x" * 6 * MIB, Tagging="Team=ops")

    def begun(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        """For moto, all uploads began in 2010."""
        for upload in answer.get("Uploads", []) if operation == "ListMultipartUploads" else []:
            upload["Initiated"] = datetime.fromtimestamp(aws.now(), UTC)

    aws.hooks.append(begun)


def _put_large(aws: FaultyAws) -> dict[str, Any]:
    _large_object(aws)
    return {"bucket": _bucket("night", versions=True), "key": "large", "source": "s3://source/large"}


def _put_large_too_long(aws: FaultyAws) -> dict[str, Any]:
    aws.left = 10
    return {**_put_large(aws), "timeout": "30s"}


def _put_files_too_long(aws: FaultyAws) -> dict[str, Any]:
    params = _put_files(aws)
    aws.takes = {params["instance_id"]: 10_000.0}
    return {**params, "timeout": "1m"}


def _get_files_too_long(aws: FaultyAws) -> dict[str, Any]:
    params = _get_files(aws)
    aws.takes = {params["instance_id"]: 10_000.0}
    return {**params, "timeout": "1m"}


def _get_text(aws: FaultyAws) -> dict[str, Any]:
    return {"bucket": _bucket("night", "a.txt"), "key": "a.txt"}


def _get_files(aws: FaultyAws) -> dict[str, Any]:
    bucket = _bucket("night", "logs/a.txt", "logs/b.txt")
    return {"bucket": bucket, "key": "logs/*", "instance_id": _host(aws), "path": "/data/"}


def _delete(aws: FaultyAws) -> dict[str, Any]:
    return {"bucket": _bucket("night", "a/1", "a/2", "b", versions=True), "prefix": "a/", "limit": 10}


def _delete_versions(aws: FaultyAws) -> dict[str, Any]:
    bucket = _bucket("night", "a/1", "a/1", "b", versions=True)
    return {"bucket": bucket, "key": "a/1", "versions": True}


SCENARIOS = [
    Scenario("text", "s3.put_object", _put_text),
    Scenario("copies", "s3.put_object", _put_copies),
    Scenario("a large copy", "s3.put_object", _put_large),
    Scenario("a large copy too long", "s3.put_object", _put_large_too_long, swept=False, fails="PartTimeout"),
    Scenario("files of an instance", "s3.put_object", _put_files, lists=True),
    Scenario("files too long", "s3.put_object", _put_files_too_long, swept=False, fails="PartTimeout", lists=True),
    Scenario("text", "s3.get_object", _get_text),
    Scenario("files of an instance", "s3.get_object", _get_files),
    Scenario("files too long", "s3.get_object", _get_files_too_long, swept=False, fails="PartTimeout"),
    Scenario("by prefix", "s3.delete_object", _delete),
    Scenario("all versions", "s3.delete_object", _delete_versions),
]
