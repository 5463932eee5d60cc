from lambdas.parts import ebs, notify
from nightshift import cron, flow


@flow(schedule=cron("0 1 * * ? *", timezone="Asia/Tokyo"), timeout="6h")
def snapshots_of_the_night():
    """Snapshot all volumes of the tagged instances, keep seven generations, and report what failed."""
    made = ebs.create_snapshot(instance_tag="Backup=nightly", generation=7, on_failure="continue")
    if made.failed:
        notify.email(to="ops@example.com", result=made)
