from lambdas.parts import ec2, notify
from nightshift import Alarm, NightshiftError, flow


@flow(
    on_alarm=Alarm(
        "AWS/EC2:StatusCheckFailed_Instance", 1, instance_tag="AutoRecover=reboot", periods=3, at_most_one_per="1h"
    ),
    timeout="1h",
)
def reboot_instance(instance_id: str):
    """Reboot an instance whose own status check fails, wait until both checks pass, and mail how it went."""
    try:
        ec2.reboot_instances(instance_id=instance_id, status_check=True, timeout="20m")
        found = ec2.describe_instances(instance_id=instance_id)
    except NightshiftError as problem:
        notify.email(to="ops@example.com", subject=f"{instance_id} did not recover by a reboot", body=problem.cause)
        raise
    notify.email(to="ops@example.com", subject=f"{instance_id} was rebooted and is healthy", result=found)
