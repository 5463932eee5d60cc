from lambdas.parts import ec2
from nightshift import flow


@flow(timeout="10m")
def hand_over(instance_id: str, owner: str):
    """Note the new owner of an instance on it."""
    ec2.create_tags(resource_id=instance_id, tags={"Owner": owner, "AutoOff": "yes"})
