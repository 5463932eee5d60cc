from lambdas.parts import ebs
from nightshift import Failed, flow


@flow(timeout="10m")
def has_a_backup(volume_id: str) -> int:
    """Tell how many completed snapshots a volume has, and fail when it has none."""
    found = ebs.describe_snapshots(volume_id=volume_id)
    if not found.completed:
        raise Failed(f"{volume_id} has no completed snapshot")
    return len(found.completed)
