"""A bucket and an instance for the tests of the S3 parts, and what is in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.backends import get_backend

from tests.parts.driver import Killed, client

BUCKET = "night-data"
HOST = "i-0123456789abcdef0"
MIB = 1024 * 1024


def new_buckets(*, versions: bool = False) -> Any:
    """A client of its own; there is one bucket, besides that of the results."""
    s3 = client("s3")
    s3.create_bucket(Bucket="results")
    s3.create_bucket(Bucket=BUCKET)
    if versions:
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return s3


def fill(s3: Any, *keys: str) -> None:
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=key, Body=f"this is {key}".encode())


def fill_many(count: int) -> None:
    """So many empty objects, made without a request for each."""
    backend = get_backend("s3")["123456789012"]["global"]
    for number in range(count):
        backend.put_object(BUCKET, f"{number:05}", b"")


def keys(s3: Any) -> list[str]:
    return [o["Key"] for o in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def versions(s3: Any) -> list[tuple[str, str]]:
    """(key, kind) of everything in the bucket, delete markers too."""
    found = s3.list_object_versions(Bucket=BUCKET)
    markers = [(v["Key"], "marker") for v in found.get("DeleteMarkers", [])]
    return sorted([(v["Key"], "version") for v in found.get("Versions", [])] + markers)


def stored(s3: Any) -> dict[str, bytes]:
    """The bytes of each object."""
    return {key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys(s3)}


def once(action: Callable[[], object]) -> Callable[..., None]:
    """`action` the first time, then nothing."""
    left = [1]

    def do(*_: Any) -> None:
        if left:
            left.pop()
            action()

    return do


def die() -> None:
    raise Killed
