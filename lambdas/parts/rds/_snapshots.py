"""Snapshots of DB instances and of clusters: finding them, what they are called, their records, and deleting them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, TypeVar

from lambdas.contract.part import Call, Changing, Common
from lambdas.engine.generations import Made, MakingResult
from lambdas.engine.progress import Progress
from lambdas.engine.rotation import Rotating
from lambdas.engine.selection import Ids, Selection, Tags, choose, tag_map, timestamp
from lambdas.engine.stages import DONE, Skipped, Verdict
from lambdas.engine.tags import FLOW, call_filter, tag_value
from lambdas.parts.rds._databases import CLUSTER, INSTANCE, PAGE, Kind

Snapshot = dict[str, Any]
"""A snapshot of either kind as JSON, under names that both have. `Id`: as results name it."""

DATABASE = "nightshift:database"
"""Tag on a snapshot: of which database this flow made it; of a cluster "cluster:shop"."""

SOURCE, SOURCE_DATABASE = "nightshift:source", "nightshift:source-database"
"""Tags on a copy: of which snapshot it is, and of which database that was. A copy has not the tag DATABASE, so that the
rotation of the snapshots themselves never counts it."""

_LONGEST = 255
_KEPT = ("AllocatedStorage", "Engine", "EngineVersion", "KmsKeyId", "PercentProgress", "SnapshotType", "Status")


class SelectDBSnapshots(Common, total=False):
    """Which snapshots a part acts on.

    db_snapshot_identifier: names or ARNs, as a list or as "before-release;monthly"; of a cluster
        "cluster-snapshot:monthly", as its ARN ends.
    tag: "Purpose=test", or a list of which all must match, of snapshots of DB instances and of clusters; `*` and `?`
        are wildcards. With db_snapshot_identifier: of those, the ones with the tag.
    exclude_tag: snapshots with one of these tags are left alone.
    """

    db_snapshot_identifier: Ids
    tag: Tags
    exclude_tag: Tags


class ChangeDBSnapshots(SelectDBSnapshots, Changing, total=False):
    """Which snapshots a part changes, and within which guard rails."""


# A TypedDict does not know its bases before Python 3.12.
ChangeDBSnapshots.__doc__ = SelectDBSnapshots.__doc__


@dataclass(frozen=True)
class SnapshotKind:
    """Snapshots of DB instances, or of clusters: what the API calls their parts.

    of: what they are snapshots of. of_prefix, prefix: what names of these have before them in results.
    noun: the word in the names of the operations.
    """

    of: Kind
    of_prefix: str
    prefix: str
    noun: str
    not_found: str
    bad_state: str
    exists: str

    @property
    def key(self) -> str:
        """The name of the parameter for the name of a snapshot."""
        return f"{self.noun}Identifier"

    def known(self, call: Call, region: str | None = None, shared: bool = False) -> list[Snapshot]:
        """The manual snapshots of the account, or those that others share with it, in `region` or the call's own."""
        operation = {INSTANCE: "describe_db_snapshots", CLUSTER: "describe_db_cluster_snapshots"}[self.of]
        pages = call.client("rds", region=region).get_paginator(operation)
        given = {"SnapshotType": "shared", "IncludeShared": True} if shared else {"SnapshotType": "manual"}
        found = pages.paginate(**given, PaginationConfig={"PageSize": PAGE})
        return [self._trim(snapshot) for page in found for snapshot in page[f"{self.noun}s"]]

    def _trim(self, snapshot: dict[str, Any]) -> Snapshot:
        began = snapshot.get("SnapshotCreateTime")
        return {
            **{k: snapshot[k] for k in _KEPT if k in snapshot},
            # One that another account shares is named by its ARN.
            "Id": name if (name := snapshot[self.key]).startswith("arn:") else self.prefix + name,
            "Arn": snapshot[f"{self.noun}Arn"],
            "Database": self.of_prefix + snapshot[self.of.key],
            "Encrypted": bool(snapshot.get("Encrypted") or snapshot.get("StorageEncrypted")),
            "SnapshotCreateTime": timestamp(began) if isinstance(began, datetime) else "",
            "Tags": snapshot.get("TagList", []),
        }


