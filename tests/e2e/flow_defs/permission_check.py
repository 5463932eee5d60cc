from lambdas.parts import ec2, notify
from nightshift import NightshiftError, flow


@flow
def permission_check():
    """Stop and start the nightly group, and mail which run it was and how it went."""
    try:
        stopped = ec2.stop_instances(tag="Backup=nightly")
        ec2.start_instances(instance_id=stopped.changed)
    except NightshiftError as problem:
        notify.email(to="ops@example.com", subject="permission_check failed", body=problem.cause)
        raise
    notify.email(to="ops@example.com", result=stopped)
