from lambdas.parts import ec2, elb
from nightshift import flow

WEB = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/web/0123456789abcdef"


@flow(timeout="1h")
def one_more_server(instance_id: str):
    """Start a spare web server, and be done when the load balancer finds it healthy."""
    ec2.start_instances(instance_id=instance_id, status_check=True)
    elb.attach(target_group_arn=WEB, instance_id=instance_id, timeout="15m")