OF_INSTANCE = SnapshotKind(
    of=INSTANCE,
    of_prefix="",
    prefix="",
    noun="DBSnapshot",
    not_found="DBSnapshotNotFound",
    bad_state="InvalidDBSnapshotState",
    exists="DBSnapshotAlreadyExists",
)
OF_CLUSTER = SnapshotKind(
    of=CLUSTER,
    of_prefix="cluster:",
    prefix="cluster-snapshot:",
    noun="DBClusterSnapshot",
    not_found="DBClusterSnapshotNotFoundFault",
    bad_state="InvalidDBClusterSnapshotStateFault",
    exists="DBClusterSnapshotAlreadyExistsFault",
)
KINDS = (OF_INSTANCE, OF_CLUSTER)


@dataclass(frozen=True)
class DBSnapshotRecord:
    """A snapshot as a result shows it.

    snapshot_id: its name; of a cluster "cluster-snapshot:monthly".
    database: the DB instance it is of, or "cluster:shop".
    status: "creating", "available", ...
    allocated_storage: GiB.
    snapshot_create_time: UTC, ISO 8601, or "" while it is created.
    tags: its tags, by key.
    """

    snapshot_id: str
    arn: str
    database: str
    status: str
    engine: str
    allocated_storage: int
    encrypted: bool
    snapshot_create_time: str
    tags: dict[str, str]


def record(snapshot: Snapshot) -> DBSnapshotRecord:
    """The record of a trimmed snapshot."""
    return DBSnapshotRecord(
        snapshot_id=snapshot["Id"],
        arn=snapshot["Arn"],
        database=snapshot["Database"],
        status=snapshot.get("Status", ""),
        engine=snapshot.get("Engine", ""),
        allocated_storage=snapshot.get("AllocatedStorage", 0),
        encrypted=snapshot["Encrypted"],
        snapshot_create_time=snapshot["SnapshotCreateTime"],
        tags=tag_map(snapshot["Tags"]),
    )


def kind_of(snapshot: str) -> SnapshotKind:
    """Of which kind the snapshot of an id is."""
    return OF_CLUSTER if OF_CLUSTER.prefix in snapshot else OF_INSTANCE


def bare(id_: str) -> str:
    """A name without what tells its kind, as the API takes it."""
    return id_.rpartition(":")[2]


def name_for(call: Call, of: str) -> str:
    """The name of what this call makes of something, the same each time: so a repeated request makes no second one.

    A name has letters, digits and single hyphens, and begins with a letter ("CreateDBSnapshot", Amazon RDS API
    Reference).
    """
    digest = sha256(f"{call.run.id} {call.run.key} {of}".encode()).hexdigest()[:10]
    text = re.sub(r"[^a-z0-9]+", "-", f"{call.run.flow}-{bare(of)}-{call.run.started[:16]}".lower()).strip("-")
    return f"n-{text}"[: _LONGEST - len(digest) - 1].rstrip("-") + f"-{digest}"


def made(snapshot: Snapshot, of: str) -> Made:
    """A trimmed snapshot as a product of `of`."""
    waits = snapshot.get("Status") in ("creating", "copying", "modifying", "pending")
    state = "completed" if snapshot.get("Status") == "available" else "pending" if waits else "failed"
    at = snapshot["SnapshotCreateTime"]
    return Made(
        id=snapshot["Id"], target=of, state=state, reason=f"it is {snapshot.get('Status')}", at=at, raw=snapshot
    )


def all_known(call: Call, region: str | None = None) -> list[Snapshot]:
    """The account's own manual snapshots of both kinds, in `region` or the call's own."""
    return [snapshot for kind in KINDS for snapshot in kind.known(call, region)]


def find_snapshots(call: Call, chosen: Selection, progress: Progress) -> list[Snapshot]:
    """The selected snapshots; names that do not exist are noted as failed, excluded ones as skipped.

    Of an ARN the snapshot may be another account's, which shares it.
    """
    found = all_known(call)
    if chosen.ids is not None:
        by_name = {snapshot["Id"]: snapshot for snapshot in found} | {snapshot["Arn"]: snapshot for snapshot in found}
        if any(i.startswith("arn:") and i not in by_name for i in chosen.ids):
            by_name |= {snapshot["Arn"]: snapshot for kind in KINDS for snapshot in kind.known(call, shared=True)}
        for id_ in (i for i in chosen.ids if i not in by_name):
            progress.fail([id_], kind_of(id_).not_found, "The snapshot '{id}' does not exist")
        found = [by_name[id_] for id_ in chosen.ids if id_ in by_name]
    return choose(list({snapshot["Id"]: snapshot for snapshot in found}.values()), "Id", chosen, progress)


