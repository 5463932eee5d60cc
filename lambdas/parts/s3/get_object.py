"""s3.get_object: an object's text becomes a value of the flow, or objects become files of an instance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Changing, Failure, Pending, part, seconds
from lambdas.engine.selection import has_wildcard
from lambdas.parts.s3._get_files import get_files
from lambdas.parts.s3._objects import ObjectRecord, ObjectsResult, check_names, uri
from lambdas.parts.s3._permissions import BUCKETS, OBJECTS, OWN
from lambdas.parts.ssm._permissions import RUN_SCRIPTS, UNREACHABLE
from lambdas.parts.ssm._remote import Remote

MOST_TEXT = 32 * 1024
"""Bytes of text that a flow may work with; more would leave the state of the run."""

_TIMEOUT = "3h"


@dataclass
class GetObjectResult(ObjectsResult):
    """Result of s3.get_object.

    matched: "s3://bucket/key" of the objects found.
    changed: those that were written to the instance, each with all its bytes; empty without instance_id.
    content: the text of the object, without instance_id.
    objects: the first 100 objects; path is the file on the instance.
    bytes: size of those read in all.
    """

    content: str = ""


@part(
    allow=(
        Allow(("s3:GetObject",), OBJECTS, OWN, named_by="bucket"),
        Allow(("s3:ListBucket",), BUCKETS, OWN, named_by="bucket"),
        *RUN_SCRIPTS,
    ),
    cost="Requests, and data transfer when the bucket is in another Region than the instance.",
    hints=UNREACHABLE,
    timeout=_TIMEOUT,
    interval=5,
)
def get_object(
    call: Call,
    *,
    bucket: str,
    key: str,
    instance_id: str | None = None,
    path: str | None = None,
    **common: Unpack[Changing],
) -> GetObjectResult | Pending:
    """Read an object's text into the result, or write objects to files of an instance.

    The instance fetches the objects itself with curl, from URLs that are signed for one object each and hold for an
    hour. It has to be managed by Systems Manager; it needs a way to S3, but no keys, no permissions for S3 and no AWS
    CLI. A file is replaced only when all bytes have arrived, and keeps its owner and mode; missing folders are made.

    (Amazon S3 User Guide, "Download and upload objects with presigned URLs".)

    A dry run finds the objects, and whether the instance can be reached; the text is read all the same.

    Parameters:
    bucket: name of the bucket, in this account; `region` if it, or the instance, is in another.
    key: key of the object. With instance_id, `*` (which matches "/" too) and `?` are wildcards; a backslash takes the
        next character as it is.
    instance_id: id of the instance; without it the text of the object, at most 32 KiB of UTF-8, becomes `content`.
    path: absolute path of the file; for wildcards, or if it ends with "/" (on Windows also a backslash), the folder for
        the files, which keep the folders that the wildcard stands for.

    Result: GetObjectResult.

    Errors:
    PartFailed: the object does not exist, the instance cannot be reached by Systems Manager, or an object could not be
        fetched in three tries.
    PartTimeout: not all was fetched when `timeout` ended; what runs on the instance was cancelled.
    InvalidParameter: instance_id without path or the reverse, a path that is not absolute, or text that is too large.

    Example:
        from lambdas.parts import s3, ssm
        from nightshift import flow


        @flow(timeout="1h")
        def take_over_the_configuration(bucket: str, instance_id: str):
            "Read which release is current, bring its configuration onto the instance, and let the service read it."
            release = s3.get_object(bucket=bucket, key="current.txt").content
            s3.get_object(bucket=bucket, key=f"releases/{release}/*", instance_id=instance_id, path="/etc/app/")
            ssm.run_command(instance_id=instance_id, command="systemctl reload app", timeout="5m")
    """
    check_names(bucket, key)
    if bool(instance_id) != bool(path):
        raise InvalidParameter("instance_id and path belong together")
    if not instance_id or not path:
        if has_wildcard(key):
            raise InvalidParameter(f"key={key!r} may mean several objects; without instance_id give one key")
        return _get_text(call, bucket, key)
    remote = Remote(call, instance_id, seconds(common.get("timeout", _TIMEOUT)))
    return get_files(call, remote, bucket, key, path, GetObjectResult())


def _get_text(call: Call, bucket: str, key: str) -> GetObjectResult:
    """The text of one object.

    Raises InvalidParameter when it is larger than a state can carry, or no text.
    """
    name = uri(bucket, key)
    try:
        answer = call.client("s3").get_object(Bucket=bucket, Key=key)
    except Exception as error:
        code = aws_errors.code(error)
        if code != "NoSuchKey":
            raise
        failed = [Failure(name, code, "there is no such object")]
        return GetObjectResult(matched=[name], failed=failed, summary="0 objects read, 1 failed")
    size = answer["ContentLength"]
    if size > MOST_TEXT:
        raise InvalidParameter(f"{name} has {size} bytes; a result takes {MOST_TEXT}. Give instance_id and path.")
    try:
        text = answer["Body"].read().decode()
    except UnicodeDecodeError as error:
        raise InvalidParameter(f"{name} is no text in UTF-8 ({error.reason})") from None
    record = ObjectRecord(bucket, key, size, str(answer.get("VersionId", "")))
    return GetObjectResult(matched=[name], content=text, objects=[record], bytes=size, summary="1 object read")
