"""Ids that do not exist are refused, all bad instance and volume ids named at once.

Follows "Error codes for the Amazon EC2 API" (Amazon EC2 Developer Guide): InvalidInstanceID.NotFound,
InvalidInstanceID.Malformed, InvalidVolume.NotFound, InvalidSnapshot.NotFound.
"""

from __future__ import annotations

import re

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, all_instances, first
from nightshift.local.fleet.rules.visibility import hidden

_INSTANCE = re.compile(r"i-([0-9a-f]{8}|[0-9a-f]{17})")


@first("*")
def instances(request: Request) -> None:
    """Instance ids."""
    ids = request.instance_ids
    malformed = [id_ for id_ in ids if not _INSTANCE.fullmatch(id_)]
    if malformed:
        raise ec2_error("InvalidInstanceID.Malformed", f'Invalid id: "{malformed[0]}"')
    known = all_instances(request.backend) if ids else {}
    bad = [id_ for id_ in ids if id_ not in known or hidden(request, known[id_])]
    if bad:
        several = len(bad) > 1
        raise ec2_error(
            "InvalidInstanceID.NotFound",
            f"The instance ID{'s' * several} '{', '.join(bad)}' do{'es' * (not several)} not exist",
        )


@first("*")
def volumes(request: Request) -> None:
    """Volume ids."""
    known = request.backend.volumes
    bad = [id_ for id_ in request.ids("VolumeId") if id_ not in known or hidden(request, known[id_])]
    if bad:
        several = len(bad) > 1
        raise ec2_error(
            "InvalidVolume.NotFound",
            f"The volume{'s' * several} '{', '.join(bad)}' do{'es' * (not several)} not exist.",
        )


@first("*")
def snapshots(request: Request) -> None:
    """Snapshot ids; only the first bad one is named. Those in Recycle Bin have a rule of their own."""
    if request.action.endswith("RecycleBin"):
        return
    known = request.backend.snapshots
    for id_ in request.ids("SnapshotId"):
        if id_ not in known or hidden(request, known[id_]):
            raise ec2_error("InvalidSnapshot.NotFound", f"The snapshot '{id_}' does not exist.")


@first("CopySnapshot")
def source_snapshot(request: Request) -> None:
    """The snapshot to copy, in the Region it is in."""
    id_ = request.get("SourceSnapshotId")
    known = request.backend_of(request.get("SourceRegion")).snapshots
    if id_ not in known or hidden(request, known[id_]):
        raise ec2_error("InvalidSnapshot.NotFound", f"The snapshot '{id_}' does not exist.")
