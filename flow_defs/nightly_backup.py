from lambdas.parts import ebs, ec2, notify
from nightshift import cron, flow


@flow(schedule=cron("0 22 * * ? *", timezone="Asia/Tokyo"), timeout="3h")
def nightly_backup():
    """Stop the nightly group, snapshot its volumes, and always start again what was stopped."""
    stopped = ec2.stop_instances(tag="Backup=nightly")
    try:
        snapshots = ebs.create_snapshot(instance_tag="Backup=nightly", generation=7)
    finally:
        ec2.start_instances(instance_id=stopped.changed, status_check=True)
    notify.email(to="ops@example.com", template="snapshot_summary", result=snapshots)
