from lambdas.parts import ec2
from nightshift import cron, flow


@flow(schedule=cron("0 3 1 1 ? *", timezone="Asia/Tokyo"), overlap="allow")
def crowded():
    """Start together with many others."""
    return len(ec2.describe_instances(tag="Backup=nightly").matched)
