from lambdas.parts import ec2, notify
from nightshift import cron, flow


@flow(schedule=cron("0 22 * * ? *", timezone="Asia/Tokyo"), timeout="1h")
def stop_and_report():
    """Stop the office-hours instances, and mail which of them were stopped."""
    stopped = ec2.stop_instances(tag="AutoOff=yes")
    notify.email(to=["ops@example.com", "owner@example.com"], subject="stopped for the night", result=stopped)
