"""rds.copy_db_snapshot: an available copy of each snapshot, in the same or another Region, and the newest kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.generations import Made, MakingResult, Retention
from lambdas.engine.making import SHOWN
from lambdas.engine.progress import Progress
from lambdas.engine.selection import Selection, selected, tag_map
from lambdas.engine.stages import Failed
from lambdas.engine.tags import tags_for
from lambdas.parts.rds import _snapshots
from lambdas.parts.rds._permissions import (
    CLUSTER_SNAPSHOTS,
    KEYS,
    MADE_BY_A_FLOW,
    SHARED_CLUSTER_SNAPSHOTS,
    SHARED_SNAPSHOTS,
    SNAPSHOTS,
)
from lambdas.parts.rds._snapshots import (
    DATABASE,
    OF_CLUSTER,
    SOURCE,
    SOURCE_DATABASE,
    ChangeDBSnapshots,
    DBSnapshotRecord,
    MakingDBSnapshots,
    Snapshot,
    kind_of,
    name_for,
    record,
)

_OWN = {"StringLike": {"aws:RequestTag/nightshift:flow": "?*"}}
_BY_RDS = {"StringLike": {"kms:ViaService": "rds.*"}}


@dataclass
class CopyDBSnapshotResult(MakingResult):
    """Result of rds.copy_db_snapshot.

    matched: the selected snapshots; of clusters "cluster-snapshot:...".
    changed: the snapshots that have an available copy.
    snapshot_ids: the copies, each available.
    snapshots: the copies (the first 100).
    generations: the available copies of this flow that are kept, the newest first (the first 100).
    deleted: the copies deleted by rotation.
    region: the Region the copies are in.
    """

    snapshot_ids: list[str] = field(default_factory=list)
    snapshots: list[DBSnapshotRecord] = field(default_factory=list)
    generations: list[DBSnapshotRecord] = field(default_factory=list)
    region: str = ""


@part(
    allow=(
        Allow(("rds:DescribeDBSnapshots",), SNAPSHOTS),
        Allow(("rds:DescribeDBClusterSnapshots",), CLUSTER_SNAPSHOTS),
        Allow(("rds:CopyDBSnapshot",), SHARED_SNAPSHOTS, _OWN),
        Allow(("rds:CopyDBClusterSnapshot",), SHARED_CLUSTER_SNAPSHOTS, _OWN),
        Allow(("rds:AddTagsToResource",), (*SNAPSHOTS, *CLUSTER_SNAPSHOTS), _OWN),
        Allow(("rds:DeleteDBSnapshot",), SNAPSHOTS, MADE_BY_A_FLOW),
        Allow(("rds:DeleteDBClusterSnapshot",), CLUSTER_SNAPSHOTS, MADE_BY_A_FLOW),
        Allow(("kms:CreateGrant",), KEYS, {**_BY_RDS, "Bool": {"kms:GrantIsForAWSResource": "true"}}),
        Allow(
            (
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ),
            KEYS,
            _BY_RDS,
        ),
    ),
    cost="Backup storage of the copies, and data transfer to another Region. `generation` or "
    "`keep` bounds the storage.",
    hints={
        "KMSKeyNotAccessibleFault": "The key has to be in the target Region, enabled, and its policy has to name the "
        "role of this part.",
        "SnapshotQuotaExceeded": "The target Region has as many manual snapshots as it may have: delete old ones with "
        "rds.delete_db_snapshot, or have the quota raised.",
    },
    timeout="12h",
    interval=60,
)
def copy_db_snapshot(
    call: Call,
    *,
    to_region: str | None = None,
    kms_key_id: str | None = None,
    generation: int | None = None,
    keep: str | None = None,
    daily: int | None = None,
    weekly: int | None = None,
    monthly: int | None = None,
    **common: Unpack[ChangeDBSnapshots],
) -> CopyDBSnapshotResult | Pending:
    """Copy snapshots of databases to another Region, or within one, and wait until the copies are available.

    A copy gets the tags of the snapshot, and nightshift:flow, nightshift:run, nightshift:call, nightshift:source and
    nightshift:source-database.

    Keys: a copy of an encrypted snapshot in another Region needs a key of that Region, and so does one of a snapshot
    that another account shares; the latter's own key has to be shared, too. A key of an account cannot be that of
    RDS ("aws/rds") when the copy is to be shared on.

    Another account: share the snapshots with rds.modify_db_snapshot_attribute, and copy them by their ARNs with the
    `role_arn` of that account.

    Rotation: when the copies are available, the available copies in the target Region that this flow made of snapshots
    of the same database are looked at, and those that no parameter keeps are deleted.

    Parameters:
    to_region: Region of the copies; default: the Region of the snapshots.
    kms_key_id: key, in the target Region, to encrypt the copies with; default: as the original is.
    generation: newest available copies to keep of each database, at least 1. Without generation, keep, daily,
        weekly and monthly all are kept.
    keep: keep those that are not older, such as "30d".
    daily: keep the newest of each of the last so many days (UTC) in which there is one.
    weekly: the same of weeks, which begin on Monday.
    monthly: the same of months.

    Result: CopyDBSnapshotResult.

    Errors:
    PartFailed: a snapshot does not exist, is encrypted and no key for it is given, its copy failed, or an old one could
        not be deleted.
    PartTimeout: a copy was not available when `timeout` ended; it goes on in AWS, and the run can be redriven.
    AccessDenied: the role may not copy snapshots.
    InvalidParameter: no selection is given, generation, daily, weekly or monthly is less than 1, or
        keep is no duration.

    Source: "Copying a DB snapshot for Amazon RDS" (Amazon RDS User Guide); "DB cluster snapshot copying" (Amazon Aurora
    User Guide).

    Example:
        from lambdas.parts import rds
        from nightshift import cron, flow


        @flow(schedule=cron("0 2 * * ? *", timezone="Asia/Tokyo"), timeout="12h")
        def databases_for_a_disaster():
            \"\"\"Snapshot the databases, and keep the copies of a week in another Region.\"\"\"
            made = rds.create_db_snapshot(tag="Backup=nightly", generation=2)
            copied = rds.copy_db_snapshot(db_snapshot_identifier=made.snapshot_ids, to_region="eu-west-1", generation=7)
            return copied.summary
    """
    retention = Retention(generation, keep, daily, weekly, monthly)
    return Copying(call, selected(common, "db_snapshot_identifier"), to_region, kms_key_id, retention).run()


class Copying(MakingDBSnapshots[CopyDBSnapshotResult]):
    """Amazon RDS API Reference, "CopyDBSnapshot", "CopyDBClusterSnapshot"."""

    verb, done, noun, product, products = "copy", "copied", "snapshot", "copy", "copies"
    result = CopyDBSnapshotResult
    origin, generations = SOURCE, SOURCE_DATABASE
    # A snapshot can be copied once it is available.
    busy = {"InvalidDBSnapshotState": 60, "InvalidDBClusterSnapshotStateFault": 60}  # noqa: RUF012

    def __init__(
        self, call: Call, selection: Selection, region: str | None, key: str | None, retention: Retention
    ) -> None:
        super().__init__(call, retention)
        self.selection, self.region, self.key = selection, region, key
        self.client = call.client("rds", region=region)
        self.home = call.client("rds").meta.region_name

    @property
    def _elsewhere(self) -> bool:
        return bool(self.client.meta.region_name != self.home)

    def targets(self) -> dict[str, Snapshot]:
        found: dict[str, Snapshot] = {}
        for snapshot in _snapshots.find_snapshots(self.call, self.selection, self.progress):
            # By tag also the copies of earlier runs are found, as the tags travel: those are not copied again.
            if self.selection.ids is None and SOURCE in tag_map(snapshot["Tags"]):
                continue
            if refused := self._keyless(snapshot):
                self.progress.fail([snapshot["Id"]], "InvalidParameterCombination", refused)
            else:
                found[snapshot["Id"]] = snapshot
        return found

    def _keyless(self, snapshot: Snapshot) -> str:
        """Why RDS would refuse for the key, or ""."""
        shared = snapshot["Id"].startswith("arn:")
        if snapshot["Encrypted"] and not self.key and (self._elsewhere or shared):
            where = f"of {self.client.meta.region_name}" if self._elsewhere else "of this account"
            return f"'{{id}}' is encrypted: give kms_key_id, a key {where}, to encrypt the copy with"
        if self.key and not snapshot["Encrypted"] and kind_of(snapshot["Id"]) is OF_CLUSTER:
            return "'{id}' is not encrypted, and a copy of a cluster's snapshot cannot be made so: leave out kms_key_id"
        return ""

    def population(self) -> int:
        return len(_snapshots.all_known(self.call))

    def describe(self, targets: list[str]) -> dict[str, Snapshot | Failed]:
        gone = {t: Failed(kind_of(t).not_found, "The snapshot '{id}' does not exist") for t in targets}
        selection = Selection(targets, (), ())
        found = _snapshots.find_snapshots(self.call, selection, Progress({}))
        return gone | {snapshot["Id"]: snapshot for snapshot in found}

    def create(self, target: Snapshot, *, dry_run: bool) -> tuple[str, dict[str, Any]]:
        source, kind = target["Id"], kind_of(target["Id"])
        tags, dropped = tags_for(self.call.run, {SOURCE: source, SOURCE_DATABASE: _database(target)}, target["Tags"])
        name = name_for(self.call, source)
        copy = self.client.copy_db_cluster_snapshot if kind is OF_CLUSTER else self.client.copy_db_snapshot
        given = {f"Source{kind.key}": target["Arn"], f"Target{kind.key}": name}
        try:
            copy(
                **given,
                Tags=tags,
                **({"KmsKeyId": self.key} if self.key else {}),
                # botocore signs the request to the Region of the snapshot, too.
                **({"SourceRegion": self.home} if self._elsewhere else {}),
            )
        except Exception as error:
            # The name is that of this call: a request of before whose answer was lost has made it.
            if aws_errors.code(error) != kind.exists:
                raise
        if dropped:
            self.warn(f"{source}: {dropped} of its tags did not fit the 50 tags of a snapshot")
        return kind.prefix + name, given

    def of(self, targets: list[str]) -> dict[str, str]:
        """The generations are those of a database, not of a snapshot."""
        selection = Selection(targets, (), ())
        found = _snapshots.find_snapshots(self.call, selection, Progress({}))
        return {snapshot["Id"]: _database(snapshot) for snapshot in found}

    def fill(self, result: CopyDBSnapshotResult, details: list[Made]) -> None:
        kept = {m.id: m for m in self.kept()}.values()
        result.region = self.client.meta.region_name
        result.snapshot_ids = [self.made[s] for s in result.changed if s in self.made]
        result.snapshots = [record(m.raw) for m in details]
        result.generations = [record(m.raw) for m in kept]
        answers = {"CopyDBSnapshotResponse": self.state.get("answers", [])}
        result.responses = _snapshots.responses(details, list(kept), self.deleted[:SHOWN], answers)


def _database(snapshot: Snapshot) -> str:
    """The database a snapshot, or the original of a copy, was made of."""
    tags = tag_map(snapshot["Tags"])
    return tags.get(SOURCE_DATABASE) or tags.get(DATABASE) or str(snapshot["Database"])
