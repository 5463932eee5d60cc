"""Parts for objects in S3."""

from __future__ import annotations

import re
from typing import Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Pending, part, seconds
from lambdas.engine.selection import has_wildcard
from lambdas.parts.s3._objects import parse_uri
from lambdas.parts.s3._put_file import FileUpload
from lambdas.parts.s3.delete_object import DeleteObjectResult, Deletion
from lambdas.parts.s3.get_object import FileDownload, GetObjectResult, get_text
from lambdas.parts.s3.put_object import Copy, PutObjectResult, put_text
from lambdas.parts.ssm._remote import Remote

_TIMEOUT = "3h"
_MOST = 100_000

# The bucket is known only when the flow runs; it has to be in this account. `*` in the ARN of a bucket matches "/" too,
# so the two kinds of resources cannot be told apart by their ARNs, only by the actions.
_BUCKETS = ("arn:${AWS::Partition}:s3:::*",)
_OBJECTS = ("arn:${AWS::Partition}:s3:::*/*",)
_OWN = {"StringEquals": {"s3:ResourceAccount": "${AWS::AccountId}"}}

# The readers, and CancelCommand, cannot be restricted to a resource. Which instance is known only when the flow runs;
# the documents are AWS's own, which have no account.
_RUN_COMMAND = (
    Allow(
        (
            "ssm:CancelCommand",
            "ssm:DescribeInstanceInformation",
            "ssm:ListCommandInvocations",
            "ssm:ListCommands",
        )
    ),
    Allow(
        ("ssm:SendCommand",),
        (
            "arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:instance/*",
            "arn:${AWS::Partition}:ssm:*::document/AWS-RunPowerShellScript",
            "arn:${AWS::Partition}:ssm:*::document/AWS-RunShellScript",
        ),
    ),
)


@part(
    allow=(
        # PutObject also begins, fills and completes multipart uploads; copies take the tags of their source along.
        Allow(
            (
                "s3:AbortMultipartUpload",
                "s3:GetObject",
                "s3:GetObjectTagging",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
                "s3:PutObjectTagging",
            ),
            _OBJECTS,
            _OWN,
        ),
        Allow(("s3:ListBucket", "s3:ListBucketMultipartUploads"), _BUCKETS, _OWN),
        *_RUN_COMMAND,
    ),
    timeout=_TIMEOUT,
    interval=5,
)
def put_object(
    call: Call,
    *,
    bucket: str,
    key: str,
    body: str | None = None,
    source: str | None = None,
    instance_id: str | None = None,
    path: str | list[str] | None = None,
    content_type: str | None = None,
    **common: Unpack[Common],
) -> PutObjectResult | Pending:
    """Write objects: text of the flow, other objects, or files of an instance.

    Files are sent by the instance itself with curl, to URLs that are signed for one object each and hold for an hour.
    The instance has to be managed by Systems Manager; it needs a way to S3, but no keys, no permissions for S3 and no
    AWS CLI. Large files and objects (over 256 MiB) go in parts; what was sent is not sent again (Amazon S3 User Guide,
    "Uploading and copying objects using multipart upload").

    An existing object is overwritten (a bucket with versions keeps it). What is written has the metadata nightshift-run
    and nightshift-call. A bucket encrypted with a KMS key needs a key policy that lets the role of this part use it.

    A dry run lists what would be written; for files it runs a script on the instance that only lists them.

    Parameters:
    bucket: name of the bucket, in this account; `region` if it, or the instance, is in another.
    key: key of the object; of several, or if it ends with "/", the folder they are put in under their own names.
    body: the text to write.
    source: an object to copy, "s3://bucket/key"; with `*` and `?` several, below the folder before the first wildcard.
    instance_id: id of the instance whose files are taken.
    path: absolute path of the file, or a list; `*` and `?` are those of the shell, which stop at folders.
    content_type: media type; default: text/plain for body, the source's for source, by the name's ending for files.

    Result: PutObjectResult.

    Errors:
    PartFailed: a source or file does not exist, two files have the same name, the instance cannot be reached by Systems
        Manager, or a file could not be sent in three tries.
    PartTimeout: not all was written when `timeout` ended; what runs on the instance was cancelled.
    InvalidParameter: not exactly one of body, source, and instance_id with path is given, or path is not absolute.
    """
    given = [body is not None, source is not None, instance_id is not None or path is not None]
    if sum(given) != 1:
        raise InvalidParameter("give one of body, source, and instance_id with path")
    _check(bucket, key)
    if body is not None:
        return put_text(call, bucket, key, body, content_type or "text/plain; charset=utf-8")
    if source is not None:
        copy = Copy(call, parse_uri(source), bucket, key, content_type)
        return copy.go_on() if copy.planned else copy.plan()
    paths = [path] if isinstance(path, str) else path
    if not instance_id or not paths:
        raise InvalidParameter("instance_id and path belong together")
    remote = Remote(call, instance_id, seconds(common.get("timeout", _TIMEOUT)))
    return FileUpload(call, remote, paths, bucket, key, content_type).go_on()


