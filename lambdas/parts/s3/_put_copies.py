"""Objects to S3 from other objects: each is copied as it is, a large one part by part over as many invocations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from lambdas.contract.part import Call, Pending
from lambdas.engine.pacing import MARGIN
from lambdas.engine.progress import Progress
from lambdas.engine.selection import has_wildcard
from lambdas.engine.stages import DONE, Each, Failed, Stages, Verdict, Verdicts
from lambdas.parts.s3._multipart import abort, begin, complete, is_large, part_ranges, parts
from lambdas.parts.s3._objects import MISSING, ObjectRecord, R, below, find, head, is_marked, marks, uri, written

_KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Metadata",
    "StorageClass",
    "WebsiteRedirectLocation",
)
"""What CopyObject copies unless the metadata is replaced, and what a copy in parts has to be given."""


def put_copies(
    call: Call, source: tuple[str, str], bucket: str, key: str, content_type: str | None, result: R
) -> R | Pending:
    """One invocation of copying what `source`, bucket and pattern, stands for to `key`."""
    copies = _Copies(call, source, bucket, key, content_type)
    stages = [
        Each(
            "todo",
            f"{{n}} objects of {source[0]} to be copied to {bucket}",
            copies.late,
            request=copies.copy,
            then=copies.copied,
            refused=copies.refused,
            denied="one",
            asks=lambda name: False,
            named=None,
        )
    ]
    copies.stages = Stages(call, stages, verb="write", done="written", noun="object", upgrades={0: copies.upgrade})
    return copies.stages.run(copies.plan, result, copies.finish)


class _Copies:
    """What is copied, named by the uri of its source. Noted in the state: `copies`, source -> [key, bytes]; `versions`
    of what was written; `uploads`, source -> id of the multipart upload; `planned_at`."""

    stages: Stages

    def __init__(self, call: Call, source: tuple[str, str], bucket: str, key: str, content_type: str | None) -> None:
        self.call = call
        self.client = call.client("s3")
        self.source, self.pattern = source
        self.bucket = bucket
        self.key = key
        self.content_type = content_type

    def plan(self) -> Verdicts:
        """All that the pattern matches."""
        folder = has_wildcard(self.pattern) or self.key.endswith("/")
        prefix = self.key if self.key.endswith("/") or not folder else f"{self.key}/"
        copies = {}
        for found in find(self.client, self.source, self.pattern):
            target = prefix + below(found["Key"], self.pattern) if folder else self.key
            copies[uri(self.source, found["Key"])] = [target, found["Size"]]
        self.call.state.update(copies=copies, versions={}, uploads={}, planned_at=self.call.now())
        if not copies and not has_wildcard(self.pattern):
            yield uri(self.source, self.pattern), Failed("NoSuchKey", "there is no such object")
        yield from ((name, "todo") for name in copies)

    def copy(self, name: str, dry_run: bool) -> str | None:
        """Copy one object, or as much of a large one as the time allows; the version id, None when there is more."""
        target, size = self.call.state["copies"][name]
        if name not in self.call.state["uploads"]:
            found = head(self.client, self.bucket, target)
            if found and is_marked(found, self.call.run):
                return str(found.get("VersionId", ""))
        source = name.removeprefix(uri(self.source, ""))
        about = self.client.head_object(Bucket=self.source, Key=source)
        if self.content_type:
            about["ContentType"] = self.content_type
        kept = {field: about[field] for field in _KEPT if field in about}
        if is_large(size):
            return self._copy_parts(name, source, target, size, about, kept)
        kept["Metadata"] = {**kept.get("Metadata", {}), **marks(self.call.run)}
        with _expires(self.client, about):
            answer = self.client.copy_object(
                Bucket=self.bucket,
                Key=target,
                CopySource={"Bucket": self.source, "Key": source},
                CopySourceIfMatch=about["ETag"],
                MetadataDirective="REPLACE",
                **kept,
            )
        return str(answer.get("VersionId", ""))

    def _copy_parts(
        self, name: str, source: str, target: str, size: int, about: dict[str, Any], kept: dict[str, Any]
    ) -> str | None:
        """Begin the upload, whose id has to be known to the state machine before there are parts; then copy them."""
        upload = self.call.state["uploads"].get(name)
        if upload is None:
            tags = self.client.get_object_tagging(Bucket=self.source, Key=source)["TagSet"]
            if tags:
                kept["Tagging"] = urlencode({t["Key"]: t["Value"] for t in tags})
            with _expires(self.client, about):
                upload = begin(self.client, self.call, self.bucket, target, self.call.state["planned_at"], kept)
            self.call.state["uploads"][name] = upload
            return None
        etags = {n: p["ETag"] for n, p in parts(self.client, self.bucket, target, upload).items()}
        if not etags and is_marked(found := head(self.client, self.bucket, target), self.call.run):
            # Completed by an invocation whose answer was lost.
            return str((found or {}).get("VersionId", ""))
        for number, first, length in part_ranges(size):
            if number in etags:
                continue
            if self.call.remaining() < MARGIN:
                return None
            answer = self.client.upload_part_copy(
                Bucket=self.bucket,
                Key=target,
                UploadId=upload,
                PartNumber=number,
                CopySource={"Bucket": self.source, "Key": source},
                CopySourceIfMatch=about["ETag"],
                CopySourceRange=f"bytes={first}-{first + length - 1}",
            )
            etags[number] = answer["CopyPartResult"]["ETag"]
        return complete(self.client, self.call, self.bucket, target, upload, etags)

    def copied(self, names: list[str], version: str | None) -> Verdicts:
        """It is written, or there is more to copy of it."""
        (name,) = names
        if version is None:
            self.stages.wait = 1
            yield name, "todo"
        else:
            self.call.state["uploads"].pop(name, None)
            self.call.state["versions"][name] = version
            yield name, DONE

    def refused(self, name: str, code: str, message: str) -> Verdict | None:
        """One that S3 refused to copy leaves no parts behind."""
        self._abort(name)
        return Failed(code, "there is no such object any more") if code in MISSING else None

    def late(self, name: str) -> Failed:
        """One that is not copied when the timeout ends leaves no parts behind."""
        self._abort(name)
        return Failed("Timeout", "was not copied in time")

    def _abort(self, name: str) -> None:
        if upload := self.call.state["uploads"].pop(name, None):
            abort(self.client, self.bucket, self.call.state["copies"][name][0], upload)

    def finish(self, result: R) -> None:
        """Tell what was written, where it is now."""
        versions = self.call.state["versions"]
        done = self.stages.progress.ids(DONE)
        copies = [(name, *self.call.state["copies"][name]) for name in done]
        written(result, [ObjectRecord(self.bucket, key, size, versions.get(name, "")) for name, key, size in copies])

    def upgrade(self, state: dict[str, Any]) -> None:
        """The state of the code before there were versions.

        `todo` was what is to be copied, as [source key, key, bytes], and `upload` was of its first; `done` were records
        of those copied, whose sources are not known any more.
        """
        if "todo" not in state:
            state.clear()
            return
        left = {uri(self.source, source): [key, size] for source, key, size in state.pop("todo")}
        done = {uri(record["bucket"], record["key"]): record for record in state.pop("done")}
        upload = state.pop("upload", None)
        state["copies"] = left | {name: [record["key"], record["size"]] for name, record in done.items()}
        state["versions"] = {name: record["version_id"] for name, record in done.items()}
        state["uploads"] = {name: upload for name in list(left)[:1] if upload}
        progress = Progress(state)
        progress.put("todo", left)
        progress.put(DONE, done)


@contextmanager
def _expires(client: Any, about: dict[str, Any]) -> Iterator[None]:
    """Requests inside carry the header Expires as the source has it.

    S3 keeps any text there, "0" or "never" too; the SDK would take nothing but a date (Amazon S3 API Reference,
    "HeadObject", ExpiresString in boto3).
    """
    text = about.get("ExpiresString")

    def add(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["Expires"] = text

    events = ("before-call.s3.CopyObject", "before-call.s3.CreateMultipartUpload") if text else ()
    for event in events:
        client.meta.events.register(event, add)
    try:
        yield
    finally:
        for event in events:
            client.meta.events.unregister(event, add)
