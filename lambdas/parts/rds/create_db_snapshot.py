"""rds.create_db_snapshot: an available snapshot of each database, and the newest generations kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Changing, Pending, part
from lambdas.engine.generations import Made, MakingResult, Retention
from lambdas.engine.making import SHOWN
from lambdas.engine.progress import Progress
from lambdas.engine.selection import Ids, Selection, Tags, parse_ids, parse_tags
from lambdas.engine.stages import Failed, Skipped
from lambdas.engine.tags import tags_for
from lambdas.parts.rds import _snapshots
from lambdas.parts.rds._databases import CLUSTER, INSTANCE, Database, Kind
from lambdas.parts.rds._permissions import CLUSTER_SNAPSHOTS, CLUSTERS, INSTANCES, MADE_BY_A_FLOW, SNAPSHOTS
from lambdas.parts.rds._power import BROKEN, of_cluster
from lambdas.parts.rds._snapshots import (
    DATABASE,
    KINDS,
    OF_CLUSTER,
    DBSnapshotRecord,
    MakingDBSnapshots,
    bare,
    name_for,
    record,
)

_OWN = {"StringLike": {"aws:RequestTag/nightshift:flow": "?*"}}


@dataclass
class CreateDBSnapshotResult(MakingResult):
    """Result of rds.create_db_snapshot.

    matched: the selected databases: names of DB instances, and clusters as "cluster:shop".
    changed: the databases that have a new, available snapshot.
    snapshot_ids: the new snapshots, each available; of clusters "cluster-snapshot:...".
    snapshots: the new snapshots (the first 100).
    generations: the available snapshots of this flow that are kept, the newest first (the first 100).
    deleted: the snapshots deleted by rotation.
    """

    snapshot_ids: list[str] = field(default_factory=list)
    snapshots: list[DBSnapshotRecord] = field(default_factory=list)
    generations: list[DBSnapshotRecord] = field(default_factory=list)


@part(
    allow=(
        Allow(("rds:DescribeDBInstances",), INSTANCES),
        Allow(("rds:DescribeDBClusters",), CLUSTERS),
        Allow(("rds:DescribeDBSnapshots",), (*INSTANCES, *SNAPSHOTS)),
        Allow(("rds:DescribeDBClusterSnapshots",), (*CLUSTERS, *CLUSTER_SNAPSHOTS)),
        Allow(("rds:CreateDBSnapshot",), (*INSTANCES, *SNAPSHOTS), _OWN),
        Allow(("rds:CreateDBClusterSnapshot",), (*CLUSTERS, *CLUSTER_SNAPSHOTS), _OWN),
        Allow(("rds:AddTagsToResource",), (*SNAPSHOTS, *CLUSTER_SNAPSHOTS), _OWN),
        Allow(("rds:DeleteDBSnapshot",), SNAPSHOTS, MADE_BY_A_FLOW),
        Allow(("rds:DeleteDBClusterSnapshot",), CLUSTER_SNAPSHOTS, MADE_BY_A_FLOW),
    ),
    cost="Backup storage beyond the size of the databases in the Region. `generation` or `keep` bounds it.",
    hints={
        "SnapshotQuotaExceeded": "The account has as many manual snapshots in this Region as it may have: delete old "
        "ones with rds.delete_db_snapshot, or have the quota raised.",
    },
    timeout="6h",
    interval=30,
    one_of=(("db_instance_identifier", "db_cluster_identifier", "tag"),),
)
def create_db_snapshot(
    call: Call,
    *,
    db_instance_identifier: str | list[str] | None = None,
    db_cluster_identifier: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    generation: int | None = None,
    keep: str | None = None,
    daily: int | None = None,
    weekly: int | None = None,
    monthly: int | None = None,
    **common: Unpack[Changing],
) -> CreateDBSnapshotResult | Pending:
    """Snapshot DB instances and clusters, wait until the snapshots are available, and keep the newest generations.

    A member of a cluster has no snapshots of its own: one that only carries the tag is left to its cluster. A snapshot
    gets the tags of its database, and nightshift:flow, nightshift:run, nightshift:call and nightshift:database.

    Rotation: when the new snapshot of a database is available, the available snapshots that this flow made of this
    database are looked at, and those that no parameter keeps are deleted. Automated ones, those of other flows and
    those made by hand never are.

    RDS snapshots what is available; a database that is being backed up or modified is snapshotted when that is done.

    Parameters:
    db_instance_identifier: names of DB instances, as a list or as "orders;billing".
    db_cluster_identifier: names of clusters, as a list or as "shop;ledger".
    tag: "Backup=nightly", or a list of which all must match, of DB instances and of clusters; `*` and `?` are
        wildcards. With names: of those, the ones with the tag.
    exclude_tag: databases with one of these tags are left alone.
    generation: newest available snapshots to keep of each database, at least 1. Without generation, keep, daily,
        weekly and monthly all are kept.
    keep: keep those that are not older, such as "30d".
    daily: keep the newest of each of the last so many days (UTC) in which there is one.
    weekly: the same of weeks, which begin on Monday.
    monthly: the same of months.

    Result: CreateDBSnapshotResult.

    Errors:
    PartFailed: a database does not exist, is stopped or broken, or was named and is a member of a cluster; a snapshot
        failed; the quota of manual snapshots is used up; or an old one could not be deleted.
    PartTimeout: a snapshot was not available when `timeout` ended; it goes on in AWS, and the run can be redriven.
    AccessDenied: the role may not create snapshots.
    InvalidParameter: no selection is given, generation, daily, weekly or monthly is less than 1, or
        keep is no duration.

    Source: "Creating a DB snapshot for a Single-AZ DB instance for Amazon RDS" (Amazon RDS User Guide); "Creating a DB
    cluster snapshot" (Amazon Aurora User Guide).

    Example:
        from lambdas.parts import rds
        from nightshift import cron, flow


        @flow(schedule=cron("0 1 * * ? *", timezone="Asia/Tokyo"), timeout="6h")
        def databases_of_the_night():
            \"\"\"Snapshot the tagged databases every night, and keep seven days and twelve months.\"\"\"
            return rds.create_db_snapshot(tag="Backup=nightly", daily=7, monthly=12).summary
    """
    retention = Retention(generation, keep, daily, weekly, monthly)
    selections = _selections(db_instance_identifier, db_cluster_identifier, tag, exclude_tag)
    return Snapshotting(call, selections, retention).run()


def _selections(instances: Ids, clusters: Ids, tag: Tags, exclude: Tags) -> dict[Kind, Selection]:
    """What is selected of DB instances and of clusters: by tag alone of both."""
    ids = {INSTANCE: parse_ids(instances), CLUSTER: parse_ids(clusters)}
    tags, excluded = parse_tags(tag, "tag"), parse_tags(exclude, "exclude_tag")
    named = {kind: [i.lower() for i in of] for kind, of in ids.items() if of is not None}
    if not named and not tags:
        given = "db_instance_identifier, db_cluster_identifier or tag"
        raise InvalidParameter(f"give {given}; without, nothing is selected")
    return {kind: Selection(named.get(kind), tags, excluded) for kind in ids if not named or kind in named}


class Snapshotting(MakingDBSnapshots[CreateDBSnapshotResult]):
    """Amazon RDS API Reference, "CreateDBSnapshot", "CreateDBClusterSnapshot"."""

    verb, done, noun = "snapshot", "snapshotted", "database"
    result = CreateDBSnapshotResult
    # It is being backed up or modified, or another snapshot of it is made.
    busy = {"InvalidDBInstanceState": 60, "InvalidDBClusterStateFault": 60}  # noqa: RUF012

    def __init__(self, call: Call, selections: dict[Kind, Selection], retention: Retention) -> None:
        super().__init__(call, retention)
        self.selections = selections

    def targets(self) -> dict[str, Database]:
        found: dict[str, Database] = {}
        for kind in (k for k in KINDS if k.of in self.selections):
            selection, noted = self.selections[kind.of], Progress({})
            for database in kind.of.find(self.call, selection, noted):
                id_ = kind.of_prefix + database[kind.of.key]
                match unusable(kind.of, database, selection):
                    case Failed(code, message):
                        self.progress.fail([id_], code, message)
                    case None:
                        found[id_] = database
                    case Skipped(reason):
                        self.progress.skip([id_], reason)
            for failure in noted.failed():
                text = failure.message.replace(failure.id, "{id}")
                self.progress.fail([kind.of_prefix + failure.id], failure.error, text)
            for skip in noted.skipped():
                self.progress.skip([kind.of_prefix + skip.id], skip.reason)
            self.progress.add("excluded", [kind.of_prefix + i for i in noted.ids("excluded")])
        return dict(sorted(found.items()))

    def population(self) -> int:
        return sum(kind.population(self.call) for kind in self.selections)

    def describe(self, targets: list[str]) -> dict[str, Database | Failed]:
        found: dict[str, Database | Failed] = {}
        for kind in KINDS:
            names = [bare(t) for t in targets if t.startswith(OF_CLUSTER.of_prefix) is (kind is OF_CLUSTER)]
            found |= {kind.of_prefix + name: Failed(kind.of.not_found, kind.of.absent) for name in names}
            found |= {kind.of_prefix + d[kind.of.key]: d for d in kind.of.by_id(self.call, names)}
        return found

    def create(self, target: Database, *, dry_run: bool) -> tuple[str, dict[str, Any]]:
        kind = KINDS[INSTANCE.key not in target]
        of = kind.of_prefix + target[kind.of.key]
        tags, dropped = tags_for(self.call.run, {DATABASE: of}, target["Tags"])
        name = name_for(self.call, of)
        client = self.call.client("rds")
        request = client.create_db_cluster_snapshot if kind is OF_CLUSTER else client.create_db_snapshot
        try:
            request(**{kind.of.key: target[kind.of.key], kind.key: name, "Tags": tags})
        except Exception as error:
            # The name is that of this call: a request of before whose answer was lost has made it.
            if aws_errors.code(error) != kind.exists:
                raise
        if dropped:
            self.warn(f"{of}: {dropped} of its tags did not fit the 50 tags of a snapshot")
        return kind.prefix + name, {kind.key: name, kind.of.key: target[kind.of.key]}

    def fill(self, result: CreateDBSnapshotResult, details: list[Made]) -> None:
        kept = self.kept()
        result.snapshot_ids = [self.made[d] for d in result.changed if d in self.made]
        result.snapshots = [record(m.raw) for m in details]
        result.generations = [record(m.raw) for m in kept]
        answers = {"CreateDBSnapshotResponse": self.state.get("answers", [])}
        result.responses = _snapshots.responses(details, kept, self.deleted[:SHOWN], answers)


def unusable(kind: Kind, database: Database, selection: Selection) -> Failed | Skipped | None:
    """Why no snapshot of a database is made: Failed, Skipped, or None.

    Amazon RDS API Reference, "CreateDBSnapshot": the DB instance has to be available.
    """
    if kind is INSTANCE and (refused := of_cluster(database, selection, "rds.create_db_snapshot")):
        return refused
    state = kind.state(database)
    if state in ("stopped", "stopping"):
        start = "rds.start_db_instance" if kind is INSTANCE else "rds.start_db_cluster"
        return Failed(kind.bad_state, f"'{{id}}' is {state}, and RDS snapshots what is available: use {start} before")
    return Failed(kind.bad_state, f"'{{id}}' is {state}") if state in BROKEN else None