@part(
    allow=(
        Allow(("s3:GetObject",), _OBJECTS, _OWN),
        Allow(("s3:ListBucket",), _BUCKETS, _OWN),
        *_RUN_COMMAND,
    ),
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
    **common: Unpack[Common],
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
    """
    _check(bucket, key)
    if bool(instance_id) != bool(path):
        raise InvalidParameter("instance_id and path belong together")
    if not instance_id or not path:
        if has_wildcard(key):
            raise InvalidParameter(f"key={key!r} may mean several objects; without instance_id give one key")
        return get_text(call, bucket, key)
    remote = Remote(call, instance_id, seconds(common.get("timeout", _TIMEOUT)))
    return FileDownload(call, remote, bucket, key, path).go_on()


@part(
    allow=(
        Allow(("s3:DeleteObject", "s3:DeleteObjectVersion"), _OBJECTS, _OWN),
        Allow(("s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions"), _BUCKETS, _OWN),
    ),
    timeout="1h",
    interval=5,
)
def delete_object(
    call: Call,
    *,
    bucket: str,
    key: str | list[str] | None = None,
    prefix: str | None = None,
    limit: int | None = None,
    versions: bool = False,
    **common: Unpack[Common],
) -> DeleteObjectResult | Pending:
    """Delete objects, one by one or by wildcard or prefix.

    By wildcard or prefix, `limit` has to be stated: when more objects match, nothing is deleted at all.

    In a bucket that keeps versions, what was deleted can be recovered unless versions=True. A dry run lists exactly
    what would be deleted (Amazon S3 User Guide, "Deleting object versions from a versioning-enabled bucket").

    Parameters:
    bucket: name of the bucket, in this account; `region` if it is in another.
    key: key of the object, or a list; `*` (which matches "/" too) and `?` are wildcards, a backslash takes the next
        character as it is. A key without an object is skipped.
    prefix: text that the keys begin with, taken literally.
    limit: the most objects (with versions=True: versions) that may be deleted, up to 100,000. For more, a lifecycle
        rule of the bucket is the better tool.
    versions: delete all versions and delete markers for good.

    Result: DeleteObjectResult.

    Errors:
    PartFailed: S3 refused to delete an object (object lock, bucket policy, ...); its reason is given.
    AccessDenied: the role may not delete in the bucket.
    InvalidParameter: neither key nor prefix is given, limit is missing, or more objects match than it allows.
    """
    keys = [key] if isinstance(key, str) else list(key or [])
    if prefix:
        keys.append(re.sub(r"([*?\\])", r"\\\1", prefix) + "*")
    if not keys and key != []:
        raise InvalidParameter("give key or prefix; without either nothing is selected")
    for one in keys:
        _check(bucket, one)
    several = any(has_wildcard(one) for one in keys)
    if several and limit is None:
        raise InvalidParameter("state limit: the most objects that a wildcard or prefix may delete")
    if limit is not None and not 1 <= limit <= _MOST:
        raise InvalidParameter(f"limit={limit}; write 1 to {_MOST}")
    deletion = Deletion(call, bucket, keys, versions=versions, limit=limit)
    return deletion.go_on() if deletion.planned else deletion.plan()


def _check(bucket: str, key: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{1,62}", bucket):
        raise InvalidParameter(f"bucket={bucket!r} is not the name of a bucket")
    if not key or len(key.encode()) > 1024:
        raise InvalidParameter(f"key={key[:100]!r} is empty or has more than 1,024 bytes")
