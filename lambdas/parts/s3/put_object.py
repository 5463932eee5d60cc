"""s3.put_object: text of the flow, other objects, or files of an instance become objects.

What is written carries the run and the call in its metadata, and is looked for before writing: a repeated invocation
neither makes a second version nor overwrites what came later. Text is one request, which has no stages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Changing, Pending, part, seconds
from lambdas.engine.progress import summary
from lambdas.parts.s3._objects import ObjectRecord, ObjectsResult, check_names, head, is_marked, marks, parse_uri, uri
from lambdas.parts.s3._permissions import BUCKETS, OBJECTS, OWN
from lambdas.parts.s3._put_copies import put_copies
from lambdas.parts.s3._put_files import put_files
from lambdas.parts.ssm._permissions import RUN_SCRIPTS, UNREACHABLE
from lambdas.parts.ssm._remote import Remote

_TIMEOUT = "3h"


@dataclass
class PutObjectResult(ObjectsResult):
    """Result of s3.put_object.

    matched, changed: "s3://bucket/key" of the objects to be written, and of those written.
    objects: the first 100 of those written; path is the file they came from.
    bytes: size of those written in all.
    """


@part(
    allow=(
        # PutObject also begins, fills and completes multipart uploads; copies take the tags of their source along.
        Allow(
            ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging"),
            OBJECTS,
            OWN,
            named_by="bucket",
        ),
        Allow(("s3:GetObject", "s3:GetObjectTagging"), OBJECTS, OWN),
        Allow(("s3:ListBucketMultipartUploads",), BUCKETS, OWN, named_by="bucket"),
        Allow(("s3:ListBucket",), BUCKETS, OWN),
        *RUN_SCRIPTS,
    ),
    cost="Requests and storage; copies to another Region also data transfer.",
    hints=UNREACHABLE,
    timeout=_TIMEOUT,
    interval=5,
    one_of=(("body", "source", "instance_id"),),
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
    **common: Unpack[Changing],
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

    Example:
        from lambdas.parts import notify, s3
        from nightshift import cron, flow


        @flow(schedule=cron("0 5 * * ? *", timezone="Asia/Tokyo"), timeout="2h")
        def keep_the_logs(bucket: str = "example-logs", instance_id: str = "i-0123456789abcdef0"):
            "Keep the logs of the night outside of the instance, copy them to the archive, and leave a note there."
            kept = s3.put_object(bucket=bucket, key="logs/", instance_id=instance_id, path="/var/log/app/*.log.gz")
            s3.put_object(bucket=f"{bucket}-archive", key="logs", source=f"s3://{bucket}/logs/*.gz")
            s3.put_object(bucket=bucket, key="logs/README.txt", body=kept.summary)
            if not kept.changed:
                notify.email(to="ops@example.com", subject=f"{instance_id} has written no logs", result=kept)
    """
    given = [body is not None, source is not None, instance_id is not None or path is not None]
    if sum(given) != 1:
        raise InvalidParameter("give one of body, source, and instance_id with path")
    check_names(bucket, key)
    if body is not None:
        return _put_text(call, bucket, key, body, content_type or "text/plain; charset=utf-8")
    if source is not None:
        return put_copies(call, parse_uri(source), bucket, key, content_type, PutObjectResult())
    paths = [path] if isinstance(path, str) else path
    if not instance_id or not paths:
        raise InvalidParameter("instance_id and path belong together")
    remote = Remote(call, instance_id, seconds(common.get("timeout", _TIMEOUT)))
    return put_files(call, remote, paths, bucket, key, content_type, PutObjectResult())


def _put_text(call: Call, bucket: str, key: str, text: str, content_type: str) -> PutObjectResult:
    """Write `text` as one object."""
    client = call.client("s3")
    body = text.encode()
    name = uri(bucket, key)
    version = ""
    if not call.dry_run:
        found = head(client, bucket, key)
        if is_marked(found, call.run):
            version = str((found or {}).get("VersionId", ""))
        else:
            answer = client.put_object(
                Bucket=bucket, Key=key, Body=body, ContentType=content_type, Metadata=marks(call.run)
            )
            version = str(answer.get("VersionId", ""))
    result = PutObjectResult(
        matched=[name], changed=[name], objects=[ObjectRecord(bucket, key, len(body), version)], bytes=len(body)
    )
    result.summary = summary("would write" if call.dry_run else "written", "object", [name], 0, [])
    return result
