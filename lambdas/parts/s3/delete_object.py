"""s3.delete_object: list, give the list to the state machine, delete a thousand at once.

Where a bucket keeps versions, a repeated deletion would put one delete marker on another. So what a lost invocation
has deleted is looked for before going on; in other buckets, and with versions named, a repetition changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import AccessDenied, InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Pending, part
from lambdas.engine.pacing import MARGIN
from lambdas.engine.progress import Progress, summary
from lambdas.engine.selection import has_wildcard, wildcards
from lambdas.parts.s3._objects import PAGE, SHOWN, ObjectRecord, ObjectsResult, check_names, find, literal, uri
from lambdas.parts.s3._permissions import BUCKETS, OBJECTS, OWN

_AGAIN = frozenset({"InternalError", "ServiceUnavailable", "SlowDown"})
_MOST = 100_000


@dataclass
class DeleteObjectResult(ObjectsResult):
    """Result of s3.delete_object.

    matched, changed: "s3://bucket/key", with versions=True "s3://bucket/key?versionId=id".
    skipped: keys that do not exist.
    objects: the first 100 of those deleted.
    bytes: size of those deleted in all.
    recoverable: whether the bucket keeps the versions of what was deleted.
    """

    recoverable: bool = False


@part(
    allow=(
        Allow(("s3:DeleteObject", "s3:DeleteObjectVersion"), OBJECTS, OWN),
        Allow(("s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions"), BUCKETS, OWN),
    ),
    cost="Requests for listing; deletions are free. Versions that are kept go on costing.",
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

    Example:
        from lambdas.parts import s3
        from nightshift import flow


        @flow(timeout="30m")
        def clear_the_inbox(bucket: str, day: str) -> int:
            "Delete what was delivered on a day, but never more than a day can bring."
            cleared = s3.delete_object(bucket=bucket, prefix=f"inbox/{day}/", limit=5000)
            s3.delete_object(bucket=bucket, key=["inbox/_lock", "inbox/*.tmp"], limit=100)
            return cleared.bytes
    """
    keys = [key] if isinstance(key, str) else list(key or [])
    if prefix:
        keys.append(re.sub(r"([*?\\])", r"\\\1", prefix) + "*")
    if not keys and key != []:
        raise InvalidParameter("give key or prefix; without either nothing is selected")
    for one in keys:
        check_names(bucket, one)
    several = any(has_wildcard(one) for one in keys)
    if several and limit is None:
        raise InvalidParameter("state limit: the most objects that a wildcard or prefix may delete")
    if limit is not None and not 1 <= limit <= _MOST:
        raise InvalidParameter(f"limit={limit}; write 1 to {_MOST}")
    deletion = Deletion(call, bucket, keys, versions=versions, limit=limit)
    return deletion.go_on() if deletion.planned else deletion.plan()


