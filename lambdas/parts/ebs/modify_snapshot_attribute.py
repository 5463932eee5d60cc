"""ebs.modify_snapshot_attribute: snapshots are shared with other accounts, or no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Unpack

from lambdas.contract.part import Allow, Call, Pending, Result, part
from lambdas.engine.selection import ChangeSnapshots, account_changes, selected
from lambdas.engine.stages import DONE, Already, Each, Stage, Stages, Verdicts
from lambdas.parts.ebs._shared.permissions import SNAPSHOTS
from lambdas.parts.ebs._shared.snapshots import find_snapshots, population

_SETTLE = 2
"""Seconds after which the attribute shows what was asked for."""

_LATE = "the time ended before '{id}' was shared as asked"


@dataclass
class ModifySnapshotAttributeResult(Result):
    """Result of ebs.modify_snapshot_attribute.

    changed: ids of the snapshots that are now shared as asked.
    snapshot_ids: all that are shared as asked, also those that were so already.
    """

    snapshot_ids: list[str] = field(default_factory=list)


@part(
    allow=(
        Allow(("ec2:DescribeSnapshots",)),
        Allow(("ec2:DescribeSnapshotAttribute", "ec2:ModifySnapshotAttribute"), SNAPSHOTS),
    ),
    cost="Nothing; what the other accounts copy is on their bills.",
    hints={
        "OperationNotPermitted": "One that is encrypted with the key of EBS itself (aws/ebs) cannot be shared: copy it "
        "with a key of your own before.",
    },
)
def modify_snapshot_attribute(
    call: Call,
    *,
    user_ids_to_add: str | list[str] | None = None,
    user_ids_to_remove: str | list[str] | None = None,
    **common: Unpack[ChangeSnapshots],
) -> ModifySnapshotAttributeResult | Pending:
    """Share snapshots with other accounts, which may then copy them and create volumes from them, or end that.

    Of an encrypted snapshot the key has to be shared with the account, too, by its policy. This part never makes one
    public. A copy that another account has made stays.

    Parameters:
    user_ids_to_add: account ids that may use the snapshots, as a list or as "210987654321;321098765432".
    user_ids_to_remove: account ids that may no more.

    Result: ModifySnapshotAttributeResult.

    Errors:
    PartFailed: a snapshot does not exist, or cannot be shared.
    AccessDenied: the role may not share snapshots.
    InvalidParameter: no selection or no account is given, or one that is not an account id.

    Source: "ModifySnapshotAttribute" (Amazon EC2 API Reference); "Share an Amazon EBS snapshot with other AWS accounts"
    (Amazon EBS User Guide).

    Example:
        from lambdas.parts import ebs
        from nightshift import flow


        @flow(timeout="12h")
        def copies_in_the_vault(vault_account: str, vault_role: str):
            \"\"\"Keep copies of the databases' volumes in an account that nobody works in.\"\"\"
            made = ebs.create_snapshot(volume_tag="Role=database", generation=2)
            shared = ebs.modify_snapshot_attribute(snapshot_id=made.snapshot_ids, user_ids_to_add=vault_account)
            return len(shared.snapshot_ids)
    """
    selection = selected(common, "snapshot_id")
    add, remove = account_changes("user_ids", user_ids_to_add, user_ids_to_remove)
    ec2 = call.client("ec2")

    def now(snapshot: str) -> str:
        """The stage in which something is left to be asked for."""
        told = ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
        accounts = {given.get("UserId", "") for given in told["CreateVolumePermissions"]}
        return "add" if add - accounts else "remove" if remove & accounts else DONE

    def plan() -> Verdicts:
        found = sorted(s["SnapshotId"] for s in find_snapshots(call, selection, stages.progress))
        call.state["found"] = found
        for i in found:
            stage = now(i)
            yield i, Already("shared as asked", DONE) if stage == DONE else stage

    def change(kind: Literal["add", "remove"], accounts: set[str]) -> Each:
        def request(snapshot: str, dry_run: bool) -> Any:
            return ec2.modify_snapshot_attribute(
                SnapshotId=snapshot,
                Attribute="createVolumePermission",
                OperationType=kind,
                UserIds=sorted(accounts),
                DryRun=dry_run,
            )

        return Each(
            kind,
            "to be shared as asked",
            _LATE,
            request=request,
            then=lambda ids, answer: [(i, "verify") for i in ids],
            denied="one",
            asks=lambda i: bool(accounts),
        )

    def finish(result: ModifySnapshotAttributeResult) -> None:
        failed = {failure.id for failure in result.failed}
        result.snapshot_ids = [i for i in call.state["found"] if i not in failed]

    run = [
        change("add", add),
        change("remove", remove),
        Stage("verify", "to show it", _LATE, poll=lambda ids: [(i, now(i)) for i in ids], settle=_SETTLE),
    ]
    stages = Stages(call, run, verb="modify", done="modified", noun="snapshot", population=population)
    return stages.run(plan, ModifySnapshotAttributeResult(), finish)
