from lambdas.parts import ebs, ec2, notify
from nightshift import NightshiftError, cron, flow


@flow(schedule=cron("0 1 ? * SUN *", timezone="Asia/Tokyo"), timeout="18h")
def weekly_backup(
    tag: str = "Backup=nightly",
    second_region: str = "ap-northeast-3",
    generation: int = 4,
    to: str = "ops@example.com",
):
    """Make images and snapshots of the stopped instances, and copy the snapshots to a second region.

    So many generations are kept of the images and the snapshots, two of the copies. What ran is started again before
    the copying, which takes long, and whatever fails; a failure is mailed.
    """
    try:
        before = ec2.describe_instances(tag=tag, require_match=True)
        try:
            ec2.stop_instances(instance_id=before.running)
            images = ec2.create_image(tag=tag, generation=generation)
            snapshots = ebs.create_snapshot(instance_tag=tag, generation=generation)
        finally:
            ec2.start_instances(instance_id=before.running, status_check=True)
        copies = ebs.copy_snapshot(snapshot_id=snapshots.snapshot_ids, to_region=second_region, generation=2)
    except NightshiftError as problem:
        notify.email(to=to, subject="weekly_backup failed", body=problem.cause)
        raise
    made = f"{images.summary}: {', '.join(images.image_ids)}"
    notify.email(to=to, template="backup_result", body=made, result=[snapshots, copies])
    return [images.summary, snapshots.summary, copies.summary]