class Deletion:
    """In the state: `objects` all that go, as [key, version id, size]; `left` how many at their end are still there."""

    def __init__(self, call: Call, bucket: str, keys: list[str], *, versions: bool, limit: int | None) -> None:
        self.call = call
        self.client = call.client("s3")
        self.bucket = bucket
        self.keys = keys
        self.versions = versions
        self.limit = limit
        self.state = call.state
        self.progress = Progress(call.state)

    @property
    def planned(self) -> bool:
        """Whether it is settled what goes."""
        return "objects" in self.state

    def plan(self) -> DeleteObjectResult | Pending:
        """Settle what goes; nothing is deleted.

        Raises InvalidParameter when that is more than the limit.
        """
        self.state.clear()
        found: dict[tuple[str, str], int] = {}
        for key in self.keys:
            before = len(found)
            for name, version, size in self._listed(key):
                found[name, version] = size
                if self.limit is not None and len(found) > self.limit:
                    raise InvalidParameter(
                        f"{uri(self.bucket, key)} matches more than limit={self.limit}; nothing was deleted. "
                        "Look with dry_run=True and a higher limit at what it matches."
                    )
            if len(found) == before and not has_wildcard(key):
                self.progress.skip([uri(self.bucket, key)], "does not exist")
                self.progress.add("excluded", [uri(self.bucket, key)])
        self.state["objects"] = [[key, version, size] for (key, version), size in found.items()]
        self.state["left"] = self.state["objects"]
        if found and not self.versions:
            self.state["keeps"] = self.client.get_bucket_versioning(Bucket=self.bucket).get("Status") == "Enabled"
        if self.call.dry_run or not found:
            self.state["left"] = []
            return self.finish("would delete" if self.call.dry_run else "deleted")
        return Pending(self.state, self._awaited(), wait=1)

    def _listed(self, key: str) -> Iterator[tuple[str, str, int]]:
        if not self.versions:
            yield from ((o["Key"], "", o["Size"]) for o in find(self.client, self.bucket, key))
            return
        matches = wildcards(key)
        pages = self.client.get_paginator("list_object_versions").paginate(
            Bucket=self.bucket, Prefix=literal(key), PaginationConfig={"PageSize": PAGE}
        )
        for page in pages:
            found = page.get("Versions", []) + page.get("DeleteMarkers", [])
            for version in found:
                if matches.fullmatch(version["Key"]):
                    yield version["Key"], version["VersionId"], version.get("Size", 0)
            if not has_wildcard(key) and any(version["Key"] != key for version in found):
                # The key itself comes before those that begin with it.
                return

    def go_on(self) -> DeleteObjectResult | Pending:
        """Delete as many as the time of this invocation allows."""
        left = self.state["left"]
        if self.state.get("keeps"):
            there = {name for key in self.keys for name, _, _ in self._listed(key)}
            left = [o for o in left if o[0] in there]
        for start in range(0, len(left), PAGE):
            if start and self.call.remaining() < MARGIN:
                self.state["left"] = left[start:] + self.state.get("again", [])
                return self._pending(wait=1)
            self._delete(left[start : start + PAGE])
        self.state["left"] = self.state.pop("again", [])
        return self._pending() if self.state["left"] else self.finish("deleted")

    def _delete(self, batch: list[list[Any]]) -> None:
        """Delete a thousand at most; what S3 had no time for is kept under `again`."""
        wanted = [{"Key": key, **({"VersionId": version} if version else {})} for key, version, _ in batch]
        try:
            answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": wanted})
        except Exception as error:
            if not (aws_errors.is_throttling(error) or aws_errors.is_unavailable(error)):
                raise
            self.state.setdefault("again", []).extend(batch)
            return
        sizes = {(key, version): size for key, version, size in batch}
        denied = 0
        for refused in answer.get("Errors", []):
            key, version, code = refused["Key"], refused.get("VersionId", ""), refused["Code"]
            if code in _AGAIN:
                self.state.setdefault("again", []).append([key, version, sizes.get((key, version), 0)])
            else:
                denied += code in aws_errors.DENIED
                self.progress.fail([uri(self.bucket, key, version)], code, refused.get("Message", ""))
        if denied == len(self.state["objects"]):
            raise AccessDenied(f"the role may not delete in {self.bucket}: {answer['Errors'][0].get('Message', '')}")

    def _pending(self, wait: int | None = None) -> Pending:
        return Pending(self.state, self._awaited(), wait=wait, give_up=self.give_up)

    def _awaited(self) -> str:
        return f"{len(self.state['left'])} objects in {self.bucket} to be deleted"

    def give_up(self) -> DeleteObjectResult:
        """The result at the end of the timeout."""
        left = [uri(self.bucket, key, version) for key, version, _ in self.state["left"]]
        self.progress.fail(left, "Timeout", "was not deleted in time")
        return self.finish("deleted")

    def finish(self, verb: str) -> DeleteObjectResult:
        """The result."""
        failed = {f.id for f in self.progress.failed()}
        gone = [o for o in self.state["objects"] if uri(self.bucket, o[0], o[1]) not in failed]
        result = DeleteObjectResult(
            objects=[ObjectRecord(self.bucket, key, size, version) for key, version, size in gone[:SHOWN]],
            bytes=sum(size for _, _, size in gone),
            recoverable=bool(self.state.get("keeps")),
        )
        self.progress.fill(result, changed=[uri(self.bucket, key, version) for key, version, _ in gone])
        noun = "version" if self.versions else "object"
        result.summary = summary(verb, noun, result.changed, len(result.skipped), result.failed)
        if result.recoverable and gone:
            result.summary += f"; {self.bucket} keeps their versions"
        return result
