"""Objects to S3 from other objects: each copied as it is, large ones part by part."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Generic
from urllib.parse import urlencode

from lambdas.contract import aws_errors
from lambdas.contract.part import Call, Pending
from lambdas.engine.pacing import MARGIN
from lambdas.engine.progress import Progress
from lambdas.engine.selection import has_wildcard
from lambdas.parts.s3 import _multipart
from lambdas.parts.s3._multipart import abort, begin, complete, part_ranges, parts
from lambdas.parts.s3._objects import ObjectRecord, R, below, find, head, is_marked, marks, uri, written

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

_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})


class Copy(Generic[R]):
    """In the state: `todo` what is to be copied, as [source key, target key, size]; `done` records of those copied;
    `upload` id of the multipart upload of the first of `todo`."""

    def __init__(
        self, call: Call, source: tuple[str, str], bucket: str, key: str, content_type: str | None, kind: type[R]
    ) -> None:
        self.call = call
        self.content_type = content_type
        self.kind = kind
        self.client = call.client("s3")
        self.source, self.pattern = source
        self.bucket = bucket
        self.key = key
        self.state = call.state
        self.progress = Progress(call.state)

    @property
    def planned(self) -> bool:
        """Whether it is settled what is copied."""
        return "todo" in self.state

    def plan(self) -> R | Pending:
        """Settle what is copied; nothing is written."""
        self.state.clear()
        found = list(find(self.client, self.source, self.pattern))
        if not found and not has_wildcard(self.pattern):
            self.progress.fail([uri(self.source, self.pattern)], "NoSuchKey", "there is no such object")
        folder = has_wildcard(self.pattern) or self.key.endswith("/")
        prefix = self.key if self.key.endswith("/") or not folder else f"{self.key}/"
        todo = [[o["Key"], prefix + below(o["Key"], self.pattern) if folder else self.key, o["Size"]] for o in found]
        self.state.update(todo=todo, done=[], planned_at=self.call.now())
        if self.call.dry_run:
            self.state["done"] = [asdict(ObjectRecord(self.bucket, target, size)) for _, target, size in todo]
        if self.call.dry_run or not todo:
            return self.finish("would write" if self.call.dry_run else "written")
        return self._pending(wait=1)

    def go_on(self) -> R | Pending:
        """Copy as many as the time of this invocation allows."""
        begun = False
        while self.state["todo"]:
            if begun and self.call.remaining() < MARGIN:
                return self._pending(wait=1)
            begun = True
            source, target, size = self.state["todo"][0]
            try:
                waiting = self._copy(source, target, size)
            except Exception as error:
                code = aws_errors.code(error)
                if not code or aws_errors.is_throttling(error) or aws_errors.is_unavailable(error):
                    raise
                text = "there is no such object any more" if code in _MISSING else aws_errors.message(error)
                self.progress.fail([uri(self.source, source)], code, text)
                waiting = False
            if waiting:
                return self._pending(wait=1)
            self.state["todo"].pop(0)
            if upload := self.state.pop("upload", None):
                abort(self.client, self.bucket, target, upload)
        return self.finish("written")

    def _copy(self, source: str, target: str, size: int) -> bool:
        """Copy one object; True when there is more to do for it."""
        if "upload" not in self.state:
            found = head(self.client, self.bucket, target)
            if is_marked(found, self.call.run):
                self._done(target, size, str((found or {}).get("VersionId", "")))
                return False
        about = self.client.head_object(Bucket=self.source, Key=source)
        if self.content_type:
            about["ContentType"] = self.content_type
        if size > _multipart.PART:
            return self._copy_parts(source, target, size, about)
        kept = {name: about[name] for name in _KEPT if name in about}
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
        self._done(target, size, str(answer.get("VersionId", "")))
        return False

    def _copy_parts(self, source: str, target: str, size: int, about: dict[str, Any]) -> bool:
        """Copy a large object part by part, as far as the time allows; True when there is more to do."""
        upload = self.state.get("upload")
        if upload is None:
            kept = {name: about[name] for name in _KEPT if name in about}
            tags = self.client.get_object_tagging(Bucket=self.source, Key=source)["TagSet"]
            if tags:
                kept["Tagging"] = urlencode({t["Key"]: t["Value"] for t in tags})
            since = self.state["planned_at"]
            with _expires(self.client, about):
                self.state["upload"] = begin(self.client, self.call, self.bucket, target, since, kept)
            return True
        etags = {n: p["ETag"] for n, p in parts(self.client, self.bucket, target, upload).items()}
        if not etags and is_marked(found := head(self.client, self.bucket, target), self.call.run):
            # Completed by an invocation whose answer was lost.
            del self.state["upload"]
            self._done(target, size, str((found or {}).get("VersionId", "")))
            return False
        for number, first, length in part_ranges(size):
            if number in etags:
                continue
            if self.call.remaining() < MARGIN:
                return True
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
        version = complete(self.client, self.call, self.bucket, target, upload, etags)
        del self.state["upload"]
        self._done(target, size, version)
        return False

    def _done(self, target: str, size: int, version: str) -> None:
        self.state["done"].append(asdict(ObjectRecord(self.bucket, target, size, version)))

    def _pending(self, wait: int | None = None) -> Pending:
        count = len(self.state["todo"])
        waiting_for = f"{count} objects of {self.source} to be copied to {self.bucket}"
        return Pending(self.state, waiting_for, wait=wait, give_up=self.give_up)

    def give_up(self) -> R:
        """The result at the end of the timeout."""
        if upload := self.state.pop("upload", None):
            abort(self.client, self.bucket, self.state["todo"][0][1], upload)
        left = [uri(self.source, source) for source, _, _ in self.state["todo"]]
        self.progress.fail(left, "Timeout", "was not copied in time")
        return self.finish("written")

    def finish(self, verb: str) -> R:
        """The result."""
        return written(self.progress, [ObjectRecord(**o) for o in self.state["done"]], verb, self.kind)


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
