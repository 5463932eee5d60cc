from lambdas.parts import ec2
from nightshift import flow


@flow(timeout="2h")
def second_web_server(instance_id: str):
    """Run another server from the last image of a web server, and wait until it has passed its checks."""
    return ec2.run_instances(instance_id=instance_id, status_check=True).instance_ids
