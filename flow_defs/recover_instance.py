from lambdas.parts import ec2, notify
from nightshift import NightshiftError, flow, topic


@flow(on_alarm=topic(parameters={"instance_id": "InstanceId"}), timeout="1h")
def recover_instance(instance_id: str):
    """Stop and start an instance whose alarm went off, so that it moves to healthy hardware, and mail how it went."""
    try:
        ec2.stop_instances(instance_id=instance_id, timeout="15m")
        ec2.start_instances(instance_id=instance_id, status_check=True, timeout="15m")
        found = ec2.describe_instances(instance_id=instance_id)
    except NightshiftError as problem:
        notify.email(to="ops@example.com", subject=f"{instance_id} could not be recovered", body=problem.cause)
        raise
    notify.email(to="ops@example.com", template="recover_result", result=found)
