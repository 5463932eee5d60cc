from lambdas.parts import ec2, notify
from nightshift import NightshiftError, cron, flow


@flow(schedule=cron("0 20 ? * MON-FRI *", timezone="Europe/Berlin"), timeout="1h")
def evening_stop_with_a_page(topic_arn: str = "arn:aws:sns:eu-central-1:123456789012:operators"):
    """Stop the test systems, tell the team how it went, and page the operators when it went wrong."""
    try:
        stopped = ec2.stop_instances(tag="AutoOff=yes")
    except NightshiftError as problem:
        notify.publish(topic_arn=topic_arn, subject=f"{problem.error} at the evening stop", message=problem.cause)
        raise
    notify.publish(topic_arn=topic_arn, result=stopped)
