from lambdas.parts import ebs, ec2
from nightshift import flow, rate, sleep


@flow(timeout="2h")
def night():
    """Stop the test instance, back it up, give you twenty minutes, and start it again whatever happens."""
    stopped = ec2.stop_instances(tag="Try=nightshift", max_resources=2)
    try:
        snapshots = ebs.create_snapshot(instance_tag="Try=nightshift", generation=2)
        sleep("20m")
    finally:
        ec2.start_instances(instance_id=stopped.changed, status_check=True)
    return snapshots.summary


@flow(schedule=rate("5 minutes"))
def tick():
    """Be started by a schedule, often enough to watch."""
    return len(ec2.describe_instances(tag="Try=nightshift").matched)


@flow
def broken():
    """Stop the test instance, then fail, so that there is something to redrive."""
    stopped = ec2.stop_instances(tag="Try=nightshift", max_resources=2)
    try:
        ec2.create_tags(resource_id="i-0123456789abcdef0", tags={"Owner": "nobody"})
    finally:
        ec2.start_instances(instance_id=stopped.changed)
