from lambdas.parts import s3, ssm
from nightshift import flow


@flow(timeout="1h")
def take_over_the_configuration(bucket: str, instance_id: str):
    """Read which release is current, bring its configuration onto the instance, and let the service read it."""
    release = s3.get_object(bucket=bucket, key="current.txt").content
    s3.get_object(bucket=bucket, key=f"releases/{release}/*", instance_id=instance_id, path="/etc/app/")
    ssm.run_command(instance_id=instance_id, command="systemctl reload app", timeout="5m")
