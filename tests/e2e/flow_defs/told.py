from lambdas.parts import ec2
from nightshift import cron, flow

TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:told"


@flow(
    title="Stop what is not there",
    schedule=cron("0 3 1 1 ? *", timezone="Asia/Tokyo"),
    start_by="03:15",
    notify=["oncall@example.com", TOPIC],
)
def stop_missing(instance_id: str = "i-0123456789abcdef0"):
    """Fail, because there is no such instance."""
    ec2.stop_instances(instance_id=instance_id)
