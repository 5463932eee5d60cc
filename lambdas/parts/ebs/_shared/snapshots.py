"""EBS snapshots: finding the selected ones, their records, their tags, and finding those of a call or a flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Call
from lambdas.engine.generations import Made
from lambdas.engine.progress import Progress
from lambdas.engine.selection import Selection, choose, tag_map
from lambdas.engine.tags import FLOW, call_filter, tag_value
from lambdas.parts.ec2._shared.images import Snapshot, search_snapshots, snapshots_by_id

VOLUME = "nightshift:volume"
"""Tag on a snapshot: of which volume this flow made it."""

VOLUMES_OF = "nightshift:volumes-of"
"""Tag on the snapshots of a crash-consistent set: of which instance's volumes this flow made them."""

SOURCE, SOURCE_VOLUME = "nightshift:source", "nightshift:source-volume"
"""Tags on a copy: of which snapshot it is, and of which volume that was. A copy has not the tag VOLUME, so that the
rotation of the snapshots themselves never counts it."""

_ARBITRARY = "vol-ffffffff"
"""The volume id of a copied or imported snapshot, which older copies may carry in their tags."""

_LONGEST_DESCRIPTION = 255


@dataclass(frozen=True)
class SnapshotRecord:
    """A snapshot as a result shows it.

    volume_size: GiB.
    state: "pending", "completed" or "error".
    progress: percent, as AWS writes it ("100%").
    start_time: UTC, ISO 8601.
    tags: its tags, by key.
    """

    snapshot_id: str
    volume_id: str
    state: str
    progress: str
    volume_size: int
    encrypted: bool
    start_time: str
    description: str
    tags: dict[str, str]


def check_description(description: str) -> None:
    """Raise InvalidParameter for one that EBS would refuse (Amazon EC2 API Reference, "CreateSnapshot")."""
    if len(description) > _LONGEST_DESCRIPTION:
        raise InvalidParameter(f"description has {len(description)} characters; EBS takes {_LONGEST_DESCRIPTION}")


def find_snapshots(
    call: Call, chosen: Selection, progress: Progress, narrow: Mapping[str, list[str]] | None = None
) -> list[Snapshot]:
    """The account's own selected snapshots; ids that do not exist are noted as failed, excluded ones as skipped.

    narrow: further EC2 filters.
    """
    if chosen.ids is None:
        filters = {f["Name"]: f["Values"] for f in chosen.filters()} | dict(narrow or {})
        found = search_snapshots(call, filters)
    else:
        found = snapshots_by_id(call, chosen.ids)
        seen = {s["SnapshotId"] for s in found}
        gone = [i for i in chosen.ids if i not in seen]
        progress.fail(gone, "InvalidSnapshot.NotFound", "The snapshot '{id}' does not exist")
    return choose(found, "SnapshotId", chosen, progress)


def population(call: Call) -> int:
    """How many snapshots of its own the account has in the Region of the call."""
    return len(search_snapshots(call, {}))


def record(snapshot: Snapshot) -> SnapshotRecord:
    """The record of a trimmed snapshot."""
    return SnapshotRecord(
        snapshot_id=snapshot["SnapshotId"],
        volume_id=snapshot["VolumeId"],
        state=snapshot["State"],
        progress=snapshot.get("Progress", ""),
        volume_size=snapshot.get("VolumeSize", 0),
        encrypted=snapshot.get("Encrypted", False),
        start_time=snapshot.get("StartTime", ""),
        description=snapshot.get("Description", ""),
        tags=tag_map(snapshot.get("Tags")),
    )


def made(snapshot: Snapshot, of: str) -> Made:
    """A trimmed snapshot as a product of `of`."""
    states = {"completed": "completed", "error": "failed"}
    return Made(
        id=snapshot["SnapshotId"],
        target=of,
        state=states.get(snapshot["State"], "pending"),
        reason=snapshot.get("StateMessage", ""),
        at=snapshot["StartTime"],
        raw=snapshot,
    )


def tagged_volume(snapshot: Snapshot) -> str:
    """The volume a snapshot, or the original of a copy, was made of, as nightshift's tags tell."""
    tags = tag_map(snapshot.get("Tags"))
    volume = tags.get(SOURCE_VOLUME) or tags.get(VOLUME) or ""
    return "" if volume == _ARBITRARY else volume


def of_call(call: Call, region: str | None = None) -> list[Snapshot]:
    """The snapshots this call has made, in this or an earlier invocation."""
    return search_snapshots(call, call_filter(call), region)


def completed_of_flow(
    call: Call, wanted: Mapping[str, list[str]], region: str | None = None
) -> list[tuple[Snapshot, dict[str, str]]]:
    """The completed snapshots of this flow that pass further filters, the newest first, each with its tags.

    Those in the archive tier are none: they were put there to stay, and are billed for 90 days at least.
    """
    flow = tag_value(call.run.flow)
    found = search_snapshots(call, {f"tag:{FLOW}": [flow], "status": ["completed"], **wanted}, region)
    # The filters are AWS's; flow and state are checked again before anything is deleted.
    kept = [s for s in found if s["State"] == "completed" and s.get("StorageTier") != "archive"]
    mine = [(s, tag_map(s.get("Tags"))) for s in kept]
    ours: list[tuple[Snapshot, dict[str, str]]] = [(s, tags) for s, tags in mine if tags.get(FLOW) == flow]
    return sorted(ours, key=lambda pair: (pair[0]["StartTime"], pair[0]["SnapshotId"]), reverse=True)
