"""rds.modify_db_snapshot_attribute: snapshots of databases are shared with other accounts, or no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Unpack

from lambdas.contract.part import Allow, Call, Pending, Result, part
from lambdas.engine.making import SHOWN
from lambdas.engine.selection import account_changes, selected
from lambdas.engine.stages import DONE, Already, Each, Failed, Stages, Verdict, Verdicts
from lambdas.parts.rds._permissions import CLUSTER_SNAPSHOTS, SNAPSHOTS
from lambdas.parts.rds._snapshots import OF_CLUSTER, ChangeDBSnapshots, all_known, bare, find_snapshots, kind_of


@dataclass
class ModifyDBSnapshotAttributeResult(Result):
    """Result of rds.modify_db_snapshot_attribute.

    changed: the snapshots that are now shared as asked; of clusters "cluster-snapshot:...".
    snapshot_arns: the ARNs of all that are shared as asked, by which the other accounts copy them.
    """

    snapshot_arns: list[str] = field(default_factory=list)


@part(
    allow=(
        Allow(("rds:DescribeDBSnapshots", "rds:DescribeDBSnapshotAttributes"), SNAPSHOTS),
        Allow(("rds:ModifyDBSnapshotAttribute",), SNAPSHOTS),
        Allow(("rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusterSnapshotAttributes"), CLUSTER_SNAPSHOTS),
        Allow(("rds:ModifyDBClusterSnapshotAttribute",), CLUSTER_SNAPSHOTS),
    ),
    cost="Nothing; what the other accounts copy is on their bills.",
    hints={
        "SharedSnapshotQuotaExceeded": "A snapshot can be shared with 20 accounts.",
        "InvalidDBSnapshotState": "One that is encrypted with the key of RDS itself (aws/rds) cannot be shared: copy "
        "it with a key of your own before.",
        "InvalidDBClusterSnapshotStateFault": "One that is encrypted with the key of RDS itself (aws/rds) cannot be "
        "shared: copy it with a key of your own before.",
    },
)
def modify_db_snapshot_attribute(
    call: Call,
    *,
    values_to_add: str | list[str] | None = None,
    values_to_remove: str | list[str] | None = None,
    **common: Unpack[ChangeDBSnapshots],
) -> ModifyDBSnapshotAttributeResult | Pending:
    """Share snapshots of databases with other accounts, which may then copy and restore them, or end that.

    Of an encrypted snapshot the key has to be shared with the account, too, by its policy. This part never makes one
    public.

    Parameters:
    values_to_add: account ids that may restore the snapshots, as a list or as "210987654321;321098765432".
    values_to_remove: account ids that may no more.

    Result: ModifyDBSnapshotAttributeResult.

    Errors:
    PartFailed: a snapshot does not exist, or cannot be shared.
    AccessDenied: the role may not share snapshots.
    InvalidParameter: no selection or no account is given, or one that is not an account id.

    Source: "Sharing a DB snapshot for Amazon RDS" (Amazon RDS User Guide); "Sharing a DB cluster snapshot" (Amazon
    Aurora User Guide).

    Example:
        from lambdas.parts import rds
        from nightshift import flow


        @flow(timeout="12h")
        def copies_in_the_vault(vault_account: str, vault_role: str, vault_key: str):
            \"\"\"Keep copies of the databases in an account that nobody works in.\"\"\"
            made = rds.create_db_snapshot(tag="Backup=nightly", generation=2)
            new = made.snapshot_ids
            shared = rds.modify_db_snapshot_attribute(db_snapshot_identifier=new, values_to_add=vault_account)
            copied = rds.copy_db_snapshot(
                db_snapshot_identifier=shared.snapshot_arns, role_arn=vault_role, kms_key_id=vault_key, generation=30
            )
            return copied.summary
    """
    selection = selected(common, "db_snapshot_identifier")
    add, remove = account_changes("values", values_to_add, values_to_remove)

    def plan() -> Verdicts:
        found = find_snapshots(call, selection, stages.progress)
        call.state["arns"] = {s["Id"]: s["Arn"] for s in found}
        for snapshot in found:
            if snapshot["Id"].startswith("arn:"):
                yield snapshot["Id"], Failed(kind_of(snapshot["Id"]).bad_state, "'{id}' belongs to another account")
            else:
                yield (
                    snapshot["Id"],
                    "todo" if not asked(_restorers(call, snapshot["Id"])) else Already("shared as asked", DONE),
                )

    def asked(accounts: set[str]) -> bool:
        return add <= accounts and not remove & accounts

    def request(snapshot: str, dry_run: bool) -> Any:
        rds, kind = call.client("rds"), kind_of(snapshot)
        modify = rds.modify_db_cluster_snapshot_attribute if kind is OF_CLUSTER else rds.modify_db_snapshot_attribute
        given = {"ValuesToAdd": sorted(add), "ValuesToRemove": sorted(remove)}
        changes = {name: accounts for name, accounts in given.items() if accounts}
        return modify(**{kind.key: bare(snapshot)}, AttributeName="restore", **changes)

    def answered(ids: list[str], answer: dict[str, Any]) -> Verdicts:
        for id_ in ids:
            verdict: Verdict = Failed("NotShared", "RDS accepted the request, and '{id}' is not shared as asked")
            yield id_, DONE if asked(_of_answer(answer)) else verdict

    def finish(result: ModifyDBSnapshotAttributeResult) -> None:
        failed = {failure.id for failure in result.failed}
        arns = {id_: arn for id_, arn in call.state["arns"].items() if id_ not in failed}
        result.snapshot_arns = list(arns.values())
        result.responses = {"DBSnapshotArns": list(arns.values())[:SHOWN]}

    todo = Each(
        "todo",
        "snapshots to share",
        "the time ended before '{id}' was shared",
        request=request,
        then=answered,
        denied="one",
        asks=lambda snapshot: False,
    )
    stages = Stages(
        call, [todo], verb="modify", done="modified", noun="snapshot", population=lambda call: len(all_known(call))
    )
    return stages.run(plan, ModifyDBSnapshotAttributeResult(), finish)


def _restorers(call: Call, snapshot: str) -> set[str]:
    """The accounts that may restore a snapshot."""
    rds = call.client("rds")
    if kind_of(snapshot) is OF_CLUSTER:
        return _of_answer(rds.describe_db_cluster_snapshot_attributes(DBClusterSnapshotIdentifier=bare(snapshot)))
    return _of_answer(rds.describe_db_snapshot_attributes(DBSnapshotIdentifier=bare(snapshot)))


def _of_answer(answer: dict[str, Any]) -> set[str]:
    for noun in ("DBSnapshot", "DBClusterSnapshot"):
        for attribute in answer.get(f"{noun}AttributesResult", {}).get(f"{noun}Attributes", []):
            if attribute["AttributeName"] == "restore":
                return set(attribute.get("AttributeValues", []))
    return set()
