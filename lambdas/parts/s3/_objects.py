"""S3 objects: which ones a key with wildcards means, what a call has written, and what results tell of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Result, Run
from lambdas.engine.selection import has_wildcard, wildcards

PAGE = 1000
"""Keys on a page, and keys in one DeleteObjects. Amazon S3 API Reference, "ListObjectsV2", "DeleteObjects"."""

MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
"""Codes of S3 for an object that is not there."""

SHOWN = 100
"""Objects whose details a result carries."""


@dataclass(frozen=True)
class ObjectRecord:
    """An object.

    size: in bytes.
    version_id: id of its version, or "" in a bucket without versions.
    path: file on the instance, or "".
    """

    bucket: str
    key: str
    size: int
    version_id: str = ""
    path: str = ""


@dataclass
class ObjectsResult(Result):
    """Result of a part that handles objects.

    objects: the first 100 objects.
    bytes: size of them in all.
    """

    objects: list[ObjectRecord] = field(default_factory=list)
    bytes: int = 0


R = TypeVar("R", bound=ObjectsResult)


def uri(bucket: str, key: str, version_id: str = "") -> str:
    """What results name an object by."""
    return f"s3://{bucket}/{key}" + (f"?versionId={version_id}" if version_id else "")


def check_names(bucket: str, key: str) -> None:
    """Raises InvalidParameter unless these can be the names of a bucket and of an object in it."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{1,62}", bucket):
        raise InvalidParameter(f"bucket={bucket!r} is not the name of a bucket")
    if not key or len(key.encode()) > 1024:
        raise InvalidParameter(f"key={key[:100]!r} is empty or has more than 1,024 bytes")


def parse_uri(text: str) -> tuple[str, str]:
    """Bucket and key of "s3://bucket/key".

    Raises InvalidParameter for anything else.
    """
    found = re.fullmatch(r"s3://([^/]+)/(.+)", text, re.DOTALL)
    if not found:
        raise InvalidParameter(f'{text!r} names no object; write "s3://bucket/key"')
    return found[1], found[2]


def literal(pattern: str) -> str:
    """The text before the first wildcard of `pattern`, with escapes taken out: what each match begins with."""
    head = re.match(r"(?:\\.|[^*?\\])*", pattern, re.DOTALL)
    return re.sub(r"\\(.)", r"\1", head[0] if head else "", flags=re.DOTALL)


def find(client: Any, bucket: str, pattern: str) -> Iterator[dict[str, Any]]:
    """The objects whose keys `pattern` matches, in the order of their keys; `*` matches "/" too."""
    if not has_wildcard(pattern):
        # The key itself is the first of those that begin with it.
        found = client.list_objects_v2(Bucket=bucket, Prefix=pattern, MaxKeys=1).get("Contents", [])
        yield from (o for o in found if o["Key"] == pattern)
        return
    matches = wildcards(pattern)
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=literal(pattern), PaginationConfig={"PageSize": PAGE}
    )
    for page in pages:
        yield from (o for o in page.get("Contents", []) if matches.fullmatch(o["Key"]))


def below(key: str, pattern: str) -> str:
    """The part of `key` that a copy keeps: the name, and the folders that a wildcard in `pattern` stands for."""
    folder = literal(pattern).rpartition("/")[0]
    return key[len(folder) + 1 :] if folder else key


def head(client: Any, bucket: str, key: str) -> dict[str, Any] | None:
    """What HeadObject tells, or None when there is no such object."""
    try:
        return dict(client.head_object(Bucket=bucket, Key=key))
    except Exception as error:
        if aws_errors.code(error) in MISSING:
            return None
        raise


def marks(run: Run) -> dict[str, str]:
    """Metadata by which a call finds again what it has written. Metadata is ASCII."""
    return {"nightshift-run": quote(run.id, safe=":/._-"), "nightshift-call": quote(run.key, safe=":/._-")}


def is_marked(found: dict[str, Any] | None, run: Run) -> bool:
    """Whether this call has written the object."""
    return found is not None and marks(run).items() <= found.get("Metadata", {}).items()


def written(result: ObjectsResult, done: list[ObjectRecord]) -> None:
    """Let `result` tell of objects, which were named by where they come from until now."""
    result.objects = done[:SHOWN]
    result.bytes = sum(record.size for record in done)
    result.changed = sorted(uri(record.bucket, record.key) for record in done)
    result.matched = sorted({failure.id for failure in result.failed}.union(result.changed))
