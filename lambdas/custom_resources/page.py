"""Puts the dashboard's page into its bucket: a custom resource of the deployment.

The page is in this function's own package, below `page/`. What an earlier deployment left is kept for a month, so that
a page that is open in a browser still finds the parts it has not loaded yet.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from lambdas.custom_resources.response import answer

PAGE = "page"
"""Folder of the page in the code asset."""

CONFIG = "config.json"
"""What the page reads before anything else."""

_PACKAGE = Path(__file__).resolve().parents[2]
_KEPT = timedelta(days=30)
_HASHED = "public, max-age=31536000, immutable"
_NAMED = "no-cache"
_MOST_KEYS = 1000
"""Objects of one request ("DeleteObjects", S3 API Reference)."""


def handler(event: dict[str, Any], context: Any) -> None:
    """Do what CloudFormation asks, and tell it how that went."""
    properties = event["ResourceProperties"]
    kind, now = event["RequestType"], datetime.now(UTC)
    answer(event, properties["Bucket"], lambda: deploy(s3(), kind, properties, _PACKAGE / PAGE, now))


def deploy(client: Any, kind: str, properties: Mapping[str, Any], page: Path, now: datetime) -> None:
    """Bring the bucket to what it should hold.

    kind: "Create", "Update" or "Delete". properties: Bucket, and Config, which becomes `config.json`.
    """
    bucket = properties["Bucket"]
    if kind == "Delete":
        _delete(client, bucket, [item["Key"] for item in _objects(client, bucket)])
        return
    files = {path.relative_to(page).as_posix(): path for path in sorted(page.rglob("*")) if path.is_file()}
    # The files that others name come before those that name them: nobody gets a page whose parts are missing.
    for key in sorted(files, key=lambda name: (not _is_hashed(name), name)):
        _put(client, bucket, key, files[key].read_bytes())
    _put(client, bucket, CONFIG, json.dumps(properties["Config"]).encode())
    old = [item["Key"] for item in _objects(client, bucket) if item["LastModified"] < now - _KEPT]
    _delete(client, bucket, [key for key in old if key not in files and key != CONFIG])


def _put(client: Any, bucket: str, key: str, content: bytes) -> None:
    kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind.endswith(("javascript", "json", "xml"))
    client.put_object(
        Bucket=bucket,
        Key=key,
        Body=content,
        ContentType=f"{kind}; charset=utf-8" if text else kind,
        CacheControl=_HASHED if _is_hashed(key) else _NAMED,
    )


def _is_hashed(key: str) -> bool:
    """Whether the name of a file holds a hash of its content, as Vite names what it builds."""
    return key.startswith("assets/")


def _objects(client: Any, bucket: str) -> Iterator[dict[str, Any]]:
    for found in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from found.get("Contents", [])


def _delete(client: Any, bucket: str, keys: list[str]) -> None:
    for start in range(0, len(keys), _MOST_KEYS):
        listed = [{"Key": key} for key in keys[start : start + _MOST_KEYS]]
        client.delete_objects(Bucket=bucket, Delete={"Objects": listed, "Quiet": True})


@cache
def s3() -> Any:
    """A client of Amazon S3."""
    import boto3

    return boto3.client("s3")
