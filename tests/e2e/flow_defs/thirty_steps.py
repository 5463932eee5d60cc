from lambdas.parts import ebs, ec2, notify
from nightshift import NightshiftError, flow, for_each, parallel, sleep


def _web_servers():
    ec2.describe_instances(tag="Role=web")
    ec2.describe_instances(tag="Role=web", require_match=False)
    return ec2.describe_instances(tag="Backup=nightly").matched


def _databases():
    ec2.describe_instances(tag="Role=db")
    return ebs.describe_snapshots(tag="Backup=nightly").matched


def _look_at(server: str):
    seen = ec2.describe_instances(instance_id=server)
    if seen.stopped:
        notify.email(to="ops@example.com", subject=f"{server} is stopped", body="Nobody needs to get up.")
    else:
        ec2.describe_instances(instance_id=server)
    return seen.summary


@flow
def thirty_steps(tag: str = "Backup=nightly", rounds: int = 2):
    """Every kind of statement, nested, with thirty steps."""
    ec2.describe_instances(tag=tag)
    try:
        first = ec2.describe_instances(tag=tag)
        try:
            parallel(_web_servers, _databases)
            for number in range(rounds):
                look = ec2.describe_instances(tag=tag)
                if look.stopped and number > 5:
                    ec2.describe_instances(tag=tag)
                    ec2.describe_instances(tag=tag)
                elif number == 1:
                    ec2.find_untagged(required=["Owner"])
                else:
                    ec2.describe_instances(tag=tag)
            seen = for_each(first.matched, _look_at, at_most=2)
            sleep(1)
        finally:
            ec2.describe_instances(tag=tag)
            ec2.describe_instances(tag=tag)
    except NightshiftError as problem:
        ec2.describe_instances(tag=tag)
        notify.email(to="ops@example.com", subject="thirty_steps failed", body=problem.cause)
        raise
    if not seen:
        notify.email(to="ops@example.com", subject="Nothing to look at", body="There was no server.")
        return 0
    while len(seen) > 100:
        ec2.describe_instances(tag=tag)
        seen = seen[1:]
    ec2.describe_instances(tag=tag)
    ec2.describe_instances(tag=tag)
    ec2.describe_instances(tag=tag)
    ec2.describe_instances(tag=tag)
    ec2.describe_instances(tag=tag)
    ec2.describe_instances(tag=tag)
    return len(seen)
