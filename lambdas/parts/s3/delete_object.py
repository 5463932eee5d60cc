"""s3.delete_object: list, give the list to the state machine, delete a thousand at once.

Where a bucket keeps versions, a repeated deletion would put one delete marker on another. So what a lost invocation
has deleted is looked for before going on; in other buckets, and with versions named, a repetition changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Unpack

from lambdas.contract.aws_errors import DENIED, as_part_errors
from lambdas.contract.errors import AccessDenied, InvalidParameter
from lambdas.contract.part import Allow, Call, Changing, Pending, part
from lambdas.engine.pacing import Bucket
from lambdas.engine.progress import Progress
from lambdas.engine.selection import has_wildcard, wildcards
from lambdas.engine.stages import DONE, Batch, Failed, Skipped, Stages, Verdicts
from lambdas.parts.s3._objects import PAGE, SHOWN, ObjectRecord, ObjectsResult, check_names, find, literal, uri
from lambdas.parts.s3._permissions import BUCKETS, OBJECTS, OWN

_RATE = Bucket(3500, 3500)
"""Keys in a second. Amazon S3 User Guide, "Best practices design patterns: optimizing Amazon S3 performance"."""

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
        Allow(("s3:DeleteObject", "s3:DeleteObjectVersion"), OBJECTS, OWN, named_by="bucket"),
        Allow(("s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions"), BUCKETS, OWN, named_by="bucket"),
    ),
    cost="Requests for listing; deletions are free. Versions that are kept go on costing.",
    timeout="1h",
    interval=5,
    one_of=(("key", "prefix"),),
)
def delete_object(
    call: Call,
    *,
    bucket: str,
    key: str | list[str] | None = None,
    prefix: str | None = None,
    limit: int | None = None,
    versions: bool = False,
    **common: Unpack[Changing],
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
    patterns = _patterns(bucket, key, prefix, limit)
    targets = _Targets(call, bucket, patterns, versions=versions, limit=limit)
    stages = [
        Batch(
            "todo",
            f"{{n}} objects in {bucket} to be deleted",
            "was not deleted in time",
            request=targets.delete,
            then=targets.deleted,
            asks=lambda name: False,
            named=None,
            size=PAGE,
            bucket=_RATE,
        )
    ]
    noun = "version" if versions else "object"
    deletion = Stages(call, stages, verb="delete", done="deleted", noun=noun, upgrades={0: targets.upgrade})
    return deletion.run(targets.plan, DeleteObjectResult(), targets.finish)


def _patterns(bucket: str, key: str | list[str] | None, prefix: str | None, limit: int | None) -> list[str]:
    """The keys that were given, the prefix as one with a wildcard.

    Raises InvalidParameter when they, or the limit, are not as delete_object needs them.
    """
    patterns = [key] if isinstance(key, str) else list(key or [])
    if prefix:
        patterns.append(re.sub(r"([*?\\])", r"\\\1", prefix) + "*")
    if not patterns and key != []:
        raise InvalidParameter("give key or prefix; without either nothing is selected")
    for pattern in patterns:
        check_names(bucket, pattern)
    if limit is None and any(has_wildcard(pattern) for pattern in patterns):
        raise InvalidParameter("state limit: the most objects that a wildcard or prefix may delete")
    if limit is not None and not 1 <= limit <= _MOST:
        raise InvalidParameter(f"limit={limit}; write 1 to {_MOST}")
    return patterns


class _Targets:
    """What goes. Noted in the state: `sizes`, object or version -> bytes, and whether the bucket `keeps` versions."""

    def __init__(self, call: Call, bucket: str, patterns: list[str], *, versions: bool, limit: int | None) -> None:
        self.call = call
        self.client = call.client("s3")
        self.bucket = bucket
        self.patterns = patterns
        self.versions = versions
        self.limit = limit

    def plan(self) -> Verdicts:
        """All that match.

        Raises InvalidParameter when that is more than the limit.
        """
        sizes: dict[str, int] = {}
        for pattern in self.patterns:
            before = len(sizes)
            for key, version, size in self._listed(pattern):
                sizes[uri(self.bucket, key, version)] = size
                if self.limit is not None and len(sizes) > self.limit:
                    raise InvalidParameter(
                        f"{uri(self.bucket, pattern)} matches more than limit={self.limit}; nothing was deleted. "
                        "Look with dry_run=True and a higher limit at what it matches."
                    )
            if len(sizes) == before and not has_wildcard(pattern):
                yield uri(self.bucket, pattern), Skipped("does not exist", matched=False)
        if sizes and not self.versions:
            self.call.state["keeps"] = self.client.get_bucket_versioning(Bucket=self.bucket).get("Status") == "Enabled"
        self.call.state["sizes"] = sizes
        yield from ((name, "todo") for name in sizes)

    def delete(self, names: list[str], dry_run: bool) -> dict[str, Any]:
        """Delete a thousand at most; those that an earlier invocation has deleted are left out."""
        wanted = [name for name in names if name in self._there] if self.call.state.get("keeps") else names
        if not wanted:
            return {}
        keys = [self._key(name) for name in wanted]
        # An error is about the request: one object is refused in the answer.
        with as_part_errors(""):
            return dict(self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": keys}))

    def deleted(self, names: list[str], answer: dict[str, Any]) -> Verdicts:
        """What S3 has deleted, has refused to, and had no time for.

        Raises AccessDenied when it has refused all there is.
        """
        refused = {uri(self.bucket, e["Key"], e.get("VersionId", "")): e for e in answer.get("Errors", [])}
        if (
            all(refused[name]["Code"] in DENIED for name in refused)
            and refused.keys() == self.call.state["sizes"].keys()
        ):
            text = answer["Errors"][0].get("Message", "")
            raise AccessDenied(f"the role may not delete in {self.bucket}: {text}")
        for name in names:
            error = refused.get(name)
            if error is None:
                yield name, DONE
            else:
                yield name, "todo" if error["Code"] in _AGAIN else Failed(error["Code"], error.get("Message", ""))

    def finish(self, result: DeleteObjectResult) -> None:
        """Add what is gone."""
        changed = set(result.changed)
        gone = [(name, size) for name, size in self.call.state["sizes"].items() if name in changed]
        result.objects = [self._record(name, size) for name, size in gone[:SHOWN]]
        result.bytes = sum(size for _, size in gone)
        result.recoverable = bool(self.call.state.get("keeps"))
        if result.recoverable and gone:
            result.summary += f"; {self.bucket} keeps their versions"

    def upgrade(self, state: dict[str, Any]) -> None:
        """The state of the code before there were versions: all `objects`, those `left`, as [key, version, size]."""
        if "objects" not in state:
            state.clear()
            return
        progress = Progress(state)
        sizes = {uri(self.bucket, key, version): size for key, version, size in state.pop("objects")}
        left = [uri(self.bucket, key, version) for key, version, _ in state.pop("left") + state.pop("again", [])]
        progress.put("todo", left)
        progress.put(DONE, set(sizes) - set(left) - {failure.id for failure in progress.failed()})
        state["sizes"] = sizes

    @cached_property
    def _there(self) -> set[str]:
        """What there is as this invocation begins."""
        return {uri(self.bucket, key) for pattern in self.patterns for key, _, _ in self._listed(pattern)}

    def _listed(self, pattern: str) -> Iterator[tuple[str, str, int]]:
        """(key, version id, size) of what matches."""
        if not self.versions:
            yield from ((o["Key"], "", o["Size"]) for o in find(self.client, self.bucket, pattern))
            return
        matches = wildcards(pattern)
        pages = self.client.get_paginator("list_object_versions").paginate(
            Bucket=self.bucket, Prefix=literal(pattern), PaginationConfig={"PageSize": PAGE}
        )
        for page in pages:
            found = page.get("Versions", []) + page.get("DeleteMarkers", [])
            for version in found:
                if matches.fullmatch(version["Key"]):
                    yield version["Key"], version["VersionId"], version.get("Size", 0)
            if not has_wildcard(pattern) and any(version["Key"] != pattern for version in found):
                # The key itself comes before those that begin with it.
                return

    def _key(self, name: str) -> dict[str, str]:
        """An object or version as DeleteObjects names it."""
        key = name.removeprefix(uri(self.bucket, ""))
        if not self.versions:
            return {"Key": key}
        key, _, version = key.rpartition("?versionId=")
        return {"Key": key, "VersionId": version}

    def _record(self, name: str, size: int) -> ObjectRecord:
        found = self._key(name)
        return ObjectRecord(self.bucket, found["Key"], size, found.get("VersionId", ""))
