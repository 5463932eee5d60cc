from lambdas.parts import ebs
from nightshift import cron, flow


@flow(schedule=cron("0 3 * * ? *", timezone="Asia/Tokyo"), timeout="12h")
def copies_for_a_disaster():
    """Snapshot the databases' volumes, and keep the copies of a week in another Region."""
    made = ebs.create_snapshot(volume_tag="Role=database", generation=2)
    copied = ebs.copy_snapshot(snapshot_id=made.snapshot_ids, to_region="ap-northeast-3", generation=7)
    return copied.summary
