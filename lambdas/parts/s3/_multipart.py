"""Multipart uploads that survive the death of an invocation: found again, continued, completed once, never left over.

What an upload is for cannot be seen from outside. So its id is given to the state machine before a part is sent; one
without parts, begun for the same key since the call was planned, is the one whose id was lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lambdas.contract import aws_errors
from lambdas.contract.part import Call
from lambdas.parts.s3._objects import head, is_marked, marks

MIB = 1024 * 1024
PART = 256 * MIB
"""Bytes of a part: a copy or an upload of it takes seconds, and an invocation that dies loses no more."""

MOST_PARTS = 10_000
"""Amazon S3 User Guide, "Amazon S3 multipart upload limits"."""

_SKEW = 60


def is_large(size: int) -> bool:
    """Whether an object of `size` bytes goes in parts."""
    return size > PART


def part_size(size: int) -> int:
    """Bytes of a part for an object of `size` bytes: whole MiB, and no more parts than S3 takes."""
    least = -(-size // MOST_PARTS)
    return max(PART, -(-least // MIB) * MIB)


def part_ranges(size: int) -> Iterator[tuple[int, int, int]]:
    """(number, first byte, length) of each part."""
    step = part_size(size)
    for number, first in enumerate(range(0, size, step), start=1):
        yield number, first, min(step, size - first)


def begin(client: Any, call: Call, bucket: str, key: str, since: float, about: dict[str, Any]) -> str:
    """The id of the upload for `key`: of one that an invocation since `since` has lost, else of a new one.

    about: what the object shall have besides the marks of this call (ContentType, Metadata, Tagging, ...).
    """
    listed = client.list_multipart_uploads(Bucket=bucket, Prefix=key, MaxUploads=1000).get("Uploads", [])
    for upload in listed:
        lost = upload["Key"] == key and upload["Initiated"].timestamp() > since - _SKEW
        if lost and not parts(client, bucket, key, upload["UploadId"]):
            return str(upload["UploadId"])
    metadata = {**about.get("Metadata", {}), **marks(call.run)}
    answer = client.create_multipart_upload(Bucket=bucket, Key=key, **{**about, "Metadata": metadata})
    return str(answer["UploadId"])


def parts(client: Any, bucket: str, key: str, upload_id: str) -> dict[int, dict[str, Any]]:
    """The parts S3 has, by number; none when there is no such upload any more."""
    found = {}
    try:
        for page in client.get_paginator("list_parts").paginate(Bucket=bucket, Key=key, UploadId=upload_id):
            found.update({p["PartNumber"]: p for p in page.get("Parts", [])})
    except Exception as error:
        if aws_errors.code(error) != "NoSuchUpload":
            raise
    return found


def complete(client: Any, call: Call, bucket: str, key: str, upload_id: str, etags: dict[int, str]) -> str:
    """Complete an upload; returns the version id, or "". One that an earlier invocation completed is as good."""
    wanted = [{"PartNumber": number, "ETag": etag} for number, etag in sorted(etags.items())]
    try:
        answer = client.complete_multipart_upload(
            Bucket=bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": wanted}
        )
    except Exception as error:
        if aws_errors.code(error) != "NoSuchUpload":
            raise
        found = head(client, bucket, key)
        if not is_marked(found, call.run):
            raise
        return str((found or {}).get("VersionId", ""))
    return str(answer.get("VersionId", ""))


def abort(client: Any, bucket: str, key: str, upload_id: str) -> None:
    """Give up an upload, so that its parts cost nothing."""
    try:
        client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)
    except Exception as error:
        if aws_errors.code(error) != "NoSuchUpload":
            raise
