from lambdas.parts import ec2, elb
from nightshift import flow

WEB = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/web/0123456789abcdef"


@flow(timeout="2h")
def patch_one_server(instance_id: str):
    """Take a web server out of the traffic, reboot it when its connections are drained, and put it back in."""
    out = elb.detach(target_group_arn=WEB, instance_id=instance_id)
    try:
        ec2.reboot_instances(instance_id=instance_id, status_check=True)
    finally:
        elb.attach(target_group_arn=WEB, instance_id=out.changed)
