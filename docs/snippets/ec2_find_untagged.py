from lambdas.parts import ec2, notify
from nightshift import cron, flow


@flow(schedule=cron("0 9 ? * MON *", timezone="Asia/Tokyo"), timeout="30m")
def forgotten_instances():
    """Mail the instances that have neither an owner nor a word about being switched off."""
    found = ec2.find_untagged(required=["Owner", "AutoOff"])
    if found.untagged:
        notify.email(to="ops@example.com", subject=f"{len(found.untagged)} instances lack tags", result=found)