def of_call(call: Call, known: list[Snapshot]) -> list[Snapshot]:
    """Of some snapshots those that this call has made, in this or an earlier invocation."""
    wanted = {name.removeprefix("tag:"): values[0] for name, values in call_filter(call).items()}
    return [snapshot for snapshot in known if wanted.items() <= tag_map(snapshot["Tags"]).items()]


def completed_of_flow(call: Call, known: list[Snapshot], tag: str) -> dict[str, list[Snapshot]]:
    """Of some snapshots those of this flow that are available, by the value of a tag, the newest first."""
    flow, found = tag_value(call.run.flow), dict[str, list[Snapshot]]()
    for snapshot in sorted(known, key=lambda s: (s["SnapshotCreateTime"], s["Id"]), reverse=True):
        tags = tag_map(snapshot["Tags"])
        if snapshot.get("Status") == "available" and tags.get(FLOW) == flow and tag in tags:
            found.setdefault(tags[tag], []).append(snapshot)
    return found


def delete(call: Call, snapshot: str, region: str | None = None) -> None:
    """Delete a snapshot, in `region` or the call's own."""
    client = call.client("rds", region=region)
    if kind_of(snapshot) is OF_CLUSTER:
        client.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=bare(snapshot))
    else:
        client.delete_db_snapshot(DBSnapshotIdentifier=bare(snapshot))


def not_deleted(snapshot: str, code: str, message: str) -> Verdict | None:
    """What it means that RDS refused to delete a snapshot; None for a failure."""
    if code.startswith(kind_of(snapshot).not_found.removesuffix("Fault")):
        return DONE
    return Skipped(message.replace("{id}", snapshot)) if code == kind_of(snapshot).bad_state else None


R = TypeVar("R", bound=MakingResult)


class MakingDBSnapshots(Rotating[R]):
    """Makes snapshots, in `region` or the call's own, and keeps the newest.

    origin: the tag on a product that names its target. generations: the tag that names what they are generations of.
    """

    product, products = "snapshot", "snapshots"
    gone = OF_INSTANCE.not_found
    asks = False
    region: str | None = None
    origin = generations = DATABASE

    @cached_property
    def _known(self) -> list[Snapshot]:
        """The snapshots as they were when this invocation first asked."""
        return all_known(self.call, self.region)

    def _made(self, snapshot: Snapshot) -> Made:
        return made(snapshot, tag_map(snapshot["Tags"]).get(self.origin, ""))

    def of_call(self) -> list[Made]:
        """What this call has made, in this or an earlier invocation."""
        return [self._made(snapshot) for snapshot in of_call(self.call, self._known)]

    def of_flow(self, targets: list[str]) -> dict[str, list[Made]]:
        """What is available of each target, by this flow, the newest first."""
        found = completed_of_flow(self.call, self._known, self.generations)
        return {t: [self._made(snapshot) for snapshot in found.get(of, [])] for t, of in self.of(targets).items()}

    def of(self, targets: list[str]) -> dict[str, str]:
        """Target -> what its products are generations of, where that is known."""
        return {target: target for target in targets}

    def by_id(self, products: list[str]) -> list[Made]:
        """The products that exist."""
        wanted = set(products)
        return [self._made(snapshot) for snapshot in self._known if snapshot["Id"] in wanted]

    def delete(self, product: str, *, dry_run: bool) -> None:
        """Delete a product."""
        delete(self.call, product, self.region)

    def not_deleted(self, product: str, code: str, message: str) -> Verdict | None:
        """What it means that RDS refused to delete a product."""
        return not_deleted(product, code, message)


def responses(details: list[Made], kept: list[Made], deleted: list[str], answers: Mapping[str, Any]) -> dict[str, Any]:
    """What mail templates get of snapshots that were made."""
    return {
        **answers,
        "DescribeDBSnapshotsResponse": {"DBSnapshots": [m.raw for m in details], "Generations": [m.raw for m in kept]},
        "DeleteDBSnapshotResponse": [{"DBSnapshotIdentifier": name} for name in deleted],
    }
