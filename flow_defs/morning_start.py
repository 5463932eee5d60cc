from lambdas.parts import ec2, notify
from nightshift import PartFailed, cron, flow


@flow(schedule=cron("30 7 ? * MON-FRI *", timezone="Asia/Tokyo"), timeout="1h")
def morning_start():
    """Start the office-hours instances on weekdays and wait until both of their status checks pass."""
    try:
        started = ec2.start_instances(tag="AutoOn=yes", status_check=True)
    except PartFailed as problem:
        notify.email(to="ops@example.com", subject="morning_start: not everything is up", body=problem.cause)
        raise
    return started.summary
