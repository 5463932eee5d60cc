from lambdas.parts import ec2, elb, notify
from nightshift import NightshiftError, flow, topic


@flow(on_alarm=topic(parameters={"instance_id": "InstanceId"}, at_most_one_per="1h"), timeout="4h")
def replace_instance(instance_id: str, load_balancer_name: str = "web"):
    """Put a new instance from the last image in the place of one behind the load balancer, and stop the old one."""
    try:
        elb.detach(load_balancer_name=load_balancer_name, instance_id=instance_id)
        new = ec2.run_instances(instance_id=instance_id, status_check=True)
        elb.attach(load_balancer_name=load_balancer_name, instance_id=new.instance_ids)
    except NightshiftError as problem:
        elb.attach(load_balancer_name=load_balancer_name, instance_id=instance_id, timeout="10m", on_failure="continue")
        notify.email(to="ops@example.com", subject=f"{instance_id} could not be replaced", body=problem.cause)
        raise
    ec2.create_tags(resource_id=instance_id, tags={"ReplacedBy": new.instance_ids[0]})
    stopped = ec2.stop_instances(instance_id=instance_id, timeout="30m", on_failure="continue")
    notify.email(to="ops@example.com", subject=f"{instance_id} was replaced", result=[new, stopped])
